# SPDX-License-Identifier: Apache-2.0
"""Makes a small model of sentence embeddings: make_model.py TEXTS FOLDER. Words that stand in the same texts get similar
vectors (latent semantic analysis: a singular value decomposition of which word is in which text). Written as exporters
do: an ONNX file that looks up the words, a tokenizer, and modules.json, which says that a text is the mean of its words,
scaled to length one."""
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

SIZE = 12


def make_tokenizer(texts):
    """Words in lower case; unknown ones are token 0."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("removed")])
    words = sorted({word for text in texts for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text.lower())})
    tokenizer.model = models.WordLevel({"[UNK]": 0, **{word: i + 1 for i, word in enumerate(words)}}, unk_token="[UNK]")
    return tokenizer


def word_vectors(tokenizer, texts):
    """[words, SIZE]; words that stand in few texts weigh more, unknown ones nothing."""
    counts = np.zeros((tokenizer.get_vocab_size(), len(texts)))
    for column, text in enumerate(texts):
        for word in tokenizer.encode(text).ids:
            counts[word, column] += 1
    rarity = np.log((1 + len(texts)) / (1 + (counts > 0).sum(1, keepdims=True)))
    left, singular, _ = np.linalg.svd(counts * rarity, full_matrices=False)
    return (left * singular * rarity)[:, :SIZE].astype(np.float32)


def main(source, folder):
    texts = pathlib.Path(source).read_text(encoding="utf-8").splitlines()
    tokenizer = make_tokenizer(texts)
    table = word_vectors(tokenizer, texts)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["words", "input_ids"], ["last_hidden_state"])], "words",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", SIZE])],
        [numpy_helper.from_array(table, "words")])
    folder = pathlib.Path(folder)
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    tokenizer.save(str(folder / "tokenizer.json"))
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
               {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
               {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    pooling = {"word_embedding_dimension": SIZE, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
