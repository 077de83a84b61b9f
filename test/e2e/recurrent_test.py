# SPDX-License-Identifier: Apache-2.0
"""RNN, GRU and LSTM against onnxruntime: directions, sequence lengths, clipping, activations, peepholes."""
import itertools

import numpy as np

import harness
from sheet import Sheet

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def operands(s, op, seq, batch, inputs, hidden, directions=1, lengths=None, peepholes=False):
    g = GATES[op]
    scale = 0.4  # keeps gates away from saturation
    out = [s.array(seq, batch, inputs), s.array(directions, g * hidden, inputs) * scale,
           s.array(directions, g * hidden, hidden) * scale, s.array(directions, 2 * g * hidden) * scale,
           None if lengths is None else np.array(lengths, np.int32), s.array(directions, batch, hidden)]
    if op == "LSTM":
        out += [s.array(directions, batch, hidden)]
        out += [s.array(directions, 3 * hidden) * scale] if peepholes else []
    return out


class Recurrent(harness.Case):
    def layers(self, s, stored=()):
        for op, direction in itertools.product(GATES, ("forward", "reverse", "bidirectional")):
            d = 2 if direction == "bidirectional" else 1
            args = operands(s, op, 5, 3, 7, 6, d, lengths=[5, 2, 4])
            s.add(f"{op}_{direction}", op, args, outputs=3 if op == "LSTM" else 2, stored=stored, direction=direction,
                  hidden_size=6)

    def test_directions(self):
        s = Sheet(opset=14)
        self.layers(s)
        s.check(self)

    def test_stored_weights(self):
        s = Sheet(opset=14, dynamic=True)
        self.layers(s, stored=(1, 2, 3))
        s.check(self)

    def test_forms(self):
        s = Sheet(opset=14)
        s.add("linear", "GRU", operands(s, "GRU", 4, 2, 5, 3), outputs=2, linear_before_reset=1, hidden_size=3)
        s.add("clip", "LSTM", operands(s, "LSTM", 4, 2, 5, 3), outputs=3, clip=0.3, hidden_size=3)
        s.add("coupled", "LSTM", operands(s, "LSTM", 4, 2, 5, 3, peepholes=True), outputs=3, input_forget=1,
              hidden_size=3)
        s.add("peepholes", "LSTM", operands(s, "LSTM", 4, 2, 5, 3, peepholes=True), outputs=3, hidden_size=3)
        s.add("bare", "LSTM", operands(s, "LSTM", 4, 2, 5, 3)[:3], outputs=3, hidden_size=3)
        s.add("wide", "LSTM", operands(s, "LSTM", 7, 1, 40, 70), outputs=1, hidden_size=70)
        s.check(self)

    def test_activations(self):
        s = Sheet(opset=14)
        for name in ("Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid",
                     "Elu", "Softsign", "Softplus"):
            given = {}
            if name in ("Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"):
                given["activation_alpha"] = [0.6]
            if name in ("Affine", "ScaledTanh", "HardSigmoid"):
                given["activation_beta"] = [0.3]
            s.add(name, "RNN", operands(s, "RNN", 4, 2, 5, 3), outputs=2, activations=[name], hidden_size=3, **given)
        s.check(self)


if __name__ == "__main__":
    harness.main()
