# SPDX-License-Identifier: Apache-2.0
"""`llmc tokenize` gives the ids, offsets and decoded text that the tokenizers package gives. Tokenizers of every family
are trained here, and small ones go through every component; the texts are random (texts.py)."""
import json
import os
import unicodedata

from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

import harness
import texts

CORPUS = texts.corpus(seed=1)
TOKENS = ["<s>", "</s>", "[MASK]", " <|end|>", "<pad>", "ab", "[UNK]"]
LINES = texts.lines(250, seed=2, tokens=TOKENS) + [line.encode() for line in texts.HARD]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*"
         r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
BYTES = pre_tokenizers.ByteLevel.alphabet()


def around(tokenizer, first, last):
    """A post-processor that puts special tokens around a text."""
    special = [(t, tokenizer.token_to_id(t)) for t in (first, last)]
    return processors.TemplateProcessing(single=f"{first} $A {last}", pair=f"{first} $A {last} $B:1 {last}:1",
                                         special_tokens=special)


def byte_level(pattern=None, digits=False, prefix_space=False, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    steps = [pre_tokenizers.Digits(individual_digits=True)] if digits else []
    if pattern:
        steps.append(pre_tokenizers.Split(Regex(pattern), "isolated"))
    steps.append(pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=pattern is None))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    trainer = trainers.BpeTrainer(vocab_size=900, initial_alphabet=BYTES, special_tokens=["<s>", " <|end|>"],
                                  show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=prefix_space)
    return tokenizer


def word_piece(lowercase=True):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=30))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=800, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
                                        show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = around(tokenizer, "[CLS]", "[SEP]")
    return tokenizer


def unigram(byte_fallback=False):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    codes = [f"<0x{b:02X}>" for b in range(256)] if byte_fallback else []
    trainer = trainers.UnigramTrainer(vocab_size=700 + len(codes), unk_token="<unk>", show_progress=False,
                                      special_tokens=["<pad>", "</s>", "<unk>"])
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.Metaspace()
    if byte_fallback:
        state = json.loads(tokenizer.to_str())
        state["model"]["vocab"] += [[code, -20.5] for code in codes]
        state["model"]["byte_fallback"] = True
        tokenizer = Tokenizer.from_str(json.dumps(state))
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    return tokenizer


def word_level():
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(CORPUS, trainers.WordLevelTrainer(vocab_size=500, special_tokens=["[UNK]"],
                                                                    show_progress=False))
    return tokenizer


def metaspace_bpe(scheme=None):
    """As SentencePiece BPE is converted: unknown characters fall back to bytes. Without a scheme the normalizer writes
    the metaspaces, as in Llama-2."""
    codes = [f"<0x{b:02X}>" for b in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if scheme:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(vocab_size=1100, special_tokens=["<unk>", "<s>", "</s>"] + codes, show_progress=False,
                                  max_token_length=12)
    tokenizer.train_from_iterator([w for line in CORPUS for w in line.split()], trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [t for t in state["added_tokens"] if t["content"] not in codes]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = around(tokenizer, "<s>", "</s>")
    return tokenizer


def suffix_bpe():
    """As CLIP."""
    tokenizer = Tokenizer(models.BPE(unk_token="<|end|>", end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "),
                                                 normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[a-zà-öа-я]+|[0-9]|"
                                   r"[^\sa-zà-öа-я0-9]+"), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    trainer = trainers.BpeTrainer(vocab_size=900, initial_alphabet=BYTES, end_of_word_suffix="</w>",
                                  special_tokens=["<|end|>"], show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.decoder = decoders.BPEDecoder()
    return tokenizer


def words(normalizer=None, pre_tokenizer=None, decoder=None):
    """A small model behind one component; characters and a few words are known."""
    characters = sorted({c for line in CORPUS[:40] for c in line})
    vocabulary = {t: i for i, t in enumerate(["[UNK]", "##a", "##b", "the", "▁the", "Ġthe"] + characters)}
    vocabulary.update({f"##{c}": len(vocabulary) + i for i, c in enumerate(characters) if f"##{c}" not in vocabulary})
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder or decoders.WordPiece(cleanup=False)
    return tokenizer


N, P, D = normalizers, pre_tokenizers, decoders
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
NORMALIZERS = [N.NFC(), N.NFD(), N.NFKC(), N.NFKD(), N.Lowercase(), N.StripAccents(), N.Strip(), N.Strip(right=False), N.Nmt(),
               N.Replace("a", "bb"), N.Replace(Regex(r"[aeiou]\s*"), ""), N.Prepend("the"), N.ByteLevel(),
               N.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=True, lowercase=False),
               N.BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=True),
               N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase(), N.Prepend("▁")])]
PRE_TOKENIZERS = [P.BertPreTokenizer(), P.ByteLevel(), P.CharDelimiterSplit("e"), P.Metaspace(), P.Whitespace(),
                  P.Metaspace(prepend_scheme="first", split=False), P.WhitespaceSplit(), P.Digits(),
                  P.Digits(individual_digits=True), P.FixedLength(3), P.Sequence([P.WhitespaceSplit(), P.Metaspace()]),
                  P.Split(Regex(r"\w+|[^\w\s]+"), "removed", invert=True)]
PRE_TOKENIZERS += [P.Punctuation(b) for b in BEHAVIORS] + [P.Split(Regex(r"\s|th?"), b) for b in BEHAVIORS]
DECODERS = [D.BPEDecoder(suffix="e"), D.ByteLevel(), D.WordPiece(prefix="##", cleanup=True), D.Metaspace(), D.CTC("[UNK]", "t", True),
            D.Fuse(), D.Sequence([D.Replace(Regex("th?e"), "T"), D.Fuse(), D.Strip("a", 2, 1)]), D.Strip("e", 1, 0)]


class Tokenizers(harness.Case):
    def compare(self, tokenizer, name, lines=None, special=True):
        lines = LINES if lines is None else lines
        tokenizer.save(self.path("tokenizer.json"))
        tokenizer = Tokenizer.from_file(self.path("tokenizer.json"))  # which rounds scores
        with open(self.path("lines"), "wb") as file:
            file.write(b"\n".join(lines))
        run = self.llmc("tokenize", self.dir, "--file", self.path("lines"), *([] if special else ["--no-special"]))
        answers = [json.loads(line) for line in run.stdout.removesuffix("\n").split("\n")]
        self.assertEqual(len(answers), len(lines))
        for line, got in zip(lines, answers):
            want = tokenizer.encode(line.decode("utf-8", "replace"), add_special_tokens=special)
            self.assertEqual(got["ids"], want.ids, f"{name}: {line}")
            self.assertEqual([tuple(o) for o in got["offsets"]], want.offsets, f"{name}: {line}")
            text = tokenizer.decode(want.ids) if want.ids else ""  # the package's BPEDecoder dies of an empty list
            self.assertEqual(got["decoded"], text, f"{name}: {line}")

    def test_byte_level(self):
        self.compare(byte_level(), "gpt2")
        self.compare(byte_level(GPT2, digits=True), "smollm")
        self.compare(byte_level(prefix_space=True), "roberta")
        self.compare(byte_level(LLAMA3, ignore_merges=True), "llama3")
        self.compare(byte_level(QWEN2, normalizer=normalizers.NFC()), "qwen2")
        self.compare(byte_level(O200K), "o200k")

    def test_word_piece(self):
        self.compare(word_piece(), "uncased")
        self.compare(word_piece(lowercase=False), "cased")
        self.compare(word_piece(), "no special tokens", special=False)

    def test_unigram(self):
        self.compare(unigram(), "unigram")
        self.compare(unigram(byte_fallback=True), "unigram with bytes")

    def test_word_level(self):
        self.compare(word_level(), "word level")

    def test_metaspace_bpe(self):
        for scheme in (None, "first", "always", "never"):
            self.compare(metaspace_bpe(scheme), f"metaspace {scheme}")

    def test_suffix_bpe(self):
        self.compare(suffix_bpe(), "suffix")

    def test_bundled(self):
        self.compare(Tokenizer.from_file(os.path.join(harness.TALES, "tokenizer.json")), "tales")

    def test_components(self):
        lines = LINES[:80]
        for normalizer in NORMALIZERS:
            self.compare(words(normalizer=normalizer, pre_tokenizer=P.Whitespace()), normalizer, lines)
        for pre_tokenizer in PRE_TOKENIZERS:
            self.compare(words(pre_tokenizer=pre_tokenizer), pre_tokenizer, lines)
        # The package's table of scripts is old.
        old = [line for line in lines if all(unicodedata.ucd_3_2_0.category(c) != "Cn" for c in line.decode("utf-8", "replace"))]
        self.compare(words(pre_tokenizer=P.UnicodeScripts()), "scripts", old)
        for decoder in DECODERS:
            self.compare(words(pre_tokenizer=P.Whitespace(), decoder=decoder), decoder, lines)

    def test_every_code_point(self):
        points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and chr(c) != "\n"]
        lines = ["a".join(points[i:i + 64]).encode() for i in range(0, len(points), 64)]
        for pre_tokenizer in (P.Digits(individual_digits=True), P.Punctuation("isolated"), P.Split(Regex(r"\w+"), "isolated")):
            self.compare(words(pre_tokenizer=pre_tokenizer), pre_tokenizer, lines)
        for normalizer in (N.Sequence([N.NFKD(), N.StripAccents(), N.Lowercase()]), N.BertNormalizer(strip_accents=True)):
            tokenizer = Tokenizer(models.BPE({f"<0x{byte:02X}>": byte for byte in range(256)}, [], byte_fallback=True))
            tokenizer.normalizer = normalizer
            self.compare(tokenizer, normalizer, lines)

    def test_added_tokens(self):
        tokenizer = word_piece()
        tokenizer.add_tokens([AddedToken("ab", single_word=True), AddedToken("The", normalized=True),
                              AddedToken("</s>", lstrip=True, rstrip=True, normalized=False),
                              AddedToken("éé", normalized=True)])
        tokenizer.add_special_tokens([AddedToken("<s>", rstrip=True), AddedToken("[MASK]", lstrip=True)])
        lines = LINES + [b"ab abab ab. THE the The  </s>  x <s>   y [MASK]", "ÉÉ e\u0301é".encode(), b"a [MASK] [MASK]</s>"]
        self.compare(tokenizer, "added tokens", lines)

    def test_truncation_and_padding(self):
        for side in ("left", "right"):
            tokenizer = word_piece()
            tokenizer.enable_truncation(12, direction=side)
            tokenizer.enable_padding(direction=side, pad_to_multiple_of=8, pad_id=0, pad_token="[PAD]")
            self.compare(tokenizer, f"truncation {side}")
            tokenizer.enable_truncation(8, stride=2, direction=side)
            tokenizer.enable_padding(direction=side, length=12, pad_id=0, pad_token="[PAD]")
            self.compare(tokenizer, f"truncation with a stride, {side}")

    def test_merges_as_pairs_and_as_lines(self):
        tokenizer = byte_level()
        state = json.loads(tokenizer.to_str())
        state["model"]["merges"] = [" ".join(m) for m in state["model"]["merges"]]
        with open(self.path("tokenizer.json"), "w", encoding="utf-8") as file:
            json.dump(state, file)
        run = self.llmc("tokenize", self.dir, "--text", "the world's old")
        self.assertEqual(json.loads(run.stdout)["ids"], tokenizer.encode("the world's old").ids)


class Refused(harness.Case):
    def test_hostile_files(self):
        good = json.loads(word_level().to_str())

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
        tokenizer = byte_level()
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("(a+)+b"), "isolated")
        tokenizer.save(self.path("tokenizer.json"))
        run = self.llmc("tokenize", self.dir, "--text", "a" * 5000)
        self.assertEqual(json.loads(run.stdout)["decoded"], "a" * 5000)


harness.main()
