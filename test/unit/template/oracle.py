# SPDX-License-Identifier: Apache-2.0
"""Jinja2 with the settings of `transformers`, the program that renders our way, and the comparison of both."""
import datetime
import functools
import json
import subprocess

import jinja2
import jinja2.ext
import jinja2.sandbox

NOW = datetime.datetime(2025, 7, 26, 12)


class Generation(jinja2.ext.Extension):
    """{% generation %}, which only marks its text for training."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_text"), [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                                       extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda format: NOW.strftime(format)
    return env


ENVIRONMENT = environment()


@functools.lru_cache(16)
def compiled(template):
    """(Jinja2's template, None), or (None, why it refuses)."""
    try:
        return ENVIRONMENT.from_string(template), None
    except Exception as error:  # of any kind: Python's own reach out of a template
        return None, f"{type(error).__name__}: {error}"


def expected(template, variables):
    """(text, None), or (None, why Jinja2 refuses)."""
    made, refusal = compiled(template)
    if refusal:
        return None, refusal
    try:
        return made.render(**json.loads(variables)), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


class Program:
    """The program of RenderTemplates.cpp, which answers line by line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def render(self, template, variables):
        """(code, text or error)"""
        request = json.dumps({"template": template, "variables": variables})
        self.process.stdin.write(request.encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the program ended with {self.process.wait()} on {request}")
        answer = json.loads(answer)
        return answer["code"], answer.get("text", answer.get("error"))

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

