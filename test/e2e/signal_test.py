# SPDX-License-Identifier: Apache-2.0
"""Fourier transforms and mel weights against onnxruntime."""
import numpy as np

import harness
from sheet import Sheet


def scalar(v):
    return np.array(v, np.int64)


class Signal(harness.Case):
    def test_dft(self):
        s = Sheet(opset=20)
        s.add("real", "DFT", [s.array(2, 12, 1)])
        s.add("onesided", "DFT", [s.array(2, 15, 3, 1), None, scalar(1)], stored=(2,), onesided=1)
        s.add("complex", "DFT", [s.array(2, 10, 2), scalar(16)], stored=(1,))
        s.add("cut", "DFT", [s.array(2, 10, 2), scalar(7)], stored=(1,))
        s.add("inverse", "DFT", [s.array(2, 9, 2)], inverse=1)
        s.check(self)

    def test_stft(self):
        s = Sheet(opset=17)
        window = np.hanning(17)[:16].astype(np.float32)
        s.add("windowed", "STFT", [s.array(2, 100, 1), scalar(8), window], stored=(1, 2))
        s.add("length", "STFT", [s.array(2, 100, 1), scalar(7), None, scalar(20)], stored=(1, 3), onesided=0)
        s.check(self, atol=1e-4)  # onnxruntime transforms lengths that are no power of two by convolutions in f32

    def test_mel(self):
        s = Sheet(opset=17)
        f = lambda v: np.array(v, np.float32)  # noqa: E731
        s.add("mel", "MelWeightMatrix", [scalar(8), scalar(64), scalar(8192), f(0), f(4096)], stored=range(5))
        s.check(self)


if __name__ == "__main__":
    harness.main()
