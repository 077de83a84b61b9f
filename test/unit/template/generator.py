# SPDX-License-Identifier: Apache-2.0
"""Draws random small templates: expressions over the values of VARIABLES, and statements around them. Each is a pure
function of its seed. Left out is what can't be the same: addresses, sets of Python, integers beyond 64 bits."""
import json
import random

VARIABLES = json.dumps({
    "s": "Ab c", "t": "  x-y\n<Z>'é漢\"\t ", "e": "", "n": 3, "m": -7, "f": 2.5, "g": 0.1, "z": 0, "y": True, "o": None,
    "l": [3, 1, 2], "w": ["b", "A", "c", "a"], "d": {"k": 1, "b": [1, "x"], "items": "no", "K": {"k": None}}, "q": [],
    "p": {}, "r": [{"role": "user", "n": 2, "c": "Hi"}, {"role": "Bot", "n": 1, "c": None}, {"role": "user", "n": 1}],
    "x": [[1, 2], ["a", "b"], []]}, ensure_ascii=False)
NAMES = list(json.loads(VARIABLES)) + ["u", "loop", "ns", "a", "b"]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
TESTS = ["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping",
         "iterable", "sequence", "callable", "odd", "even", "lower", "upper", "escaped", "filter", "test"]
TESTS_OF_ONE = ["eq", "ne", "lt", "le", "gt", "ge", "in", "divisibleby", "equalto", "sameas"]
FILTERS = ["trim", "upper", "lower", "title", "capitalize", "string", "length", "count", "list", "first", "last", "reverse",
           "join", "sort", "unique", "dictsort", "items", "int", "float", "abs", "round", "sum", "min", "max", "tojson",
           "escape", "e", "safe", "wordcount", "indent", "default", "d", "urlencode", "forceescape", "truncate", "center",
           "filesizeformat"]
FILTERS_WITH = ["join(', ')", "join(s)", "default('D')", "default('D', true)", "replace('b', 'XX')", "replace('', '-', 2)",
                "indent(2)", "indent('> ', true, true)", "sort(reverse=true)", "sort(attribute='n')",
                "sort(attribute='role,n')", "sort(case_sensitive=true)", "map('upper')", "map(attribute='role')",
                "map(attribute='c', default='?')", "map('default', 'q', true)", "select", "select('string')", "reject('none')",
                "select('gt', 1)", "selectattr('n', 'eq', 1)", "selectattr('c')", "rejectattr('role', 'equalto', 'user')",
                "groupby('role')", "groupby('n')", "batch(2)", "batch(2, 'f')", "slice(2)", "slice(2, 'f')", "round(1)",
                "round(1, 'floor')", "round(2, 'ceil')", "int(9)", "int(0, 16)", "float(1.5)", "tojson(indent=1)",
                "tojson(sort_keys=true)", "tojson(ensure_ascii=true)", "tojson(indent=2, separators=(';', '='))",
                "dictsort(true)", "dictsort(by='value')", "dictsort(reverse=true)", "truncate(5)",
                "truncate(3, true, '')", "truncate(2, true, '', 0)", "center(9)", "trim('Ab')", "unique(true)",
                "unique(attribute='n')", "max(attribute='n')", "min(true)", "sum(attribute='n')", "sum(start=1)", "attr('upper')",
                "format(n, f)", "format(1)", "first|upper", "list|tojson", "list|length"]
METHODS = ["upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip()", "rstrip()",
           "strip('Ab ')", "split()", "split(' ')", "split('b', 1)", "rsplit(' ', 1)", "rsplit(maxsplit=1)", "splitlines()",
           "splitlines(true)", "startswith('A')", "endswith(('c', 'x'))", "startswith('b', 1)", "find('b')", "rfind('c', 1)",
           "index('b')", "count('b')", "count('')", "replace('b', 'BB')", "replace('', '.')", "replace('b', '', 1)",
           "join(w)", "join(l)", "zfill(6)", "center(8, '*')", "ljust(7)", "rjust(7, '-')", "partition(' ')", "rpartition('b')",
           "removeprefix('A')", "removesuffix('c')", "isalpha()", "isdigit()", "isalnum()", "isspace()", "islower()",
           "isupper()", "istitle()", "isascii()", "isprintable()", "isdecimal()", "expandtabs(4)", "get('k')", "get('v', 5)",
           "keys()", "values()", "items()", "copy()", "index(1)", "append(1)", "update({})", "format(1, k=2)", "nothing()"]
FORMATS = ["'%s'", "'%r'", "'%d'", "'%5.2f|%s'", "'%-5s|'", "'%05d'", "'%+d'", "'%x'", "'%e'", "'%g'", "'%%'", "'%(k)s'", "'%c'",
           "'%.2s'", "'%#o'", "'%i %s'", "'%5%'"]
NEW_FORMATS = ["'{}'", "'{0}{1}'", "'{!r}'", "'{:>6}'", "'{:^7}'", "'{:*<5}'", "'{:.2f}'", "'{:05d}'", "'{:,}'", "'{:x}'",
               "'{k}'", "'{0[k]}'", "'{0.k}'", "'{{}}'", "'{:+}'", "'{:%}'", "'{:e}'", "'{:{}}'", "'{'", "'{:_d}'", "'{:#x}'",
               "'{:g}'", "'{:=6}'"]
SLICES = ["0", "-1", "1", "9", "'k'", "'role'", "n", ":1", "1:", "::-1", "-2:", ":-1", "::2", "1:9:2", "-1:0:-1", "o:n", "0:0",
          "m:", ":m", "::m", "'a':", "f", "s:"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def template(self):
        return self.body(3)

    # Expressions.

    def expression(self, depth):
        if depth <= 0 or self.random.random() < 0.15:
            return self.atom()
        kind = self.random.choice([self.binary, self.binary, self.filtered, self.filtered, self.filtered, self.method,
                                   self.method, self.item, self.item, self.member, self.tested, self.tested, self.condition,
                                   self.literal, self.unary, self.formatted, self.called, self.compared])
        return kind(depth)

    def atom(self):
        r = self.random
        if r.random() < 0.7:
            return r.choice(NAMES)
        return r.choice(["1", "0", "2", "-3", "1.5", "1e3", "'a'", "'b'", "\"it's\"", "'x\\n\\u00e9'", "''", "true", "False",
                         "none", "None", "[]", "{}", "()", "10", "0x1f", "1_0", "'' 'c'"])

    def part(self, depth):
        text = self.expression(depth - 1)
        return text if self.random.random() < 0.3 and text.isalnum() else f"({text})"

    def binary(self, depth):
        return f"{self.part(depth)} {self.random.choice(BINARY)} {self.part(depth)}"

    def compared(self, depth):
        operators = self.random.choices(["<", "==", "<=", "!=", "in"], k=2)
        return f"{self.part(depth)} {operators[0]} {self.part(depth)} {operators[1]} {self.part(depth)}"

    def filtered(self, depth):
        r = self.random
        name = r.choice(FILTERS) if r.random() < 0.5 else r.choice(FILTERS_WITH)
        return f"{self.part(depth)}|{name}"

    def method(self, depth):
        subject = self.random.choice(["s", "t", "e", "d", "w", "l", self.part(depth)])
        return f"{subject}.{self.random.choice(METHODS)}"

    def item(self, depth):
        # Not of constants: Jinja2 takes a wrong slice of one for undefined where it folds it.
        subject = self.random.choice(["s", "t", "l", "w", "d", "r", "r[0]", "x", "o", "n", "u", "d.b", "l|list"])
        return f"({subject})[{self.random.choice(SLICES)}]"

    def member(self, depth):
        return f"{self.part(depth)}.{self.random.choice(['k', 'b', 'items', 'role', 'n', 'index', 'last', 'upper', '0', 'first', 'v'])}"

    def tested(self, depth):
        r = self.random
        word = r.choice(["is", "is not"])
        if r.random() < 0.6:
            return f"{self.part(depth)} {word} {r.choice(TESTS)}"
        return f"{self.part(depth)} {word} {r.choice(TESTS_OF_ONE)}({self.expression(depth - 1)})"

    def condition(self, depth):
        other = f" else {self.part(depth)}" if self.random.random() < 0.7 else ""
        return f"{self.part(depth)} if {self.part(depth)}{other}"

    def literal(self, depth):
        r = self.random
        items = [self.expression(depth - 2) for _ in range(r.randrange(3))]
        if r.random() < 0.4:
            return "[" + ", ".join(items) + "]"
        if r.random() < 0.4:
            return "(" + "".join(item + ", " for item in items) + ")"
        return "{" + ", ".join(f"{r.choice(['s', 'n', chr(39) + 'k' + chr(39), '1', '1.0', 'true', 'o'])}: {i}" for i in items) + "}"

    def unary(self, depth):
        return f"{self.random.choice(['-', '+', 'not '])}{self.part(depth)}"

    def formatted(self, depth):
        r = self.random
        if r.random() < 0.5:
            values = self.expression(depth - 2) if r.random() < 0.5 else "(" + self.atom() + ", " + self.atom() + ")"
            return f"{r.choice(FORMATS)} % ({values})"
        return f"{r.choice(NEW_FORMATS)}.format({self.atom()}, {self.atom()}, k={self.atom()})"

    def called(self, depth):
        r = self.random
        return r.choice([f"range({self.atom()})|list", "range(1, 9, 3)|list", "range(5, 0, -2)|join", f"dict(a={self.atom()})",
                         f"namespace(a={self.atom()}).a", f"mac({self.atom()})", f"mac({self.atom()}, b={self.atom()})",
                         f"mac(*{r.choice(['l', 'q', 'w'])})", "mac(**d)", "mac(a=1, b=2)", "range(3)", "range(0, 9, 2)[1:]",
                         "loop.cycle(1, 2)", "loop.changed(n)", "cyc.next()", "join_er()"])

    # Statements.

    def tag(self, text):
        r = self.random
        return "{%" + r.choice(["", "", "-", "+"]) + f" {text} " + r.choice(["", "", "-", "+"]) + "%}"

    def body(self, depth):
        return "".join(self.statement(depth) for _ in range(self.random.randrange(1, 4)))

    def statement(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.45:
            return self.output()
        return r.choice([self.condition_tag, self.loop, self.loop, self.assignment, self.assignment, self.block_assignment,
                         self.macro, self.call, self.with_tag, self.filter_tag, self.comment, self.raw, self.generation])(depth)

    def output(self):
        r = self.random
        before = r.choice(["", "", " ", "\n", "text", "\n  ", "a\n\n"])
        after = r.choice(["", "", " ", "\n", "  \n"])
        sign, end = r.choice(["", "", "-"]), r.choice(["", "", "-"])
        return f"{before}{{{{{sign} {self.expression(3)} {end}}}}}{after}"

    def condition_tag(self, depth):
        text = self.tag(f"if {self.expression(2)}") + self.body(depth - 1)
        if self.random.random() < 0.3:
            text += self.tag(f"elif {self.expression(1)}") + self.body(depth - 1)
        if self.random.random() < 0.5:
            text += self.tag("else") + self.body(depth - 1)
        return text + self.tag("endif")

    def loop(self, depth):
        r = self.random
        target = r.choice(["a", "a", "b", "a, b", "n", "(a, b)"])
        over = r.choice(["l", "w", "r", "x", "d", "s", "d.items()", "d|items", "range(3)", "q", "w|reverse", self.expression(2)])
        test = f" if {self.expression(1)}" if r.random() < 0.25 else ""
        recursive = " recursive" if r.random() < 0.1 else ""
        body = self.body(depth - 1)
        if recursive and r.random() < 0.7:
            body += "{{ loop(x) if loop.depth < 3 }}"
        if r.random() < 0.25:
            body += self.tag(f"if {self.expression(1)}") + self.tag(r.choice(["break", "continue"])) + self.tag("endif") + self.body(0)
        if r.random() < 0.4:
            body += "{{ loop.%s }}" % r.choice(["index", "index0", "first", "last", "length", "revindex", "revindex0", "previtem",
                                               "nextitem", "depth", "depth0"])
        other = self.tag("else") + self.body(depth - 1) if r.random() < 0.25 else ""
        return self.tag(f"for {target} in {over}{test}{recursive}") + body + other + self.tag("endfor")

    def assignment(self, depth):
        r = self.random
        target = r.choice(["a", "b", "n", "s", "l", "a, b", "ns.v", "u"])
        return self.tag(f"set {target} = {self.expression(2)}")

    def block_assignment(self, depth):
        r = self.random
        filters = r.choice(["", "", " | upper", " | trim | length", " | replace('a', 'b')"])
        return self.tag(f"set {r.choice(['a', 'b', 'ns.v'])}{filters}") + self.body(depth - 1) + self.tag("endset")

    def macro(self, depth):
        r = self.random
        name = r.choice(["mac", "mac", "mad"])
        parameters = r.choice(["", "a", "a, b", "a, b=2", "a=n, b=a", "a=1, *"]).removesuffix(", *")
        extra = r.choice(["", "", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller }}", "{{ mac.name }}{{ mac.arguments }}"])
        return self.tag(f"macro {name}({parameters})") + self.body(depth - 1) + extra + self.tag("endmacro")

    def call(self, depth):
        r = self.random
        parameters = r.choice(["", "", "(v)", "(a, b=1)"])
        return self.tag(f"call{parameters} mac({r.choice(['', '1', 'n, s'])})") + self.body(depth - 1) + self.tag("endcall")

    def with_tag(self, depth):
        names = self.random.choice([f"a={self.expression(1)}", f"a={self.expression(1)}, b=a", ""])
        return self.tag(f"with {names}") + self.body(depth - 1) + self.tag("endwith")

    def filter_tag(self, depth):
        name = self.random.choice(["upper", "trim", "indent(1)", "replace('a', s)", "length"])
        return self.tag(f"filter {name}") + self.body(depth - 1) + self.tag("endfilter")

    def generation(self, depth):
        return self.tag("generation") + self.body(depth - 1) + self.tag("endgeneration")

    def comment(self, depth):
        r = self.random
        return r.choice(["", "  ", "\n  "]) + "{#" + r.choice(["", "-", "+"]) + " c " + r.choice(["", "-", "+"]) + "#}" + r.choice(["", "\n", "  \n"])

    def raw(self, depth):
        return self.tag("raw") + " {{ x }} \n" + self.tag("endraw").replace("%}", "%}", 1)


PRELUDE = ("{% set ns = namespace(v=1) %}{% set cyc = cycler('x', 'y') %}{% set join_er = joiner('+') %}"
           "{% macro mac(a, b='B') %}<{{ a }}{{ b }}>{% endmacro %}")


def draw(seed):
    """(template, variables)"""
    return PRELUDE + Generator(seed).template(), VARIABLES
