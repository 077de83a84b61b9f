# SPDX-License-Identifier: Apache-2.0
"""Texts for the tests of tokenizers: words to train on, and random lines that mix scripts, code, emoji, white space,
characters that normalizers change, and bytes that are no UTF-8."""
import random

WORDS = ("the of and to in is was he for it with as his on be at by had not are but from or have an they which one you "
         "were all her she there would their we him been has when who will no more if out so up said what its about "
         "than into them can only other time new some could these two may first then do any like my now over such our "
         "man me even most made after also did many off before must well back through years much where your way down "
         "should because long each just state those people too mr little very good world make still see own work "
         "naïve café Müller straße œuvre ångström señor façade Σίσυφος λόγος привет мир Москва שלום עולם مرحبا العالم "
         "नमस्ते दुनिया สวัสดี ชาวโลก 你好 世界 東京 こんにちは カタカナ 안녕 세계 ẞ ﬁne ①② Ⅻ ½ ™").split()
CODE = ["def f(x):", "\treturn x**2", "for (int i = 0; i < n; ++i) {", "if x != None:", "a->b[3] |= 0xFF;", "}", "//",
        "/* why */", "self.fooBarBaz = 'don\\'t'", "SELECT * FROM t WHERE id=42;", "<div class=\"a\">", "http://a.b/c?d=e&f#g"]
EMOJI = "😀 😂 ❤️ 👍🏽 👨‍👩‍👧‍👦 🇩🇪 🏳️‍🌈 ☃ ✈️ 🤦🏼‍♂️".split()
# White space of all kinds, among them some that only Unicode or only Python calls so.
SPACES = [" ", "  ", "   ", "\t", "\r", "\u00a0", "\u3000", "\u2009", "\u200a", "\u1680", "\u2028", "\u0085", "\x0b",
          "\x0c", "\x1c", "\u200b", "\ufeff"]
# Combining marks, ligatures, controls, private use, noncharacters, the ends of the planes, what casing changes in size.
ODD = ["e\u0301", "a\u0308\u0323", "\u0344", "ﷺ", "Å", "\u1e9b\u0323", "각", "\u1100\u1161\u11a8", "İ", "ß", "ǅ", "ς", "\u0345",
       "\x00", "\x07", "\x7f", "\u00ad", "\u200d", "\u202e", "\ue000", "\ufffd", "\uffff", "\U0010ffff", "\U000e0001",
       "▁", "▁▁", "Ġ", "Ċ", "##", "</w>", "<0x41>", "\u3007", "〇", "々", "𝔘𝔫𝔦", "ﾊﾝｶｸ", "𐍈", "߷", "\u0600", "٣", "५", "²", "๓",
       "\u0e33", "\u0f0c", "…", "—", "“q”", "¿", "「", "\u2060", "\ufe0f"]
CONTRACTIONS = ["don't", "I'll", "they'RE", "we've", "'s", "it'S", "d'accord", "rock'n'roll", "’tis", "can’t"]
BROKEN = [b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xe2\x28\xa1",
          b"\xf8\x88\x80\x80\x80"]

# Lines that are hard in a way each.
HARD = ["", " ", "Hello, world!", "It's 2024—don't you know?  Two  spaces,\ttab.\r", "   leading and trailing   ",
        "naïve façade Ünïcödé ﬁ ligature Å A\u030a é e\u0301 ｆｕｌｌ", "你好，世界！こんにちは 안녕하세요 नमस्ते สวัสดี سلام",
        "🙂👩‍👩‍👧‍👦🇩🇪🏳️‍🌈 👍🏽", "def f(x):    return x**2 + 1e-5  # comment", "<s> </s>[CLS]a[SEP] [MASK]x <s>y z",
        "0123456789 3.14159 1,000,000 ١٢٣ ½", "a\u200bb\ufeffc d\u00ade\x00f\x7f", "X" * 150, "word " * 40,
        "I'M YOU'RE we've can't 'tis O'Neil''s ßẞİı", "\u1e9b\u0323 \ufb01 \u2460 \uac00\u1100\u1161 \u0958"]


def word(r):
    w = r.choice(WORDS)
    return r.choice([w, w, w, w.upper(), w.capitalize(), w + r.choice(WORDS)])


def number(r):
    return r.choice([str(r.randrange(10 ** r.randrange(1, 9))), f"{r.random():.3f}", f"1,{r.randrange(1000):03},000", "3.14e-10"])


def any_character(r):
    """A random code point that is no surrogate and no line feed."""
    return chr(r.choice([r.randrange(0x20, 0x250), r.randrange(0x250, 0xd800), r.randrange(0xe000, 0x10000),
                         r.randrange(0x10000, 0x20000), r.randrange(0x20000, 0x110000)]))


def piece(r, tokens):
    kind = r.randrange(20)
    if kind < 8:
        return word(r)
    makers = [lambda: number(r), lambda: r.choice(CODE), lambda: r.choice(EMOJI), lambda: r.choice(SPACES),
              lambda: r.choice(ODD), lambda: r.choice(CONTRACTIONS), lambda: any_character(r), lambda: r.choice("!?.,;:()[]{}-_'\"/\\@#$%^&*+=~`|<>"),
              lambda: r.choice("ab!. 漢é") * r.randrange(2, 40), lambda: r.choice(tokens) if tokens else word(r)]
    return makers[r.randrange(len(makers))]()


def line(r, tokens=()):
    """The bytes of one line, most often valid UTF-8. `tokens` are strings that should appear now and then."""
    out = []
    for _ in range(r.choice([0, 1, 2, 5, 10, 20])):
        out.append(piece(r, tokens).encode())
        if r.random() < 0.6:
            out.append(b" ")
        if r.random() < 0.01:
            out.append(r.choice(BROKEN))
    return b"".join(out).replace(b"\n", b"")


def lines(count, seed, tokens=()):
    r = random.Random(seed)
    return [line(r, tokens) for _ in range(count)]


def corpus(seed, count=400):
    """Valid text to train on, with words far more often than the rest."""
    r = random.Random(seed)
    return [" ".join(word(r) if r.random() < 0.8 else piece(r, ()) for _ in range(30)) for _ in range(count)]
