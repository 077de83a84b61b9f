# SPDX-License-Identifier: Apache-2.0
"""What slides windows over images: convolutions and pools, and what resizes or samples images."""
from graph import F32, F64, np
from families import family


def windows(g, size, dilated=True, padded=True):
    """Attributes for spatial sizes, with windows that fit."""
    rank = len(size)
    kernel = [g.int(1, min(3, n)) for n in size]
    attributes = {}
    if g.chance(0.6):
        attributes["strides"] = [g.int(1, 3) for _ in size]
    if dilated and g.chance(0.3):
        attributes["dilations"] = [g.int(1, 2) if (k - 1) * 2 < n else 1 for k, n in zip(kernel, size)]
    choice = g.pick(["none", "pads", "pads", "auto"]) if padded else "none"
    if choice == "pads":
        attributes["pads"] = [g.int(0, k - 1) for k in kernel] + [g.int(0, k - 1) for k in kernel]
    elif choice == "auto" and "dilations" not in attributes:
        attributes["auto_pad"] = g.pick(["SAME_UPPER", "SAME_LOWER", "VALID"])
    return kernel, attributes, rank


def image(g, low=1, high=3, channels=None):
    return [g.int(1, 2), channels or g.int(1, 4), *(g.int(3, 9) for _ in range(g.int(low, high)))]


@family(11, refuses="filters of symbolic size", every=4)
def conv(g):
    group = g.pick([1, 1, 1, 2, 3])
    each, out = g.int(1, 4), group * g.int(1, 5)
    shape = image(g, 1, 3 if g.chance(0.2) else 2, group * each)
    if g.chance(0.2):  # depthwise
        group, each, out = shape[1], 1, shape[1]
    kernel, attributes, _ = windows(g, shape[2:])
    dtype = g.pick([F32, F32, F32, F64]) if g.opset >= 11 else F32
    w = g.floats((out, each, *kernel), dtype)
    names = [g.input(g.floats(shape, dtype)), g.operand(w, 0.8)] + ([g.stored(g.floats((out,), dtype))] if g.chance(0.6) else [])
    g.sums(each * np.prod(kernel) + 1)
    g.result(g.node("Conv", names, group=group, kernel_shape=kernel if g.chance(0.7) else None, **attributes))


@family(11, refuses="filters of symbolic size", every=4)
def conv_transpose(g):
    group = g.pick([1, 1, 2])
    each, out = g.int(1, 3), g.int(1, 3)
    shape = image(g, 1, 2, group * each)
    kernel, attributes, _ = windows(g, shape[2:], padded=False)
    strides = attributes.get("strides", [1] * len(kernel))
    if g.chance(0.4):
        attributes["pads"] = [g.int(0, k - 1) for k in kernel] * 2
    if g.chance(0.3):
        attributes["output_padding"] = [g.int(0, max(0, s - 1)) for s in strides]
    if g.chance(0.2) and all(k >= s for k, s in zip(kernel, strides)):  # else onnxruntime's pads would be negative
        attributes.pop("pads", None)
        attributes["auto_pad"] = g.pick(["SAME_UPPER", "SAME_LOWER"])
        attributes.pop("output_padding", None)
    names = [g.input(g.floats(shape)), g.operand(g.floats((group * each, out, *kernel)), 0.8)]
    if g.chance(0.5):
        names.append(g.stored(g.floats((group * out,))))
    g.sums(each * np.prod(kernel) + 1)
    g.result(g.node("ConvTranspose", names, group=group, **attributes))


@family(12)
def max_pool(g):
    shape = image(g)
    kernel, attributes, _ = windows(g, shape[2:])
    dtype = g.pick([F32, F32, F64, np.int8, np.uint8])
    attributes["ceil_mode"] = g.int(0, 1) if "auto_pad" not in attributes else 0
    outputs = [True, g.chance(0.3)]
    if outputs[1] and g.chance(0.3):
        attributes["storage_order"] = 1
    y = g.node("MaxPool", [g.input(g.values(shape, dtype))], outputs, kernel_shape=kernel, **attributes)
    g.result(*y)


@family(11)
def average_pool(g):
    kind = g.pick(["AveragePool", "AveragePool", "LpPool"])
    shape = image(g)
    kernel, attributes, _ = windows(g, shape[2:], dilated=g.opset >= 19 and kind == "AveragePool")
    if kind == "AveragePool":
        attributes["count_include_pad"] = g.int(0, 1)
        if "auto_pad" not in attributes and g.chance(0.3):
            attributes["ceil_mode"] = 1
    else:
        attributes["p"] = g.int(1, 3)
    g.sums(np.prod(kernel) + 4)
    g.result(g.node(kind, [g.input(g.floats(shape))], kernel_shape=kernel, **attributes))


@family(13)
def global_pools(g):
    kind = g.pick(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"])
    shape = image(g)
    g.sums(np.prod(shape[2:]))
    g.result(g.node(kind, [g.input(g.floats(shape))], p=g.int(1, 3) if kind == "GlobalLpPool" else None))


@family(13)
def max_unpool(g):
    shape = [g.int(1, 2), g.int(1, 3), g.int(2, 4) * 2, g.int(2, 4) * 2]
    kernel = dict(kernel_shape=[2, 2], strides=[2, 2])
    y, places = g.node("MaxPool", [g.input(g.floats(shape))], 2, **kernel)
    g.result(g.node("MaxUnpool", [y, places], **kernel))


@family(13, every=4)
def conv_net(g):
    """Convolution, norm, activation, pool, residual."""
    channels = g.int(1, 4)
    x = g.input(g.floats([g.int(1, 2), channels, g.int(4, 9), g.int(4, 9)]))
    for _ in range(g.int(1, 3)):
        out = channels if g.chance(0.5) else g.int(1, 6)
        w = g.stored(g.floats((out, channels, 3, 3), scale=(9 * channels) ** -0.5))
        y = g.node("Conv", [x, w, g.stored(g.floats((out,))) if g.chance(0.5) else None], pads=[1, 1, 1, 1])
        if g.chance(0.5):
            stats = [g.floats((out,)) for _ in range(3)] + [g.floats((out,), low=0.5, high=2)]
            y = g.node("BatchNormalization", [y, *map(g.stored, stats)])
        if g.chance(0.6):
            y = g.node(g.pick(["Relu", "Sigmoid", "LeakyRelu", "HardSwish"]) if g.opset >= 14 else "Relu", [y])
        if out == channels and g.chance(0.5):
            y = g.node("Add", [x, y])
        x, channels = y, out
        g.sums(g.longest_sum + 9 * channels + 30)
    g.result(g.node("GlobalAveragePool", [x]) if g.chance(0.4) else x)


@family(18)
def column_to_image(g):
    image_shape, block = [g.int(3, 7), g.int(3, 7)], [g.int(1, 3), g.int(1, 3)]
    strides, pads = [g.int(1, 2), g.int(1, 2)], [g.int(0, 1)] * 4
    count = int(np.prod([(n + 2 * pads[0] - k) // s + 1 for n, k, s in zip(image_shape, block, strides)]))
    x = g.input(g.floats((g.int(1, 2), g.int(1, 3) * int(np.prod(block)), count)))
    g.sums(np.prod(block))
    g.resizable = False
    g.result(g.node("Col2Im", [x, g.stored(np.array(image_shape, np.int64)), g.stored(np.array(block, np.int64))],
                    strides=strides, pads=pads))


@family(22)
def deformable_conv(g):
    group, offsets = g.pick([1, 1, 2]), g.pick([1, 1, 2])
    channels, out = group * offsets * g.int(1, 2), group * g.int(1, 3)
    size, kernel = [g.int(4, 7), g.int(4, 7)], [g.int(1, 3), g.int(1, 3)]
    pads = [g.int(0, 1)] * 4
    places = [n + 2 * pads[0] - k + 1 for n, k in zip(size, kernel)]
    taps = kernel[0] * kernel[1]
    names = [g.input(g.floats((1, channels, *size))), g.stored(g.floats((out, channels // group, *kernel))),
             g.input(g.floats((1, offsets * taps * 2, *places), scale=0.7))]
    names.append(g.stored(g.floats((out,))) if g.chance(0.5) else None)
    names.append(g.input(g.floats((1, offsets * taps, *places))) if g.chance(0.5) else None)
    g.sums(4 * channels * taps + 30)
    g.resizable = False
    g.result(g.node("DeformConv", names, group=group, offset_group=offsets, pads=pads, kernel_shape=kernel))


@family(11)
def resize(g):
    mode = g.pick(["nearest", "linear", "linear", "cubic"])
    shape = [g.int(1, 2), g.int(1, 2), g.int(2, 7), g.int(2, 7)]
    attributes = {"mode": mode, "coordinate_transformation_mode": g.pick(
        ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"])}
    if mode == "nearest":
        attributes["nearest_mode"] = g.pick(["round_prefer_floor", "floor", "ceil", "round_prefer_ceil"])
    elif mode == "cubic":
        attributes["cubic_coeff_a"] = g.pick([-0.75, -0.5])
        attributes["exclude_outside"] = g.int(0, 1)
    if mode != "nearest" and g.opset >= 18 and g.chance(0.3):
        attributes["antialias"] = 1
        attributes["coordinate_transformation_mode"] = "half_pixel"
    x = g.input(g.floats(shape))
    # Whole output sizes: onnxruntime and the specification differ in what align_corners makes of others.
    if g.chance(0.5):
        factors = [g.pick([1, 2, 3, 1.0 / 2 if n % 2 == 0 else 1]) for n in shape[2:]]
        scales = g.stored(np.array([1, 1, *factors], F32))
        g.result(g.node("Resize", [x, None, scales], **attributes))
    else:
        sizes = [*shape[:2], *(g.int(1, 9) for _ in range(2))]
        g.result(g.node("Resize", [x, None, None, g.stored(np.array(sizes, np.int64))], **attributes))
    g.resizable = False
    g.sums(256)  # positions are sums of products, and weights of cubics polynomials of them


@family(9, 9)
def upsample(g):
    shape = [g.int(1, 2), g.int(1, 2), g.int(2, 5), g.int(2, 5)]
    scales = g.stored(np.array([1, 1, g.int(1, 3), g.int(1, 3)], F32))
    g.sums(32)
    g.result(g.node("Upsample", [g.input(g.floats(shape)), scales], mode=g.pick(["nearest", "linear"])))


@family(16, 22)
def grid_sample(g):
    shape = [g.int(1, 2), g.int(1, 2), g.int(2, 5), g.int(2, 5)]
    modes = ["linear", "nearest", "cubic"] if g.opset >= 20 else ["bilinear", "nearest", "bicubic"]
    mode = g.pick(modes)
    grid = g.floats((shape[0], g.int(1, 4), g.int(1, 4), 2), low=-1.3, high=1.3)
    g.sums(200)
    attributes = {"mode": mode, "align_corners": g.int(0, 1)}
    if g.chance(0.7):
        attributes["padding_mode"] = g.pick(["zeros", "border", "reflection"])
    g.result(g.node("GridSample", [g.input(g.floats(shape)), g.input(grid)], **attributes))


@family(20)
def affine_grid(g):
    theta = g.floats((g.int(1, 3), 2, 3))
    size = g.stored(np.array([theta.shape[0], 2, g.int(2, 5), g.int(2, 5)], np.int64))
    g.sums(16)
    g.resizable = False
    g.result(g.node("AffineGrid", [g.input(theta), size], align_corners=g.int(0, 1)))


@family(16)
def region_align(g):
    shape = [g.int(1, 2), g.int(1, 3), g.int(4, 8), g.int(4, 8)]
    regions = g.int(1, 4)
    corners = g.floats((regions, 2), low=0, high=4)
    rois = np.concatenate([corners, corners + g.floats((regions, 2), low=0.5, high=4)], 1).astype(F32)
    g.sums(200)
    g.resizable = False
    names = [g.input(g.floats(shape)), g.input(rois), g.input(g.integers((regions,), np.int64, 0, shape[0] - 1))]
    attributes = {}
    if g.chance(0.6):
        attributes["coordinate_transformation_mode"] = g.pick(["half_pixel", "output_half_pixel"])
    g.result(g.node("RoiAlign", names, output_height=g.int(1, 3), output_width=g.int(1, 3), sampling_ratio=g.int(0, 2),
                    spatial_scale=g.pick([1.0, 0.5]), mode=g.pick(["avg", "avg", "max"]), **attributes))


@family(13)
def non_max_suppression(g):
    batch, classes, count = g.int(1, 2), g.int(1, 3), g.int(1, 9)
    centre = g.pick([0, 1])
    corners = g.floats((batch, count, 2), low=0, high=4)
    sizes = g.floats((batch, count, 2), low=0.5, high=3)
    boxes = np.concatenate([corners, sizes if centre else corners + sizes], 2).astype(F32)
    scores = g.numbers.permutation(batch * classes * count).reshape(batch, classes, count).astype(F32) / 10
    names = [g.input(boxes), g.input(scores), g.operand(np.array([g.int(1, 5)], np.int64)),
             g.stored(np.array([g.pick([0.3, 0.5])], F32)), g.stored(np.array([g.pick([-1.0, 0.4])], F32))]
    g.result(g.node("NonMaxSuppression", names, center_point_box=centre))


@family(11)
def qlinear_conv(g):
    group, each, out = g.pick([1, 1, 2]), g.int(1, 3), g.int(1, 4)
    shape = image(g, 1, 2, group * each)
    kernel, attributes, _ = windows(g, shape[2:])
    a, b = g.pick([(np.uint8, np.uint8), (np.uint8, np.int8), (np.int8, np.int8)])
    w = g.integers((group * out, each, *kernel), b, np.iinfo(b).min, np.iinfo(b).max)
    per_channel = b == np.int8 and g.chance(0.5)
    # Powers of two as scales: every product is exact.
    scales = np.exp2(g.integers((group * out,) if per_channel else (), np.int64, -6, -3)).astype(F32)
    zeros = np.zeros((group * out,), b) if per_channel else np.array(0 if b == np.int8 else g.int(0, 255), b)
    x = g.integers(shape, a, np.iinfo(a).min, np.iinfo(a).max)
    names = [g.input(x), g.stored(np.array(0.125, F32)), g.stored(np.array(g.int(0, 9), a)), g.stored(w), g.stored(scales),
             g.stored(zeros), g.stored(np.array(g.pick([1.0, 4.0]), F32)), g.stored(np.array(g.int(0, 9), a))]
    if g.chance(0.5):
        names.append(g.stored(g.integers((group * out,), np.int32, -500, 500)))
    g.result(g.node("QLinearConv", names, group=group, kernel_shape=kernel, **attributes))


@family(11, refuses="filters of symbolic size")
def conv_integer(g):
    group, each, out = g.pick([1, 1, 2]), g.int(1, 3), g.int(1, 4)
    shape = image(g, 1, 2, group * each)
    kernel, attributes, _ = windows(g, shape[2:])
    w = g.integers((group * out, each, *kernel), np.uint8, 0, 255)
    names = [g.input(g.integers(shape, np.uint8, 0, 255)), g.operand(w)]
    if g.chance(0.7):
        names += [g.stored(np.array(g.int(0, 255), np.uint8)), g.stored(np.array(g.int(0, 255), np.uint8))]
    g.result(g.node("ConvInteger", names, group=group, kernel_shape=kernel, **attributes))


