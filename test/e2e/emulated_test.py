# SPDX-License-Identifier: Apache-2.0
"""Instructions of another machine's CPUs: the bundled model, compiled for one with them, loses there what the same
arithmetic loses on this machine; and rows that are multiplied together give what each gives alone.
emulated_test.py TARGET OPTION..."""
import json
import os
import sys

import harness

target, options = sys.argv[1], sys.argv[2:]
del sys.argv[1:]


class Emulated(harness.Case):
    def divergence(self, machine, program):
        """The mean KL divergence of the model with the options to the one without, and the former's path."""
        plain = self.compile(harness.TALES, machine + "-plain.llmc", "--target", machine)
        changed = self.compile(harness.TALES, machine + ".llmc", "--target", machine, *options)
        made = self.llmc("eval", changed, "--baseline", plain, "--text", os.path.join(harness.TALES, "README.md"),
                         "--windows", "1", "--window", "128", "--worst", "0", "--json", program=program)
        return json.loads(made.stdout)["kl"]["mean"], changed

    def test_what_the_arithmetic_loses(self):
        here, _ = self.divergence("host", harness.LLMC)
        there, artifact = self.divergence(target, harness.RUNNER)
        # Both round the same numbers; the last bits of sums make some fall the other way.
        self.assertGreater(here, 0)
        self.assertLess(abs(there - here), 0.2 * here)
        command = ["run", artifact, "--prompt", "The dog saw the cat. The dog saw the", "--greedy", "--ignore-eos",
                   "--max-tokens", "24", "--logprobs", "0", "--json"]
        alone = json.loads(self.llmc(*command, program=harness.RUNNER).stdout)
        for tokens in ("3", "4"):  # rows that fill squares of two by two, and rows that do not
            together = json.loads(self.llmc(*command, "--speculate", "ngram", "--speculate-tokens", tokens,
                                            program=harness.RUNNER).stdout)
            self.assertGreater(together["stats"]["accepted"], 0)
            for name in ("ids", "logprobs"):
                self.assertEqual(together[name], alone[name])


harness.main()
