// SPDX-License-Identifier: Apache-2.0
// All op records of the dialect, one family a file.
#ifndef LLMC_IR_LLM_OPS
#define LLMC_IR_LLM_OPS

include "ir/llm/Dialect.td"
include "ir/llm/Attrs.td"
include "ir/llm/Interfaces.td"
include "ir/llm/ops/Constant.td"
include "ir/llm/ops/Elementwise.td"
include "ir/llm/ops/Reduce.td"
include "ir/llm/ops/Layout.td"
include "ir/llm/ops/Index.td"
include "ir/llm/ops/Matmul.td"
include "ir/llm/ops/Norm.td"
include "ir/llm/ops/Conv.td"
include "ir/llm/ops/Pool.td"
include "ir/llm/ops/Resize.td"
include "ir/llm/ops/Recurrent.td"
include "ir/llm/ops/Signal.td"
include "ir/llm/ops/Detection.td"
include "ir/llm/ops/Attention.td"
include "ir/llm/ops/Experts.td"
include "ir/llm/ops/Cache.td"
include "ir/llm/ops/Control.td"
include "ir/llm/ops/Sequence.td"

#endif
