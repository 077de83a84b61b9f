# SPDX-License-Identifier: Apache-2.0
"""Chat templates from a folder, an artifact and a program: the same text, which is Jinja2's, and what is refused."""
import json
import os
import shutil
import sys

import harness

sys.path.insert(0, os.path.join(harness.ROOT, "test", "unit", "template"))
import conversations  # noqa: E402
import oracle  # noqa: E402

MODEL = os.path.join(harness.MODELS, "genai_llama_fp32")
FAMILIES = os.path.join(harness.ROOT, "test", "unit", "template", "families")
NOON = "2025-07-26T12:00"
TOKENS = {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}}


def family(name):
    with open(os.path.join(FAMILIES, name + ".jinja"), encoding="utf-8") as file:
        return file.read()


class Templates(harness.Case):
    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def folder(self, name, **files):
        for file, content in files.items():
            self.write(f"{name}/{file.replace('__', '/')}", content)
        return self.path(name)

    def render(self, path, conversation, *options, code=0):
        messages = self.write("messages.json", conversation)
        return self.llmc("template", path, "--messages", messages, "--date", NOON, *options, code=code)


class Sources(Templates):
    def test_folder_artifact_and_library_agree(self):
        model = self.path("model")
        shutil.copytree(MODEL, model)
        self.write("model/tokenizer_config.json", {**TOKENS, "chat_template": "not this one"})
        self.write("model/chat_template.jinja", family("thinking"))
        self.write("model/additional_chat_templates/schema.jinja", family("schema"))
        artifact = self.compile(model)
        loaded = None if os.environ.get("LLMC_SANITIZE") == "1" else harness.library().open(artifact)
        for name, variables in conversations.variables():
            given = json.loads(variables)
            for template, options in (("thinking", []), ("schema", ["--name", "schema"])):
                text, refusal = oracle.expected(family(template), json.dumps(given))
                if name == "no special tokens":  # these come from the folder
                    text, refusal = oracle.expected(family(template), json.dumps({**given, "bos_token": "<s>", "eos_token": "</s>"}))
                for path in (model, artifact):
                    run = self.render(path, given, *options, code=2 if refusal else 0)
                    self.assertEqual(run.stdout, text or "", f"{name}: {template} of {path}: {run.stderr}")
                if loaded and not refusal and "strftime_now" not in family(template):
                    for capacity in (0, 1 << 20):
                        self.assertEqual(loaded.apply_chat_template(variables, template if options else None,
                                                                    capacity=capacity), text)
        self.assertEqual(sorted(json.loads(self.render(artifact, [], "--json").stdout)["templates"]), ["default", "schema"])

    def test_generation_prompt_tools_and_standard_input(self):
        folder = self.folder("f", **{"chat_template.jinja": "{{ messages|length }}{{ tools }}{{ add_generation_prompt }}"})
        self.assertEqual(self.render(folder, []).stdout, "0NoneTrue")
        self.assertEqual(self.render(folder, [], "--no-generation-prompt").stdout, "0NoneFalse")
        self.assertEqual(self.render(folder, {"messages": [], "add_generation_prompt": False}).stdout, "0NoneFalse")
        tools = self.write("tools.json", [1])
        self.assertEqual(self.render(folder, [1], "--tools", tools).stdout, "1[1]True")
        run = self.llmc("template", folder, "--messages", "-", input=b"[1, 2]")
        self.assertEqual(run.stdout, "2NoneTrue")

    def test_the_date(self):
        folder = self.folder("f", **{"chat_template.jinja": "{{ strftime_now('%d %b %Y, %H:%M, %A') }}"})
        self.assertEqual(self.render(folder, []).stdout, "26 Jul 2025, 12:00, Saturday")
        messages = self.write("messages.json", [])
        for date in ("2025-02-30", "x", "2025-07-26T", "25/07/2025"):
            self.assertIn("no date", self.llmc("template", folder, "--messages", messages, "--date", date, code=2).error)


class Refused(Templates):
    def test_errors_name_file_and_line(self):
        folder = self.folder("f", **{"chat_template.jinja": "a\n{{ raise_exception('no \x1b[31m' ~ messages[0].role) }}"})
        error = self.render(folder, [{"role": "critic"}], code=2).error
        self.assertTrue(error.endswith(r"f/chat_template.jinja: line 2: no \x1b[31mcritic"), error)
        folder = self.folder("g", **{"tokenizer_config.json": {"chat_template": "{{ x"}})
        self.assertIn("g/tokenizer_config.json: chat_template: line 1: ", self.render(folder, [], code=2).error)
        self.assertIn("has no chat template", self.render(self.folder("h", **{"x": ""}), [], code=2).error)
        self.assertIn("messages.json: not valid JSON at byte", self.render(self.path("f"), "[1,", code=2).error)
        self.assertIn("absent", self.llmc("template", self.path("f"), "--messages", self.path("absent"), code=2).error)
        self.render(self.path("f"), "[" * 100, code=5)
        self.render(MODEL, [], "--name", "none", code=2)

    def test_a_wrong_template_is_said_when_compiling(self):
        model = self.path("model")
        shutil.copytree(MODEL, model)
        self.write("model/chat_template.jinja", "\n{{ 'a'|frobnicate }}")
        run = self.llmc("compile", model, "-o", self.path("out.llmc"))
        self.assertIn("chat_template.jinja: line 2: the chat template cannot be used: No filter named 'frobnicate'", run.stderr)
        self.llmc("run", self.path("out.llmc"), "--prompt", "a", "--max-tokens", "1")
        self.assertIn("frobnicate", self.render(self.path("out.llmc"), [], code=2).error)
        self.assertIn("frobnicate", self.llmc("compile", "--strict", model, "-o", self.path("no.llmc"), code=2).error)
        self.write("model/chat_template.jinja", "")
        self.write("model/tokenizer_config.json", {"bos_token": 7})
        self.assertIn("bos_token", self.llmc("compile", model, "-o", self.path("no.llmc"), code=2).error)


harness.main()
