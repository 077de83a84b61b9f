# SPDX-License-Identifier: Apache-2.0
"""`llmc chat`: turns and commands from a pipe, and on a terminal Ctrl-C, which leaves the conversation usable."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import harness

TEMPLATE = ("{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
            "{% if add_generation_prompt %}assistant:{% endif %}")
SETTINGS = ["--greedy", "--max-tokens", "12", "--ignore-eos"]


class Chat(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        model, cls.artifact = os.path.join(cls.folder.name, "model"), os.path.join(cls.folder.name, "chat.llmc")
        shutil.copytree(harness.TALES, model)
        with open(os.path.join(model, "chat_template.jinja"), "w", encoding="utf-8") as f:
            f.write(TEMPLATE)
        subprocess.run([harness.LLMC, "compile", "-q", model, "-o", cls.artifact], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def chat(self, *lines, options=()):
        return self.llmc("chat", self.artifact, *SETTINGS, *options, input="".join(line + "\n" for line in lines).encode())

    def answers(self, *messages):
        """What the model says after each of the user's messages, by single runs."""
        text, said = "", []
        for message in messages:
            text += f"user: {message}\n"
            r = self.llmc("run", self.artifact, "--json", "--prompt", text + "assistant:", *SETTINGS)
            said.append(json.loads(r.stdout)["text"])
            text += f"assistant: {said[-1]}\n"
        return said

    def test_turns(self):
        first, second = self.answers("Who are you?", "And then?")
        r = self.chat("Who are you?", "", "And then?")
        self.assertEqual(r.stdout, f"{first}\n{second}\n")
        rates = [line for line in r.stderr.splitlines() if line.startswith("[12 tokens, ")]
        self.assertEqual(len(rates), 2)
        # The first prompt is in the caches when the second one comes; its answer may have other tokens now.
        (first_total, first_new), (total, new) = ([int(n) for n in re.search(r"prompt (\d+) tokens, (\d+) ", rate).groups()]
                                                  for rate in rates)
        self.assertEqual(first_new, first_total)
        self.assertLessEqual(new, total - first_total + 1)

    def test_commands(self):
        first, second = self.answers("Who are you?", "And then?")
        saved = self.path("saved.json")
        r = self.chat("Who are you?", "And then?", "/undo", "And then?", "/save " + saved, "/stats", "/clear", "Who are you?", "/quit", "x")
        said = r.stdout.splitlines()
        self.assertEqual([said[0], said[1], said[2], said[4]], [first, second, second, first])
        self.assertRegex(said[3], r"^\d+ of 512 positions$")
        with open(saved, encoding="utf-8") as f:
            self.assertEqual([m["content"] for m in json.load(f)], ["Who are you?", first, "And then?", second])
        r = self.chat("/system A crow.", "Hello", "/save " + saved, "/unknown")
        with open(saved, encoding="utf-8") as f:
            self.assertEqual([m["role"] for m in json.load(f)], ["system", "user", "assistant"])
        self.assertIn("/retry", r.stderr)
        r = self.chat("One \\", "two", "/save " + saved)
        with open(saved, encoding="utf-8") as f:
            self.assertEqual(json.load(f)[0]["content"], "One \ntwo")

    def test_failures_leave_the_conversation(self):
        r = subprocess.run([harness.LLMC, "chat", self.artifact, *SETTINGS, "--context", "64"], capture_output=True, timeout=300,
                           input=b"word " * 100 + b"\nWho are you?\n/save " + self.path("no/such/folder").encode() + b"\n")
        self.assertEqual(r.returncode, 0)
        self.assertIn(b"error: ", r.stderr)
        self.assertEqual(r.stdout.decode(), self.answers("Who are you?")[0] + "\n")
        self.assertIn(b"cannot be written", r.stderr)

    def test_no_template(self):
        r = self.llmc("chat", harness.TALES_ARTIFACT, code=2)
        self.assertIn("template", r.error)

    @unittest.skipIf(os.environ.get("LLMC_SANITIZE") == "1", "libedit keeps memory")
    def test_terminal(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(harness.LLMC, [harness.LLMC, "chat", self.artifact, "--greedy", "--ignore-eos", "--max-tokens", "400"])
        self.output = b""
        self.addCleanup(os.close, terminal)

        def until(*texts, seconds=60):
            end = time.time() + seconds
            while not all(text in self.output for text in texts):
                self.assertLess(time.time(), end, self.output)
                if select.select([terminal], [], [], 0.1)[0]:
                    self.output += os.read(terminal, 4096)

        until(b"> ")
        os.write(terminal, b"half a line\x03")
        until(b"^C")
        self.output = b""
        os.write(terminal, b"Who are you?\n")
        until(b"?\r\n")
        self.output = b""
        time.sleep(0.02)
        os.write(terminal, b"\x03")
        until(b"> ")
        os.write(terminal, b"/stats\n")
        until(b" of 512 positions")
        self.output = b""
        os.write(terminal, b"And then?\n")
        until(b"?\r\n")
        time.sleep(0.02)
        os.write(terminal, b"\x04")  # while nothing is read
        until(b" tokens, ")
        end = time.time() + 60
        while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0):
            self.assertLess(time.time(), end, "Ctrl-D did not end it")
            time.sleep(0.05)
        self.assertEqual(ended[1], 0)


harness.main()
