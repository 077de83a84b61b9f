# SPDX-License-Identifier: Apache-2.0
"""GPTQ, AWQ and SmoothQuant beside NumPy versions of the same papers, on one layer: the same integers, the same factors.

The program reads int32 K, N, group, bits, symmetric, order; then float32 weights [K, N]; then the Hessian [K, K], or for
SmoothQuant the largest inputs [K]."""
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

PROGRAM = sys.argv.pop(1)


def layer(k, n, seed):
    """Inputs with a few large, correlated channels, and a weight."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((400, k)) @ (np.eye(k) + rng.standard_normal((k, k)) / np.sqrt(k))
    x[:, ::13] *= 6
    return rng.standard_normal((k, n)).astype(np.float32) / 8, x.astype(np.float32)


def scales_of(w, bits, symmetric):
    """Scale and zero point of each column of a group, by its range."""
    low, high = np.minimum(w.min(0), 0), np.maximum(w.max(0), 0)
    if symmetric:
        furthest = np.where(-low > high, low, high)
        return furthest / -2 ** (bits - 1), np.full(w.shape[1], 2 ** (bits - 1))
    scale = (high - low) / (2 ** bits - 1)
    return scale, np.clip(np.rint(-low / scale), 0, 2 ** bits - 1)


def nearest(w, scale, zero, bits):
    return np.clip(np.rint(w / scale) + zero, 0, 2 ** bits - 1)


def gptq(w, h, group, bits, symmetric, order, damping=0.01):
    """Frantar et al. as their algorithm 1 has it: with the Cholesky factor of the inverse, an error at a time."""
    k, n = w.shape
    w, h = w.astype(np.float64).copy(), h.astype(np.float64)
    h = h + damping * np.mean(np.diag(h)) * np.eye(k)
    perm = np.argsort(-np.diag(h), kind="stable") if order else np.arange(k)
    groups = [scales_of(w[at:at + group], bits, symmetric) for at in range(0, k, group)]
    w, h = w[perm], h[np.ix_(perm, perm)]
    factor = np.linalg.cholesky(np.linalg.inv(h)).T  # upper
    q = np.zeros((k, n), int)
    for i in range(k):
        g = perm[i] // group
        if not order and i % group == 0:
            groups[g] = scales_of(w[i:i + group], bits, symmetric)
        q[i] = nearest(w[i], *groups[g], bits)
        error = (w[i] - (q[i] - groups[g][1]) * groups[g][0]) / factor[i, i]
        w[i:] -= np.outer(factor[i, i:], error)
    back = np.empty_like(q)
    back[perm] = q
    return back, np.array([s for s, _ in groups]), np.array([z for _, z in groups])


def rounded(w, group, bits, symmetric):
    out = []
    for at in range(0, len(w), group):
        scale, zero = scales_of(w[at:at + group], bits, symmetric)
        out.append((nearest(w[at:at + group], scale, zero, bits) - zero) * scale)
    return np.concatenate(out)


class Reference(unittest.TestCase):
    def run_program(self, method, w, group, bits, symmetric, order, rest):
        with tempfile.NamedTemporaryFile() as file:
            file.write(np.array([*w.shape, group, bits, symmetric, order], np.int32).tobytes())
            file.write(w.astype(np.float32).tobytes() + rest.astype(np.float32).tobytes())
            file.flush()
            return subprocess.run([PROGRAM, method, file.name], check=True, capture_output=True).stdout

    def test_gptq(self):
        for group, bits, symmetric, order in ((32, 4, True, False), (32, 4, False, False), (16, 3, False, True),
                                              (64, 4, True, True), (96, 8, False, False)):
            with self.subTest(group=group, bits=bits, symmetric=symmetric, order=order):
                w, x = layer(96, 40, group + bits)
                h = (x.T @ x).astype(np.float32)
                out = self.run_program("gptq", w, group, bits, symmetric, order, h)
                q, rest = np.frombuffer(out[:w.size], np.uint8).reshape(w.shape), out[w.size:]
                scales = np.frombuffer(rest[:len(rest) // 2], np.float32).reshape(-1, w.shape[1])
                want, want_scales, zeros = gptq(w, h, group, bits, symmetric, order)
                # What rounds at a middle between two integers may go either way, and what follows with it.
                same = np.mean((q == want).all(0))
                self.assertGreater(same, 0.9)
                columns = (q == want).all(0)
                np.testing.assert_allclose(scales[:, columns], want_scales[:, columns], rtol=1e-3)

                def loss(values):
                    e = w - values
                    return np.trace(e.T @ h @ e)
                got_zeros = np.frombuffer(rest[len(rest) // 2:], np.int32).reshape(scales.shape)
                g = np.arange(len(w)) // group
                ours = loss((q.astype(float) - got_zeros[g]) * scales[g])
                theirs = loss((want - zeros[g]) * want_scales[g])
                self.assertLess(abs(ours - theirs), 0.02 * theirs)

    def test_awq(self):
        w, x = layer(128, 24, 3)
        h = (x.T @ x).astype(np.float32)
        got = np.frombuffer(self.run_program("awq", w, 32, 4, False, False, h), np.float32)

        def loss(s):
            e = rounded(w * s[:, None], 32, 4, False) / s[:, None] - w
            return np.trace(e.T @ h @ e)
        rms, losses = np.sqrt(np.diag(h)), {}
        for step in range(17):
            s = (rms / rms.max()) ** (step / 16)
            losses[step] = loss(s / np.sqrt(s.max() * s.min()))
        self.assertLess(abs(loss(got) - min(losses.values())), 1e-3 * losses[0])
        self.assertLess(loss(got), 0.9 * losses[0])

    def test_smooth(self):
        w, x = layer(64, 24, 4)
        most = np.abs(x).max(0)
        got = np.frombuffer(self.run_program("smooth", w, 0, 8, True, False, most), np.float32)
        np.testing.assert_allclose(got, np.sqrt(most) / np.sqrt(np.abs(w).max(1)), rtol=1e-5)


unittest.main(argv=[os.path.basename(__file__)], verbosity=2)
