# SPDX-License-Identifier: Apache-2.0
"""Constraints against other programs: texts drawn for the schemas of schemas.json against jsonschema, patterns against
Python's re, grammars against lark.

  oracle_test.py --program build/release/bin/draw-texts --count 10000
"""
import argparse
import itertools
import json
import os
import random
import re
import subprocess

import lark

import schemas

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
TOKENIZER = os.path.join(ROOT, "examples", "models", "tales", "tokenizer.json")

# What is a match, ECMA-262 and Python say alike.
PATTERNS = ["^a*b?$", "a{2,3}", "^(ab|ba)+$", "^[^a]*$", "^a|b$", "^(?:a|(b|c)?)*$", "[b-c].[^b]", "^.{3}$", "", "^$", "\\\\|\"",
            "^a+?b{1,}$", "^[\\\\\"]+$", "x|^ab", "^(a?){3}$"]


class Drawer:
    def __init__(self, program):
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"no answer to {request}"
        return json.loads(answer)



def check_schemas(drawer, count, seed):
    """All drawn texts parse and are valid."""
    known = schemas.load()
    drawn, different = 0, 0
    for place, (name, schema) in enumerate(known.items()):
        wanted = count * (place + 1) // len(known) - count * place // len(known)
        texts = drawer.ask(schema=json.dumps(schema), draw=wanted, seed=seed, tokenizer=TOKENIZER)
        assert len(texts) == wanted
        for text in texts:
            problem = schemas.problem(schema, text)
            assert problem is None, f"{name}: {text}: {problem}"
        drawn += wanted
        different += len(set(texts))
    assert different > drawn / 2, "the texts are hardly different"
    print(f"{drawn} texts of {len(known)} schemas are valid, {different} of them different")


def check_patterns(drawer):
    texts = ["".join(t) for n in range(5) for t in itertools.product("abcx\\\"", repeat=n)][:1000]
    for pattern in PATTERNS:
        got = drawer.ask(schema=json.dumps({"type": "string", "pattern": pattern}), match=[json.dumps(t) for t in texts])
        for text, matches in zip(texts, got):
            assert matches == bool(re.search(pattern, text)), f"{pattern!r}: {text!r}: {matches}"
    print(f"{len(PATTERNS)} patterns: {len(texts)} texts each are found as by re")


class RandomGrammar:
    """A grammar in both notations. A rule is named only behind a letter, so that none begins with itself."""

    def __init__(self, rng):
        self.rng, self.rules = rng, 3
        self.bodies = [self.expression(3) for _ in range(self.rules)]

    def expression(self, depth):
        kind = self.rng.choice(["literal", "class"] if depth == 0 else ["literal", "class", "use", "sequence", "sequence", "choice",
                                                                         "choice", "repeat", "repeat"])
        if kind == "literal":
            text = "".join(self.rng.choices("abc", k=self.rng.randint(1, 2)))
            return f'"{text}"', f'"{text}"'
        if kind == "class":
            text = self.rng.choice(["[ab]", "[^a]", "[a-c]", "[bc]"])
            return text, f"/{text}/" if "^" not in text else "/[bc]/"
        if kind == "use":
            rule = self.rng.randrange(self.rules)
            letter = self.rng.choice("abc")
            return f'("{letter}" r{rule} | "{letter}")', f'("{letter}" r{rule} | "{letter}")'
        if kind == "repeat":
            part = self.expression(depth - 1)
            least, more = self.rng.randint(0, 2), self.rng.randint(0, 2)
            sign = self.rng.choice(["?", "*", "+", "{"])
            if sign != "{":
                return f"({part[0]}){sign}", f"({part[1]}){sign}"
            return f"({part[0]}){{{least},{least + more}}}", f"({part[1]})~{least}..{least + more}"
        parts = [self.expression(depth - 1) for _ in range(self.rng.randint(2, 3))]
        by = " " if kind == "sequence" else " | "
        return tuple("(" + by.join(part[side] for part in parts) + ")" for side in (0, 1))

    def gbnf(self):
        return "root ::= r0\n" + "".join(f"r{i} ::= {body[0]}\n" for i, body in enumerate(self.bodies))

    def lark(self):
        return "start: r0\n" + "".join(f"r{i}: {body[1]}\n" for i, body in enumerate(self.bodies))


def accepts(parser, text):
    try:
        parser.parse(text)
        return True
    except lark.exceptions.LarkError:
        return False


def check_grammars(drawer, count, seed):
    rng = random.Random(seed)
    texts = ["".join(t) for n in range(5) for t in itertools.product("abc", repeat=n)]
    yes = 0
    for _ in range(count):
        grammar = RandomGrammar(rng)
        parser = lark.Lark(grammar.lark(), parser="earley", lexer="dynamic_complete")
        chosen = rng.sample(texts, 60) + [""]
        for text, matches in zip(chosen, drawer.ask(grammar=grammar.gbnf(), match=chosen)):
            assert matches == accepts(parser, text), f"{grammar.gbnf()}{text!r}: {matches}"
            yes += matches
    assert 0.05 < yes / (61 * count) < 0.95
    print(f"{count} grammars: {61 * count} texts match as in lark, {yes} of them do")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, nargs="+", help="draw-texts, behind what emulates it")
    parser.add_argument("--count", type=int, default=520, help="of texts in all (default: 520)")
    parser.add_argument("--grammars", type=int, default=40, help="to draw (default: 40)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    drawer = Drawer(options.program)
    check_schemas(drawer, options.count, options.seed)
    check_patterns(drawer)
    check_grammars(drawer, options.grammars, options.seed)


main()
