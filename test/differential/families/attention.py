# SPDX-License-Identifier: Apache-2.0
"""Attention in the forms of ONNX and of onnxruntime, rotary embeddings and mixtures of experts."""
from graph import BOOL, MICROSOFT, np
from families import family


def tables(g, rows, half):
    angles = g.floats((rows, half), low=-3, high=3)
    return [g.stored(np.cos(angles)), g.stored(np.sin(angles))]


@family(23, every=4)
def attention(g):
    batch, kv_heads, group, size = g.int(1, 2), g.int(1, 2), g.pick([1, 1, 2, 3]), g.pick([4, 8, 16])
    heads, queries, keys, past = kv_heads * group, g.int(1, 6), g.int(1, 7), g.pick([0, 0, 1, 5])
    value = g.pick([size, size, 8])
    flat = g.chance(0.4)
    causal = g.chance(0.4)
    if causal:
        keys = queries

    def heads_of(count, tokens, width):
        return (batch, tokens, count * width) if flat else (batch, count, tokens, width)

    fixed = [-1] if flat else [1, -1]
    shapes = [heads_of(heads, queries, size), heads_of(kv_heads, keys, size), heads_of(kv_heads, keys, value)]
    names = [g.input(g.floats(s), fixed) for s in shapes]
    total, attributes, mask = keys + past, {}, None
    if flat:
        attributes = {"q_num_heads": heads, "kv_num_heads": kv_heads}
    if g.chance(0.5):
        shape = g.pick([(queries, total), (batch, 1, queries, total), (batch, heads, queries, total), (1, 1, queries, total)])
        mask = g.booleans(shape) if g.chance(0.5) else g.floats(shape)
        if mask.dtype == BOOL:
            mask[..., 0] = True  # no row without a key
    names.append(g.input(mask) if mask is not None else None)
    if past:
        names += [g.input(g.floats((batch, kv_heads, past, size))), g.input(g.floats((batch, kv_heads, past, value)))]
    if causal:
        attributes["is_causal"] = 1
    if g.chance(0.3):
        attributes["scale"] = 0.3
    if g.chance(0.3):
        attributes["softcap"] = 2.0
    outputs = [True, bool(past), bool(past)]
    g.sums(4 * (size + total) + 64)
    g.resizable = False
    g.result(*g.node("Attention", names, outputs, **attributes))


@family(13, every=4)
def multi_head_attention(g):
    batch, heads, size, queries, keys = g.int(1, 2), g.int(1, 3), g.pick([4, 8, 16]), g.int(1, 6), g.int(1, 7)
    past = g.pick([0, 0, 3])
    causal = g.chance(0.3)
    if causal:
        keys = queries
    width = heads * size
    names = [g.input(g.floats((batch, queries, width)), [2]), g.input(g.floats((batch, keys, width)), [2]),
             g.input(g.floats((batch, keys, width)), [2]), g.stored(g.floats((3 * width,))) if g.chance(0.4) else None]
    total, mask = keys + past, None
    if g.chance(0.4):
        mask = g.pick([g.integers((batch, total), np.int32, 0, 1), g.integers((batch, queries, total), np.int32, 0, 1)])
        if not past and g.chance(0.3):
            mask = g.integers((batch,), np.int32, 1, total)
    names.append(g.input(mask) if mask is not None else None)
    shape = (g.pick([1, batch]), g.pick([1, heads]), queries, total)
    names.append(g.input(g.floats(shape)) if g.chance(0.3) else None)
    if past:
        names += [g.input(g.floats((batch, heads, past, size))) for _ in range(2)]
    attributes = {"num_heads": heads, "unidirectional": int(causal)}
    if g.chance(0.3):
        attributes["scale"] = 0.4
    if mask is not None:
        attributes["mask_filter_value"] = g.pick([-10000.0, -5.0])
    outputs = [True, bool(past), bool(past)]
    g.sums(4 * (size + total) + 64)
    g.resizable = False
    y = g.node("MultiHeadAttention", names, outputs, domain=MICROSOFT, **attributes)
    g.result(*y)


@family(13, every=4)
def projected_attention(g):
    batch, heads, size, seq, width = g.int(1, 2), g.int(1, 3), g.pick([4, 8]), g.int(1, 6), g.pick([8, 16])
    past = g.pick([0, 0, 3])
    hidden = heads * size
    total = seq + past
    names = [g.input(g.floats((batch, seq, width)), [2]), g.stored(g.floats((width, 3 * hidden), scale=width**-0.5)),
             g.stored(g.floats((3 * hidden,)))]
    mask = None
    if g.chance(0.5):
        mask = g.pick([g.integers((batch, total), np.int32, 0, 1), g.integers((batch, seq, total), np.int32, 0, 1)])
        if not past:
            mask = g.pick([mask, g.integers((batch,), np.int32, 1, total)])
    names.append(g.input(mask) if mask is not None else None)
    if past:
        names.append(g.input(g.floats((2, batch, heads, past, size))))
    attributes = {"num_heads": heads, "unidirectional": g.int(0, 1)}
    if mask is not None:
        attributes["mask_filter_value"] = g.pick([-10000.0, -5.0])
    g.sums(4 * (size + total + width) + 64)
    g.resizable = False
    g.result(*g.node("Attention", names, [True, bool(past)], domain=MICROSOFT, **attributes))


@family(13, every=4)
def group_query_attention(g):
    batch, kv, group, size = g.int(1, 2), g.int(1, 2), g.pick([1, 2, 4]), g.pick([8, 16])
    heads = kv * group
    past, seq = g.pick([(0, g.int(1, 9)), (g.int(1, 6), 1), (g.int(1, 6), g.int(2, 4))])
    if past and seq > 1:
        batch = 1  # as onnxruntime asks
    width, total = heads * size, past + seq
    lengths = [total] * batch
    # What padded queries give is nobody's result, so only whole rows stand beside others here.
    if g.chance(0.5):
        names = [g.input(g.floats((batch, seq, (heads + 2 * kv) * size)), [2]), None, None]
    else:
        names = [g.input(g.floats((batch, seq, width)), [2])] + [g.input(g.floats((batch, seq, kv * size)), [2]) for _ in range(2)]
    if past or g.chance(0.7):
        names += [g.input(g.floats((batch, kv, past, size))) for _ in range(2)]
    else:
        names += [None, None]
    names += [g.input(np.array([n - 1 for n in lengths], np.int32)), g.operand(np.array(total, np.int32), 0.3)]
    attributes = {"num_heads": heads, "kv_num_heads": kv}
    if g.chance(0.5):
        names += tables(g, 32, size // 2)
        attributes.update(do_rotary=1, rotary_interleaved=g.int(0, 1))
    if g.chance(0.3):
        attributes["local_window_size"] = g.int(1, 5)
    if g.chance(0.3):
        attributes["softcap"] = 2.0
    if g.chance(0.3):
        attributes["scale"] = 0.3
    if g.chance(0.2):
        attributes["smooth_softmax"] = 1
    g.sums(4 * (size + total) + 64)
    g.resizable = False
    g.result(*g.node("GroupQueryAttention", names, 3, domain=MICROSOFT, **attributes))


@family(13)
def rotary_embedding(g):
    batch, heads, seq, half = g.int(1, 2), g.int(1, 3), g.int(1, 6), g.int(1, 8)
    flat = g.chance(0.5)
    size, attributes = 2 * half, {"interleaved": g.int(0, 1)}
    if flat or g.chance(0.3):
        attributes["num_heads"] = heads
    if g.chance(0.3):
        attributes.update(rotary_embedding_dim=2 * half, num_heads=heads)
        size += 2 * g.int(1, 3)
    shape = (batch, seq, heads * size) if flat else (batch, heads, seq, size)
    x = g.input(g.floats(shape), [-1] if flat else [1, -1])
    g.resizable = False
    g.sums(8)
    at = g.integers((batch, seq), np.int64, 0, 11)
    if g.opset >= 23 and g.chance(0.6):
        if g.chance(0.6):
            return g.result(g.node("RotaryEmbedding", [x, *tables(g, 12, half), g.input(at)], **attributes))
        angles = g.floats((batch, seq, half))
        return g.result(g.node("RotaryEmbedding", [x, g.input(np.cos(angles)), g.input(np.sin(angles))], **attributes))
    if g.chance(0.3):
        at = np.array([g.int(0, 4)], np.int64)
    g.result(g.node("RotaryEmbedding", [x, g.input(at), *tables(g, 12, half)], domain=MICROSOFT, **attributes))


@family(13)
def mixture_of_experts(g):
    rows, width, inner, experts = g.int(1, 6), g.pick([4, 8, 16]), g.pick([4, 8, 17]), g.int(1, 5)
    kind = g.pick(["relu", "gelu", "silu", "identity", "swiglu"])
    up = 2 * inner if kind == "swiglu" else inner
    names = [g.input(g.floats((rows, width))), g.input(g.floats((rows, experts)), [1]),
             g.stored(g.floats((experts, up, width), scale=0.4)), g.stored(g.floats((experts, up))) if g.chance(0.6) else None,
             g.stored(g.floats((experts, width, inner), scale=0.4)), g.stored(g.floats((experts, width))) if g.chance(0.6) else None]
    attributes = {"k": g.int(1, experts), "activation_type": kind, "normalize_routing_weights": g.int(0, 1)}
    if kind == "swiglu":
        attributes.update(swiglu_fusion=1, activation_alpha=1.702, activation_beta=1.0, swiglu_limit=7.0)
    g.sums(2 * (width + inner) * experts + 64)
    g.resizable = False
    g.result(g.node("MoE", names, domain=MICROSOFT, **attributes))


