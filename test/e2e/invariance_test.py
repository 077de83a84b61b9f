# SPDX-License-Identifier: Apache-2.0
"""Numbers don't depend on how the work is cut: bit for bit the same logits for 1, 7 or 64 tokens at a time, in a batch
or alone, with the caches given or owned by the runtime, on 1 to 3 threads, with contexts below and above the 128 keys
of a block of attention, which steps on several threads share."""
import numpy as np

import harness

TOKENS = np.random.default_rng(0).integers(3, 4096, 200)
LAYERS, KV_HEADS, HEAD = 6, 4, 32


def raw_inputs(rows):
    """Whole sequences without a past. rows: [batch, length]"""
    rows = np.ascontiguousarray(rows, np.int64)
    batch, length = rows.shape
    inputs = {"input_ids": rows, "attention_mask": np.ones_like(rows),
              "position_ids": np.tile(np.arange(length, dtype=np.int64), (batch, 1))}
    for layer in range(LAYERS):
        for part in ("key", "value"):
            inputs[f"past_key_values.{layer}.{part}"] = np.zeros((batch, KV_HEADS, 0, HEAD), np.float32)
    return inputs


class Invariance(harness.Case):
    @classmethod
    def setUpClass(cls):
        library = harness.library()
        cls.models = {threads: library.open(harness.TALES_ARTIFACT, threads) for threads in (1, 2, 3)}
        # One token at a time on one thread: what all else must equal. [200, vocabulary]
        session = cls.models[1].session()
        cls.want = np.stack([session.append([token]).copy() for token in TOKENS])

    def same(self, got, want, what):
        self.assertTrue(np.array_equal(got.view(np.uint32), np.ascontiguousarray(want).view(np.uint32)),
                        f"{what}: differ by up to {np.abs(got - want).max()}")

    def test_chunks(self):
        for threads, model in self.models.items():
            for chunk in (1, 2, 7, 13, 64, 127, 200):
                session, done = model.session(), 0
                while done < len(TOKENS):
                    part = TOKENS[done:done + chunk]
                    done += len(part)
                    self.same(session.append(part), self.want[done - 1], f"chunks of {chunk}, {threads} threads, {done}")

    def test_raw_signature(self):
        for threads, model in self.models.items():
            logits = model.session().run(raw_inputs(TOKENS[None]), "raw")["logits"]
            self.same(logits[0], self.want, f"raw, {threads} threads")

    def test_batch(self):
        other = TOKENS[::-1]
        logits = self.models[2].session().run(raw_inputs(np.stack([other, TOKENS, other])), "raw")["logits"]
        self.same(np.ascontiguousarray(logits[1]), self.want, "second of a batch of three")
        self.same(np.ascontiguousarray(logits[0]), logits[2], "first and third of a batch")

    def test_rewind(self):
        session = self.models[2].session()
        session.append(TOKENS)
        for place in (130, 20):
            session.rewind(place)
            self.same(session.append(TOKENS[place:place + 11]), self.want[place + 10], f"after going back to {place}")


harness.main()
