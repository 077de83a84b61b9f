# SPDX-License-Identifier: Apache-2.0
"""Operators that slide windows over tensors: convolutions and pools, of 1 to 3 axes, odd and empty sizes."""
import harness
from sheet import Sheet


class Windows(harness.Case):
    def test_conv(self):
        s = Sheet()
        a = s.array
        s.add("line", "Conv", [a(2, 3, 17), a(4, 3, 3), a(4)], pads=[1, 1])
        s.add("whisper", "Conv", [a(1, 80, 64), a(96, 80, 3), a(96)], stored=(1, 2), pads=[1, 1], strides=[2])
        s.add("patches", "Conv", [a(1, 3, 32, 48), a(40, 3, 16, 16), a(40)], stored=(1, 2), strides=[16, 16])
        s.add("point", "Conv", [a(2, 37, 9, 11), a(19, 37, 1, 1)], stored=(1,))
        s.add("deep", "Conv", [a(1, 70, 13, 15), a(130, 70, 3, 3) / 16, a(130)], stored=(1, 2), pads=[1, 1, 1, 1])
        s.add("asymmetric", "Conv", [a(1, 2, 10, 12), a(3, 2, 3, 4)], pads=[0, 2, 3, 1], strides=[2, 3])
        s.add("dilated", "Conv", [a(1, 3, 20, 21), a(5, 3, 3, 3), a(5)], dilations=[2, 3], pads=[2, 3, 2, 3])
        s.add("groups", "Conv", [a(2, 6, 9, 8), a(9, 2, 3, 3), a(9)], group=3, pads=[1, 1, 1, 1])
        s.add("depthwise", "Conv", [a(1, 33, 14, 150), a(33, 1, 3, 3), a(33)], group=33, pads=[1, 1, 1, 1])
        s.add("multiplier", "Conv", [a(1, 5, 9, 9), a(10, 1, 5, 5)], group=5, strides=[2, 2], pads=[2, 2, 2, 2])
        s.add("volume", "Conv", [a(1, 2, 6, 7, 8), a(3, 2, 3, 2, 3), a(3)], pads=[1, 0, 1, 1, 1, 1])
        s.add("same", "Conv", [a(1, 2, 11, 14), a(3, 2, 4, 3)], auto_pad="SAME_UPPER", strides=[2, 3])
        s.add("same_lower", "Conv", [a(1, 2, 11, 14), a(3, 2, 4, 3)], auto_pad="SAME_LOWER", strides=[2, 3])
        s.add("wide_pads", "Conv", [a(1, 1, 3, 3), a(1, 1, 2, 2)], pads=[4, 5, 5, 4])
        s.add("no_batch", "Conv", [a(0, 3, 8, 8), a(4, 3, 3, 3), a(4)])
        s.check(self)

    def test_conv_dynamic(self):
        s = Sheet(dynamic=True)
        a = s.array
        s.add("image", "Conv", [a(2, 3, 33, 20), a(8, 3, 3, 3), a(8)], stored=(1, 2), pads=[1, 1, 1, 1], strides=[2, 2])
        s.add("valid", "Conv", [a(1, 4, 19, 5), a(6, 2, 3, 3)], stored=(1,), group=2)
        s.add("same", "Conv", [a(1, 2, 11, 14), a(3, 2, 4, 3)], stored=(1,), auto_pad="SAME_UPPER", strides=[2, 3])
        s.add("pool", "MaxPool", [a(1, 2, 9, 12)], kernel_shape=[3, 2], strides=[2, 3], ceil_mode=1)
        s.add("mean", "AveragePool", [a(1, 2, 9, 12)], kernel_shape=[3, 2], pads=[1, 1, 1, 1], count_include_pad=1)
        s.check(self)

    def test_half(self):
        s = Sheet()
        half = "float16"
        s.add("conv", "Conv", [s.array(1, 40, 9, 9, dtype=half), s.array(8, 40, 3, 3, dtype=half)], pads=[1, 1, 1, 1])
        s.check(self, rtol=2e-3, atol=2e-2)  # one rounding of sums of 360 products to 11 bits

    def test_double(self):
        s = Sheet()
        wide = "float64"
        s.add("pool", "MaxPool", [s.array(1, 2, 9, 9, dtype=wide)], kernel_shape=[3, 3], outputs=2)
        s.add("lp", "LpPool", [s.array(1, 2, 9, 9)], kernel_shape=[2, 3], p=3)
        s.check(self, rtol=1e-6, atol=1e-6)

    def test_transposed(self):
        s = Sheet()
        a = s.array
        s.add("line", "ConvTranspose", [a(2, 3, 9), a(3, 4, 3), a(4)], strides=[2])
        s.add("image", "ConvTranspose", [a(1, 6, 5, 7), a(6, 4, 3, 3), a(4)], stored=(1, 2), strides=[2, 2],
              pads=[1, 1, 1, 1], output_padding=[1, 1])
        s.add("groups", "ConvTranspose", [a(2, 6, 5, 7), a(6, 3, 3, 2)], group=2, dilations=[2, 1])
        s.add("volume", "ConvTranspose", [a(1, 2, 3, 4, 5), a(2, 3, 2, 3, 2)], strides=[1, 2, 3])
        s.add("same", "ConvTranspose", [a(1, 2, 5, 5), a(2, 3, 4, 3)], auto_pad="SAME_UPPER", strides=[2, 2])
        s.add("shape", "ConvTranspose", [a(1, 2, 5, 5), a(2, 3, 3, 3)], output_shape=[10, 9], strides=[2, 2])
        s.check(self)

    def test_pools(self):
        s = Sheet()
        a = s.array
        box = {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [1, 0, 1, 1]}
        s.add("max", "MaxPool", [a(2, 3, 9, 8)], outputs=2, **box)
        s.add("columns", "MaxPool", [a(2, 3, 9, 8)], outputs=2, storage_order=1, **box)
        s.add("dilated", "MaxPool", [a(1, 2, 12, 11)], kernel_shape=[3, 3], dilations=[2, 3], strides=[2, 2],
              ceil_mode=1)
        s.add("bytes", "MaxPool", [(a(1, 2, 8) * 50).astype("int8")], kernel_shape=[3])
        s.add("mean", "AveragePool", [a(2, 3, 9, 8)], **box)
        s.add("padded", "AveragePool", [a(2, 3, 9, 8)], count_include_pad=1, **box)
        s.add("up", "AveragePool", [a(1, 1, 7, 8)], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        s.add("up_padded", "AveragePool", [a(1, 1, 7, 8)], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1],
              ceil_mode=1, count_include_pad=1)
        s.add("norm", "LpPool", [a(1, 2, 9, 8)], **box)
        s.add("whole_max", "GlobalMaxPool", [a(2, 3, 5, 4)])
        s.add("whole_mean", "GlobalAveragePool", [a(2, 3, 5, 4, 2)])
        s.add("volume", "MaxPool", [a(1, 2, 5, 6, 7)], kernel_shape=[2, 3, 2], auto_pad="SAME_LOWER")
        s.add("none", "MaxPool", [a(0, 2, 5, 6)], kernel_shape=[2, 2])
        s.check(self)

    def test_whole_norm(self):
        s = Sheet(opset=21)
        for p in (1, 2, 3):
            s.add(f"norm{p}", "GlobalLpPool", [s.array(2, 3, 5)], p=p)
        s.check(self)

    def test_norms(self):
        s = Sheet()
        a = s.array
        parameters = [a(6), a(6), a(6), abs(a(6))]
        s.add("batch", "BatchNormalization", [a(2, 6, 5, 4), *parameters], epsilon=1e-3)
        s.add("batch_stored", "BatchNormalization", [a(2, 6), *parameters], stored=(1, 2, 3, 4))
        s.add("instance", "InstanceNormalization", [a(2, 6, 5, 4), a(6), a(6)])
        s.add("group", "GroupNormalization", [a(2, 6, 5, 4), a(6), a(6)], num_groups=3)
        s.add("lrn", "LRN", [a(2, 6, 3, 4)], size=3, alpha=0.3, beta=0.6, bias=1.5)
        s.check(self)

    def test_too_short(self):
        s = Sheet(dynamic=True)
        s.add("conv", "Conv", [s.array(1, 2, 9), s.array(3, 2, 5)], stored=(1,))
        s.check(self)
        import numpy as np
        np.savez(self.path("short.npz"), **{"conv.0": s.array(1, 2, 3)})
        artifact = self.compile(self.path("model.onnx"))
        r = self.llmc("run", artifact, "--inputs", self.path("short.npz"), "--outputs", self.path("out"), code=2)
        self.assertIn("3", r.error)


if __name__ == "__main__":
    harness.main()
