# SPDX-License-Identifier: Apache-2.0
"""`llmc tokenize` against the `tokenizers` package: every kind of model and component, on text that is hard."""
import json
import os
import random

from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

import harness

CORPUS = ["Once upon a time there was a little girl who loved to play in the garden.",
          "The quick brown fox jumps over the lazy dog 1234567890 times, isn't it? Yes!",
          "naïve façade Ünïcödé ÅÄÖ 你好世界 こんにちは 안녕하세요 привет мир سلام שלום नमस्ते 🙂👍"]
LINES = ["", " ", "Hello, world!", "It's 2024—don't you know?  Two  spaces,\ttab.\r", "   leading and trailing   ",
         "naïve façade Ünïcödé ﬁ ligature Å A\u030a é e\u0301 ｆｕｌｌ", "你好，世界！こんにちは 안녕하세요 नमस्ते สวัสดี سلام",
         "🙂👩‍👩‍👧‍👦🇩🇪🏳️‍🌈 👍🏽", "def f(x):    return x**2 + 1e-5  # comment", "<s> </s>[CLS]a[SEP] [MASK]x <s>y z",
         "0123456789 3.14159 1,000,000 ١٢٣ ½", "a\u200bb\ufeffc d\u00ade\x00f\x7f", "X" * 150, "word " * 40,
         "I'M YOU'RE we've can't 'tis O'Neil''s ßẞİı", "\u1e9b\u0323 \ufb01 \u2460 \uac00\u1100\u1161 \u0958"]


def noise():
    """Characters of all scripts and classes, the same ones every time."""
    draw = random.Random(5)
    ranges = [(32, 127), (0xA0, 0x250), (0x300, 0x370), (0x590, 0x6FF), (0x900, 0x980), (0xE00, 0xE80), (0x1100, 0x1180),
              (0x2000, 0x2100), (0x3000, 0x3100), (0x4E00, 0x4E40), (0xAC00, 0xAC40), (0xF900, 0xFA00), (0xFE00, 0xFF60),
              (0x1F300, 0x1F650), (0xE0000, 0xE0080)]
    pool = [chr(c) for r in ranges for c in range(*r)]
    return ["".join(draw.choice(pool) if draw.random() < 0.6 else draw.choice("abcde  .,'19") for _ in range(length))
            for length in (1, 2, 5, 20, 60) for _ in range(20)]


def bpe(**options):
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def spm_bpe():
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=500, special_tokens=tokens, show_progress=False))
    data = json.loads(tokenizer.to_str())
    data["model"].update(byte_fallback=True, fuse_unk=True)
    data["added_tokens"] = data["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    return tokenizer


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(
        vocab_size=300, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(CORPUS * 3, trainers.UnigramTrainer(
        vocab_size=180, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False))
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def word_level(pre_tokenizer):
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(CORPUS + LINES, trainers.WordLevelTrainer(special_tokens=["<unk>"], show_progress=False))
    return tokenizer


GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
        r"\s+(?!\S)|\s+")


class Same(harness.Case):
    def same(self, tokenizer, lines=None):
        lines = lines if lines is not None else LINES + noise()
        os.makedirs(self.path("t"), exist_ok=True)
        tokenizer.save(self.path("t/tokenizer.json"))
        with open(self.path("lines"), "w", encoding="utf-8", newline="") as file:
            file.write("\n".join(lines))
        out = self.llmc("tokenize", self.path("t"), "--file", self.path("lines")).stdout.removesuffix("\n").split("\n")
        self.assertEqual(len(out), len(lines))
        for line, got in zip(lines, map(json.loads, out)):
            want = tokenizer.encode(line)
            self.assertEqual(got["ids"], want.ids, repr(line))
            self.assertEqual([tuple(o) for o in got["offsets"]], want.offsets, repr(line))
            self.assertEqual(got["decoded"], tokenizer.decode(want.ids), repr(line))

    def test_byte_level_bpe(self):
        for prefix, regex, trim in ((False, True, True), (True, True, False), (True, False, True)):
            tokenizer = bpe()
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
            tokenizer.decoder = decoders.ByteLevel()
            tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim)
            self.same(tokenizer)

    def test_split_by_regular_expressions(self):
        for pattern, behavior, invert in ((Regex(GPT4), "isolated", False), (Regex(r"\d"), "contiguous", False),
                                          (Regex(r"\s+"), "removed", False), (Regex(r"\p{L}+"), "isolated", True),
                                          (" ", "merged_with_previous", False), ("e", "merged_with_next", False)):
            tokenizer = bpe()
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
                pre_tokenizers.Split(pattern, behavior, invert), pre_tokenizers.ByteLevel(False, use_regex=False)])
            tokenizer.decoder = decoders.ByteLevel()
            self.same(tokenizer)

    def test_sentencepiece_bpe(self):
        self.same(spm_bpe())

    def test_word_piece(self):
        self.same(word_piece())
        for options in ({"lowercase": False}, {"strip_accents": True, "clean_text": False},
                        {"handle_chinese_chars": False, "strip_accents": False}):
            tokenizer = word_piece()
            tokenizer.normalizer = normalizers.BertNormalizer(**options)
            self.same(tokenizer)

    def test_unigram(self):
        self.same(unigram())
        for scheme in ("first", "never"):
            tokenizer = unigram()
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=scheme == "first")
            tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
            self.same(tokenizer)

    def test_normalizers(self):
        for normalizer in (normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD(),
                           normalizers.Lowercase(), normalizers.Strip(True, False), normalizers.Nmt(),
                           normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]),
                           normalizers.Replace(Regex(r"\s+"), "_"), normalizers.Replace("l", "LL"),
                           normalizers.Prepend("x"), normalizers.ByteLevel()):
            tokenizer = bpe()
            tokenizer.normalizer = normalizer
            if isinstance(normalizer, normalizers.ByteLevel):
                tokenizer.pre_tokenizer = None
            self.same(tokenizer)

    def test_pre_tokenizers(self):
        for pre_tokenizer in (pre_tokenizers.Whitespace(), pre_tokenizers.WhitespaceSplit(),
                              pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Punctuation(),
                              pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Digits(),
                              pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.CharDelimiterSplit("e"), pre_tokenizers.FixedLength(3),
                              pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)])):
            self.same(word_level(pre_tokenizer))
        # The package knows the scripts of an older Unicode, so no noise.
        self.same(word_level(pre_tokenizers.UnicodeScripts()), LINES)

    def test_added_tokens(self):
        tokenizer = bpe()
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.add_tokens([AddedToken("Hello", normalized=True), AddedToken("fox", single_word=True),
                              AddedToken("[MASK]", lstrip=True, normalized=False),
                              AddedToken("2024", rstrip=True, normalized=False)])
        tokenizer.add_special_tokens(["[CLS]", "[SEP]"])
        self.same(tokenizer, LINES + ["hello fox foxes [MASK]  2024  x", "[CLS]HELLO[SEP] 20245"])

    def test_truncation_and_padding(self):
        for direction in ("left", "right"):
            tokenizer = unigram()
            tokenizer.enable_truncation(8, stride=2, direction=direction)
            tokenizer.enable_padding(direction=direction, length=12, pad_id=2, pad_token="</s>")
            self.same(tokenizer)
        tokenizer = unigram()
        tokenizer.enable_padding(pad_to_multiple_of=8, pad_id=2, pad_token="</s>")
        self.same(tokenizer, LINES[:1])

    def test_bundled(self):
        self.same(Tokenizer.from_file(os.path.join(harness.TALES, "tokenizer.json")))


class Refused(harness.Case):
    def test_hostile_files(self):
        good = json.loads(word_piece().to_str())

        def changed(**fields):
            return json.dumps({**good, **fields})

        pattern = {"type": "Split", "behavior": "Isolated", "invert": False}
        for text, word in (("{", "tokenizer.json"), ("[" * 100000, "tokenizer.json"), ("[]", "object"),
                           (changed(model={"type": "BPE", "vocab": {}, "merges": ["a b"]}), "merge"),
                           (changed(model={"type": "WordLevel", "vocab": {"zq": -1}, "unk_token": "zq"}), "zq"),
                           (changed(model={"type": "WordLevel", "vocab": {"zq": 1 << 64}, "unk_token": "zq"}), "zq"),
                           (changed(normalizer={"type": "Frobnicate"}), "Frobnicate"),
                           (changed(normalizer={"type": "Precompiled", "precompiled_charsmap": "/////w=="}), "charsmap"),
                           (changed(pre_tokenizer={**pattern, "pattern": {"Regex": "[z-a]"}}), "[z-a]"),
                           (changed(decoder=7), "decoder")):
            with open(self.path("tokenizer.json"), "w", encoding="utf-8") as file:
                file.write(text)
            self.assertIn(word, self.llmc("tokenize", self.dir, "--text", "hello", code=2).error)

    def test_catastrophic_regular_expression_ends(self):
        tokenizer = bpe()
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("(a+)+b"), "isolated")
        tokenizer.save(self.path("tokenizer.json"))
        ids = json.loads(self.llmc("tokenize", self.dir, "--text", "a" * 5000).stdout)["ids"]
        self.assertEqual(len(ids), 5000)


harness.main()
