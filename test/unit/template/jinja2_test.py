#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders templates here and with Jinja2, as `transformers` sets it up: both give the same text or both refuse.

Templates of every family over conversations of every shape, small templates on one subject each (cases.txt), what Unicode
does to texts, and random templates: `--seed 7 --count 100000` draws others than the test does."""
import argparse
import json
import os
import sys
import unicodedata

import conversations
import generator
import oracle

HERE = os.path.dirname(os.path.abspath(__file__))
# What Jinja2 does and this refuses on purpose; see docs/templates.md.
REFUSED = ("an integer beyond 64 bits", "has no text that is the same in every run", "is not supported", "is unsafe.",
           "a complex number", "marked as safe", "a format with a precision and without a type", "beyond 64 bits",
           "a slice beside other indices")


class Comparison:
    def __init__(self, program):
        self.program, self.count, self.texts, self.skipped, self.problems = program, 0, 0, 0, []

    def check(self, name, template, variables):
        self.count += 1
        text, refusal = oracle.expected(template, variables)
        code, got = self.program.render(template, variables)
        self.texts += refusal is None
        if code not in (0, 2, 3, 5):
            self.problems.append(f"{name}: exit code {code}: {got}")
        elif code and refusal is None and any(got.endswith(end) or end in got for end in REFUSED):
            self.skipped += 1
        elif (code == 0) != (refusal is None) or (code == 0 and got != text):
            self.problems.append(f"{name}\ntemplate: {template!r}\nvariables: {variables[:2000]}\nJinja2: {text!r} "
                                 f"{refusal or ''}\nours:   {got!r} (exit code {code})")


def check_families(comparison):
    folder = os.path.join(HERE, "families")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            template = file.read()
        before = comparison.texts
        for conversation, variables in conversations.variables():
            comparison.check(f"{name} on {conversation}", template, variables)
        if comparison.texts - before < 5:
            comparison.problems.append(f"{name}: renders almost nothing")


def cases():
    """cases.txt: a template a line, as a JSON text where it has quotes around it; # begins a comment."""
    with open(os.path.join(HERE, "cases.txt"), encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line and not line.startswith("#"):
                yield json.loads(line) if line.startswith('"') else line


def check_cases(comparison):
    for template in cases():
        comparison.check("cases.txt", template, generator.VARIABLES)


def check_unicode(comparison):
    """Characters that Python's Unicode has, in blocks: what each function makes of them."""
    assigned = [chr(c) for c in range(0x30000) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    functions = ("c.upper() ~ c.lower() ~ c.title() ~ c.capitalize() ~ c.swapcase()", "c.casefold()",
                 "[c.isalpha(), c.isdigit(), c.isdecimal(), c.isalnum(), c.isspace(), c.islower(), c.isupper(), c.istitle()]",
                 "c.isprintable()", "[c]", "('a' ~ c).strip() ~ (c ~ 'a').split()|length", "c|length ~ c[::-1]",
                 "c|tojson ~ c|tojson(ensure_ascii=true)", "('Σ' ~ c).lower() ~ ('a' ~ c ~ 'Σ').lower()")
    for start in range(0, len(assigned), 512):
        variables = json.dumps({"block": assigned[start:start + 512]})
        for function in functions:
            comparison.check(f"Unicode from {ord(assigned[start]):x}",
                             "{% for c in block %}{{ " + function + " }}|{% endfor %}", variables)


def check_random(comparison, seed, count):
    for number in range(count):
        template, variables = generator.draw(f"{seed}.{number}")
        comparison.check(f"random {seed}.{number}", template, variables)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, nargs="+", help="render-templates, behind what emulates it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1500, help="random templates")
    parser.add_argument("--random-only", action="store_true")
    args = parser.parse_args()
    program = oracle.Program(args.program)
    comparison = Comparison(program)
    if not args.random_only:
        check_families(comparison)
        check_cases(comparison)
        check_unicode(comparison)
    check_random(comparison, args.seed, args.count)
    program.close()
    for problem in comparison.problems[:20]:
        print(problem, file=sys.stderr)
    print(f"{comparison.count} renderings, {comparison.texts} of them to a text, {comparison.skipped} that only Jinja2 takes, "
          f"{len(comparison.problems)} differences")
    # Where almost everything is refused or left out, nothing was compared.
    enough = comparison.texts > comparison.count // 4 and comparison.skipped < comparison.count // 10
    sys.exit(0 if not comparison.problems and enough else 1)


if __name__ == "__main__":
    main()
