# SPDX-License-Identifier: Apache-2.0
"""Resize, GridSample, AffineGrid and RoiAlign against onnxruntime."""
import itertools

import numpy as np

import harness
from sheet import Sheet

NONE = np.zeros(0, np.float32)
COORDINATES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")


def scales(*values):
    return np.array(values, np.float32)


def sizes(*values):
    return np.array(values, np.int64)


class Resize(harness.Case):
    def resize(self, s, name, x, scale=None, size=None, **attributes):
        s.add(name, "Resize", [x, None, scale, size], stored=(2, 3), **attributes)

    def test_modes(self):
        s = Sheet(opset=19)
        for mode, where in itertools.product(("nearest", "linear", "cubic"), COORDINATES):
            self.resize(s, f"{mode}_{where}_up", s.array(1, 2, 5, 6), scales(1, 1, 2, 3), mode=mode,
                        coordinate_transformation_mode=where)
            self.resize(s, f"{mode}_{where}_down", s.array(1, 2, 9, 8), size=sizes(1, 2, 4, 6), mode=mode,
                        coordinate_transformation_mode=where)
        s.check(self)

    def test_one_element(self):
        """pytorch_half_pixel puts a single element at the first one."""
        s = Sheet(opset=19)
        self.resize(s, "one", s.array(1, 2, 1, 4), size=sizes(1, 2, 3, 1), mode="cubic",
                    coordinate_transformation_mode="pytorch_half_pixel")
        s.check(self)

    def test_rounding(self):
        s = Sheet(opset=19)
        for how, where in itertools.product(("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
                                            ("half_pixel", "asymmetric")):
            self.resize(s, f"{how}_{where}", s.array(1, 1, 7, 5), scales(1, 1, 1.5, 0.625), nearest_mode=how,
                        coordinate_transformation_mode=where)
        s.add("bytes", "Resize", [np.arange(12, dtype=np.uint8).reshape(1, 1, 3, 4), None, scales(1, 1, 2, 2)],
              stored=(2,))
        s.check(self)

    def test_antialias(self):
        s = Sheet(opset=19)
        for mode in ("linear", "cubic"):
            self.resize(s, mode, s.array(1, 2, 11, 14), scales(1, 1, 0.6, 0.4), mode=mode, antialias=1)
            self.resize(s, f"{mode}_sizes", s.array(1, 2, 11, 14), size=sizes(1, 2, 5, 4), mode=mode, antialias=1)
        self.resize(s, "outside", s.array(1, 1, 6, 6), scales(1, 1, 0.7, 1.5), mode="cubic", exclude_outside=1)
        s.check(self)

    def test_axes(self):
        s = Sheet(opset=19)
        self.resize(s, "axes", s.array(2, 3, 5, 6), scales(2.0, 1.5), axes=[3, 2], mode="linear")
        roi = np.array([0.1, 0.2, 0.9, 1.3], np.float32)
        s.add("crop", "Resize", [s.array(1, 2, 8, 9), roi, None, sizes(5, 6)], stored=(1, 3), axes=[2, 3],
              mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=7.5)
        s.check(self)

    def test_policies(self):
        s = Sheet(opset=19)
        for policy in ("not_larger", "not_smaller"):
            self.resize(s, policy, s.array(1, 2, 5, 6), size=sizes(9, 8), axes=[2, 3], keep_aspect_ratio_policy=policy)
        s.check(self, exports=False)
        r = self.llmc("export", self.path("model.onnx"), "-o", self.path("out.onnx"), code=3)
        self.assertIn("llm.resample can't be written as ONNX: no scale and no size alone give its result", r.stderr)

    def test_dynamic(self):
        s = Sheet(opset=19, dynamic=True)
        self.resize(s, "double", s.array(1, 2, 5, 6), scales(1, 1, 2, 2), mode="linear")
        self.resize(s, "half", s.array(1, 2, 5, 6), scales(1, 1, 0.5, 0.5))
        self.resize(s, "sizes", s.array(1, 2, 5, 6), size=sizes(7, 4), axes=[2, 3], mode="cubic")
        s.check(self)

    def test_old(self):
        s = Sheet(opset=9)
        s.add("upsample", "Upsample", [s.array(1, 2, 3, 4), scales(1, 1, 2, 3)], stored=(1,), mode="nearest")
        s.add("linear", "Upsample", [s.array(1, 2, 3, 4), scales(1, 1, 2, 3)], stored=(1,), mode="linear")
        s.check(self)
        s = Sheet(opset=10)
        s.add("down", "Resize", [s.array(1, 2, 9, 8), scales(1, 1, 0.5, 0.4)], stored=(1,), mode="nearest")
        s.add("up", "Resize", [s.array(1, 2, 3, 4), scales(1, 1, 1.5, 2.0)], stored=(1,), mode="nearest")
        s.check(self)


class Samples(harness.Case):
    def test_grid(self):
        s = Sheet(opset=20)
        for mode, padding, corners in itertools.product(("nearest", "linear", "cubic"),
                                                        ("zeros", "border", "reflection"), (0, 1)):
            grid = (s.array(2, 4, 5, 2) * 0.9).astype(np.float32)
            s.add(f"{mode}_{padding}_{corners}", "GridSample", [s.array(2, 3, 6, 7), grid], mode=mode,
                  padding_mode=padding, align_corners=corners)
        volume = (s.array(1, 2, 3, 4, 3) * 0.8).astype(np.float32)
        s.add("volume", "GridSample", [s.array(1, 2, 4, 5, 3), volume], mode="linear", padding_mode="border")
        s.check(self)

    def test_affine(self):
        s = Sheet(opset=20)
        for corners in (0, 1):
            s.add(f"flat{corners}", "AffineGrid", [s.array(2, 2, 3), sizes(2, 3, 4, 5)], stored=(1,),
                  align_corners=corners)
            s.add(f"deep{corners}", "AffineGrid", [s.array(1, 3, 4), sizes(1, 3, 2, 4, 5)], stored=(1,),
                  align_corners=corners)
        s.check(self)

    def test_regions(self):
        s = Sheet(opset=16)
        boxes = np.array([[0, 0, 9, 9], [1.3, 2.2, 6.7, 8.1], [4, 4, 5, 5]], np.float32)
        images = np.array([0, 1, 1], np.int64)
        for mode, samples in itertools.product(("avg", "max"), (0, 2)):
            s.add(f"{mode}{samples}", "RoiAlign", [s.array(2, 3, 10, 11), boxes, images], mode=mode,
                  sampling_ratio=samples, output_height=3, output_width=4, spatial_scale=0.9)
        s.check(self)


if __name__ == "__main__":
    harness.main()
