# SPDX-License-Identifier: Apache-2.0
"""Profiles: what steps compute and move is counted from their sizes, the same on every target."""
import json

from harness import Case, main
import models


class Profile(Case):
    def profiles(self, name, prompt, tokens, *targets):
        """The profile of a row of `bench`, for each target."""
        model = models.make(name, self.path(name))
        artifact = self.compile(model, name + ".llmc", *[a for t in targets for a in ("--target", t)])
        for target in targets:
            trace = self.path("trace.json")
            r = self.llmc("bench", artifact, "--isa", target, "--prompt-tokens", str(prompt), "--tokens", str(tokens),
                          "--repeat", "1", "--profile", trace, "--json")
            with open(trace, encoding="utf-8") as file:
                events = json.load(file)["traceEvents"]
            yield target, json.loads(r.stdout)["rows"][0]["profile"], events

    @staticmethod
    def sums(rows, entry, *ops):
        chosen = [r for r in rows if r["entry"] == entry and (not ops or r["op"] in ops)]
        return sum(r["flops"] for r in chosen), sum(r["bytes"] for r in chosen)

    def test_encoder(self):
        shape = models.SHAPES["tiny-encoder"]
        for target, profile, _ in self.profiles("tiny-encoder", 24, 0, "x86-64-v3", "ref"):
            with self.subTest(target):
                flops, read = self.sums(profile["steps"], "raw")
                want = shape.flops(1, 24)
                # Norms, GELU and the like are a few operations for each element.
                self.assertGreaterEqual(flops, want)
                self.assertLess(flops, want * 1.15)
                self.assertGreater(read, 4 * shape.weights())

    def test_decoder(self):
        shape = models.SHAPES["tiny-decoder"]
        kernels = {}
        for target, profile, events in self.profiles("tiny-decoder", 16, 3, "x86-64-v3", "ref"):
            with self.subTest(target):
                flops, _ = self.sums(profile["steps"], "prefill")
                self.assertGreaterEqual(flops, shape.flops(16))
                self.assertLess(flops, shape.flops(16) * 1.2)
                # Three tokens read the weights three times, and caches of 17, 18 and 19 positions.
                weights, caches = shape.weights() + shape.head_weights(), sum(map(shape.cache, (17, 18, 19)))
                flops, read = self.sums(profile["steps"], "decode")
                self.assertGreaterEqual(flops, 3 * 2 * weights)
                self.assertGreaterEqual(read, 4 * (3 * weights + caches))
                self.assertLess(read, 4 * (3 * weights + caches) * 1.2)
                calls = {c["entry"]: c["count"] for c in profile["calls"]}
                self.assertEqual(calls, {"prefill": 1, "decode": 3})
                for rows in (profile["steps"], profile["kernels"]):
                    self.assertLessEqual(sum(r["share"] for r in rows if r["entry"] == "prefill"), 1.001)
                kernels[target] = {r["kernel"].split("_")[0] for r in profile["steps"]}
                steps = [e for e in events if e.get("args", {}).get("kernel")]
                self.assertEqual(sum(e["args"]["flops"] for e in steps), sum(r["flops"] for r in profile["steps"]))
        # Each target names its own kernels, in the one table of sites.
        self.assertIn("matmul", kernels["x86-64-v3"])
        self.assertEqual(kernels["ref"], {"plain"})

    def test_table(self):
        artifact = self.compile(models.make("tiny-decoder", self.path("m")))
        out = self.llmc("bench", artifact, "--prompt-tokens", "4", "--tokens", "2", "--repeat", "1", "--profile",
                        self.path("p.json")).stdout
        self.assertIn("profile of a round more, 4 tokens", out)
        self.assertRegex(out, r"decode +\(all\) +2 ")
        self.assertRegex(out, r"prefill +matmul_\d+ +2 .* node \d+ '.*' \(MatMul\), 1 of 2")


if __name__ == "__main__":
    main()
