# SPDX-License-Identifier: Apache-2.0
"""Recurrent layers, what hybrid models have in place of attention, signals and losses."""
from graph import F32, MICROSOFT, np
from families import family

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = ["Tanh", "Sigmoid", "Relu", "HardSigmoid", "Softsign", "LeakyRelu", "Elu", "ThresholdedRelu", "ScaledTanh", "Affine"]


def recurrent(g, kind):
    seq, batch, width, hidden, gates = g.int(1, 6), g.int(1, 3), g.int(1, 6), g.int(1, 9), GATES[kind]
    direction = g.pick(["forward", "forward", "reverse", "bidirectional"])
    d = 2 if direction == "bidirectional" else 1
    scale = 0.5
    names = [g.input(g.floats((seq, batch, width))), g.stored(g.floats((d, gates * hidden, width), scale=scale)),
             g.stored(g.floats((d, gates * hidden, hidden), scale=scale))]
    names.append(g.stored(g.floats((d, 2 * gates * hidden), scale=scale)) if g.chance(0.7) else None)
    names.append(g.input(g.integers((batch,), np.int32, 1, seq)) if g.chance(0.4) else None)
    names.append(g.input(g.floats((d, batch, hidden))) if g.chance(0.5) else None)
    attributes = {"direction": direction, "hidden_size": hidden}
    if kind == "LSTM":
        names.append(g.input(g.floats((d, batch, hidden))) if g.chance(0.5) else None)
        names.append(g.stored(g.floats((d, 3 * hidden), scale=scale)) if g.chance(0.4) else None)
        if g.chance(0.2):
            attributes["input_forget"] = 1
    if kind == "GRU":
        attributes["linear_before_reset"] = g.int(0, 1)
    if g.chance(0.3):
        attributes["clip"] = g.pick([0.5, 1.5])
    each = {"RNN": 1, "GRU": 2, "LSTM": 3}[kind]
    if g.chance(0.4):
        attributes["activations"] = [g.pick(FUNCTIONS[:6] if i % each else ["Tanh", "Sigmoid", "HardSigmoid"])
                                     for i in range(each * d)]
    g.sums(seq * (width + hidden + 24))
    g.resizable = False
    outputs = [g.chance(0.8), True] + ([g.chance(0.8)] if kind == "LSTM" else [])
    g.result(*g.node(kind, names, outputs, **attributes))


@family(13, every=4)
def rnn(g):
    recurrent(g, "RNN")


@family(13, every=4)
def gru(g):
    recurrent(g, "GRU")


@family(13, every=4)
def lstm(g):
    recurrent(g, "LSTM")


@family(17)
def fourier(g):
    batch, length = g.int(1, 2), g.int(1, 17)
    inverse, onesided = g.int(0, 1), 0
    width = g.int(1, 2)
    if not inverse and width == 1:
        onesided = g.int(0, 1)
    if inverse:
        width = 2
    x = g.input(g.floats((batch, length, width)), fixed=[2])
    size = g.stored(np.array(g.int(1, 18), np.int64)) if g.chance(0.4) else None
    g.sums(8 * length + 64)
    if g.opset < 20:
        return g.result(g.node("DFT", [x, size], axis=1, inverse=inverse, onesided=onesided))
    axis = g.stored(np.array(g.pick([1, -2]), np.int64)) if g.chance(0.7) else None
    g.result(g.node("DFT", [x, size, axis], inverse=inverse, onesided=onesided))


@family(17)
def short_fourier(g):
    length, frame, step = g.int(8, 24), g.int(2, 8), g.int(1, 4)
    onesided = g.int(0, 1)
    x = g.input(g.floats((g.int(1, 2), length, 1)), fixed=[2])
    window = g.stored(g.floats((frame,))) if g.chance(0.6) else None
    size = g.stored(np.array(frame, np.int64))
    g.sums(8 * frame + 64)
    g.result(g.node("STFT", [x, g.stored(np.array(step, np.int64)), window, size], onesided=onesided))


@family(17)
def signal_windows(g):
    kind = g.pick(["HannWindow", "HammingWindow", "BlackmanWindow"])
    g.sums(32)
    g.result(g.node(kind, [g.operand(np.array(g.int(1, 20), np.int64))], periodic=g.int(0, 1)))


@family(17)
def mel_weights(g):
    values = [g.int(1, 6), 2 * g.int(8, 20), 8000]
    names = [g.stored(np.array(v, np.int64)) for v in values] + [g.stored(np.array(v, F32)) for v in (20.0, 3800.0)]
    g.sums(64)
    g.result(g.node("MelWeightMatrix", names))


@family(13)
def losses(g):
    n, c, rest = g.int(1, 4), g.int(2, 6), g.shape(0, 2, zero=0, big=0)
    kind = g.pick(["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"])
    target = g.integers((n, *rest), g.pick([np.int32, np.int64]), 0, c - 1)
    attributes = {"reduction": g.pick(["none", "sum", "mean"])}
    if g.chance(0.3):
        attributes["ignore_index"] = g.int(0, c - 1)
    names = [g.input(g.floats((n, c, *rest))), g.input(target)]
    if g.chance(0.5):
        names.append(g.operand(g.floats((c,), low=0.2, high=2)))
    g.sums(2 * target.size + 2 * c + 8)
    g.resizable = False
    if kind == "SoftmaxCrossEntropyLoss" and g.chance(0.5):
        return g.result(*g.node(kind, names, 2, **attributes))
    g.result(g.node(kind, names, **attributes))


@family(13)
def linear_attention(g):
    batch, seq, heads, size, value = g.int(1, 2), g.int(1, 5), g.int(1, 3), g.pick([4, 8]), g.pick([4, 8])
    rule = g.pick(["linear", "gated", "delta", "gated_delta"])
    names = [g.input(g.floats((batch, seq, heads * size), scale=0.5), [2]) for _ in range(2)]
    names.append(g.input(g.floats((batch, seq, heads * value)), [2]))
    names.append(g.input(g.floats((batch, heads, size, value)), [1, 2, 3]) if g.chance(0.5) else None)
    names.append(g.input(g.floats((batch, seq, heads * g.pick([1, size])), low=-1, high=0), [2]) if "gated" in rule else None)
    names.append(g.input(g.floats((batch, seq, heads), low=0, high=1), [2]) if "delta" in rule else None)
    g.sums(seq * (4 * size + 16))
    g.resizable = False
    g.result(*g.node("LinearAttention", names, 2, domain=MICROSOFT, q_num_heads=heads, kv_num_heads=heads, update_rule=rule,
                     scale=g.pick([None, 0.4])))


@family(13)
def causal_conv(g):
    batch, channels, seq, taps = g.int(1, 2), g.int(1, 5), g.int(1, 9), g.int(2, 4)
    names = [g.input(g.floats((batch, channels, seq)), [1]), g.stored(g.floats((channels, 1, taps))),
             g.stored(g.floats((channels,))) if g.chance(0.5) else None,
             g.input(g.floats((batch, channels, taps - 1)), [1, 2]) if g.chance(0.6) else None]
    g.sums(taps + 8)
    g.resizable = False
    g.result(*g.node("CausalConvWithState", names, 2, domain=MICROSOFT, activation=g.pick([None, "silu"])))
