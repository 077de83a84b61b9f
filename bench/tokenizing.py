# SPDX-License-Identifier: Apache-2.0
"""Speed of tokenizing against the tokenizers package: one thread, ids only, line by line, from the same tokenizer.json;
CPU time, which other programs disturb little. The text is this repository's own; tokenizers of every family are trained
on it. A row has the medians of rounds in alternating order and their ratio (above 1: llmc is faster).

    tokenizing.py [--only NAME] [--rounds N] [--tokenizer FOLDER...]
"""
import os

os.environ.update(TOKENIZERS_PARALLELISM="false", RAYON_NUM_THREADS="1")
import argparse
import glob
import statistics
import subprocess
import sys
import tempfile
import time

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")


def corpus():
    names = sorted(n for kind in ("md", "h", "cpp", "td", "py", "mlir")
                   for n in glob.glob(os.path.join(ROOT, "*", "**", "*." + kind), recursive=True)
                   if not n.startswith(os.path.join(ROOT, "build")))
    text = []
    for name in names:
        with open(name, encoding="utf-8") as file:
            text.append(file.read())
    return "\n".join(text)


def train(model, trainer, lines, pre_tokenizer=None, normalizer=None):
    tokenizer = Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def byte_level(lines, *steps):
    trainer = trainers.BpeTrainer(vocab_size=12000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    return train(models.BPE(), trainer, lines, pre_tokenizers.Sequence(list(steps)))


def word_piece(lines):
    trainer = trainers.WordPieceTrainer(vocab_size=8000, special_tokens=["[UNK]", "[CLS]", "[SEP]"], show_progress=False)
    tokenizer = train(models.WordPiece(unk_token="[UNK]"), trainer, lines, pre_tokenizers.BertPreTokenizer(),
                      normalizers.BertNormalizer())
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return tokenizer


def unigram(lines):
    trainer = trainers.UnigramTrainer(vocab_size=8000, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False)
    return train(models.Unigram(), trainer, lines, pre_tokenizers.Metaspace(), normalizers.NFKC())


def metaspace(lines):
    trainer = trainers.BpeTrainer(vocab_size=8000, special_tokens=["<unk>"], show_progress=False)
    words = (w for line in lines for w in line.split())
    tokenizer = train(models.BPE(unk_token="<unk>", fuse_unk=True), trainer, words)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return tokenizer


FAMILIES = {
    "gpt2": lambda lines: byte_level(lines, pre_tokenizers.ByteLevel(add_prefix_space=False)),
    "llama3": lambda lines: byte_level(lines, pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
                                       pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)),
    "bert": word_piece,
    "unigram": unigram,
    "llama2": metaspace,
}


class Ours:
    def __init__(self, program, tokenizer, text):
        self.process = subprocess.Popen([program, tokenizer, text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, *result = self.process.stdout.readline().split()
        return float(seconds), tuple(map(int, result))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Package:
    def __init__(self, tokenizer, lines):
        self.tokenizer, self.lines = Tokenizer.from_file(tokenizer), lines

    def round(self):
        start = time.process_time()
        encodings = self.tokenizer.encode_batch_fast(self.lines)
        seconds = time.process_time() - start
        return seconds, (sum(map(len, encodings)), sum(sum(e.ids) for e in encodings))


def measure(name, tokenizer, text, args):
    with open(text, encoding="utf-8") as file:
        lines = file.read().split("\n")
    megabytes = os.path.getsize(text) / 1e6
    ours, theirs = Ours(args.program, tokenizer, text), Package(tokenizer, lines)
    sides, samples = [ours, theirs], [[], []]
    for i in range(args.rounds + 1):
        results = {}
        for which in ((0, 1) if i % 2 else (1, 0)):
            seconds, results[which] = sides[which].round()
            if i:  # the first round warms up
                samples[which].append(megabytes / seconds)
        if results[0] != results[1]:
            sys.exit(f"{name}: the ids differ: {results}")
    ours.close()
    got, want = map(statistics.median, samples)
    print(f"{name:24}{got:10.2f}{want:12.2f} MB/s {got / want:7.2f}x", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tokenizer", nargs="*", default=[], help="folders with a tokenizer.json, measured as well")
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "bin", "llmc-tokenizer-bench"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        text, file = os.path.join(work, "text"), os.path.join(work, "tokenizer.json")
        with open(text, "w", encoding="utf-8") as out:
            out.write(corpus())
        with open(text, encoding="utf-8") as source:
            lines = source.read().split("\n")
        print(f"{os.path.getsize(text) / 1e6:.1f} MB, 1 thread, medians of {args.rounds}")
        print(f"{'':24}{'llmc':>10}{'tokenizers':>12}{'':6}{'ratio':>8}")
        for name, make in FAMILIES.items():
            if args.only in name:
                make(lines).save(file)
                measure(name, file, text, args)
        for folder in args.tokenizer:
            measure(os.path.basename(folder), os.path.join(folder, "tokenizer.json"), text, args)


main()
