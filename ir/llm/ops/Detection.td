// SPDX-License-Identifier: Apache-2.0
// Boxes: what detectors do with regions.
#ifndef LLMC_IR_LLM_OPS_DETECTION
#define LLMC_IR_LLM_OPS_DETECTION
include "ir/llm/Attrs.td"

def Llm_RoiAlignOp : Llm_PureOp<"roi_align"> {
  let summary = "Regions of x at one size, by bilinear samples (He et al., 2017)";
  let description = [{
    x is [batch, channels, H, W], boxes [n, 4] (x1, y1, x2, y2), `images` [n] says which image each lies in; the result is
    [n, channels, h, w]. Every bin is the mean (or with `maximum` the maximum) of `samples` x `samples` samples, or of as many as the region's
    size asks for where that is 0. With `half_pixel` regions are shifted by half a pixel. (C1) Ranks are 4, 2, 1 and 4.
  }];
  let arguments = (ins Llm_FloatTensor:$x, Llm_FloatTensor:$boxes, Llm_IntTensor:$images, I64Attr:$samples, F64Attr:$scale, UnitAttr:$maximum,
    UnitAttr:$half_pixel);
  let results = (outs Llm_FloatTensor:$result);
  let assemblyFormat = "$x `,` $boxes `,` $images attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Llm_NonMaxSuppressionOp : Llm_PureOp<"non_max_suppression"> {
  let summary = "The best boxes of every class that overlap no better one";
  let description = [{
    boxes [batch, n, 4], scores [batch, classes, n]; `limit` (i64 scalar) boxes per class at most; a box goes where its intersection by union
    with a chosen one is above `overlap`, or its score is not above `threshold` (scalars, optional). Boxes are corners (y1, x1, y2, x2) or
    with `centered` (x, y, width, height). Results: rows (image, class, box) (i64 [batch * classes * n, 3]), of which the second result
    (i64 scalar) says how many are meant. (C1) Ranks are 3 and 3.
  }];
  let arguments = (ins Llm_FloatTensor:$boxes, Llm_FloatTensor:$scores, Llm_IntTensor:$limit, Llm_FloatTensor:$overlap, Optional<Llm_FloatTensor>:$threshold,
    UnitAttr:$centered);
  let results = (outs Llm_IntTensor:$chosen, Llm_IntTensor:$count);
  let assemblyFormat = "$boxes `,` $scores `,` $limit `,` $overlap (`,` $threshold^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
