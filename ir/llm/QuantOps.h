// SPDX-License-Identifier: Apache-2.0
// The dialect's quantized ops (ops/Quant.td). Only what works on them includes
// this.
#pragma once

#include "ir/llm/Dialect.h"

#define GET_OP_CLASSES
#include "ir/llm/LlmQuant.h.inc"
