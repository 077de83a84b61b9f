/* SPDX-License-Identifier: Apache-2.0
 * A code object whose entry takes a sequence, an optional tensor and an
 * optional sequence, and gives the first one backwards and the others as they
 * are. */
#include "runtime/include/llmc/abi.h"

static int32_t give(LlmcContext *ctx, int32_t index, int64_t bytes,
                    int backwards) {
  const LlmcTensor *from = &ctx->inputs[index], *tensors = from->data;
  int64_t count = from->dims[0];
  if (!ctx->output(ctx, index, LLMC_SEQUENCE, &count))
    return LLMC_FAIL_MEMORY;
  for (int64_t i = 0; i < count; ++i) {
    const LlmcTensor *tensor = &tensors[backwards ? count - 1 - i : i];
    char *to = ctx->item(ctx, index, i, tensor->rank, tensor->dims);
    if (!to)
      return LLMC_FAIL_MEMORY;
    int64_t size = bytes;
    for (int32_t d = 0; d < tensor->rank; ++d)
      size *= tensor->dims[d];
    for (int64_t b = 0; b < size; ++b)
      to[b] = ((const char *)tensor->data)[b];
  }
  return LLMC_OK;
}

static int32_t raw(LlmcContext *ctx) {
  int32_t status = give(ctx, 0, 4, 1);
  if (!status)
    status = give(ctx, 1, 4, 0);
  return status ? status : give(ctx, 2, 8, 0);
}

/* Asks for what no machine has. */
static int32_t huge(LlmcContext *ctx) {
  int64_t count = ctx->inputs[0].dims[0];
  if (!ctx->output(ctx, 0, LLMC_SEQUENCE, &count))
    return ctx->fail(ctx, LLMC_FAIL_MEMORY, 0, 0, 0, 0);
  int64_t dims[2] = {INT64_MAX / 2, 3};
  if (!ctx->item(ctx, 0, 0, 2, dims))
    return ctx->fail(ctx, LLMC_FAIL_OVERFLOW, 0, 0, 0, 0);
  return LLMC_OK;
}

static int32_t many(LlmcContext *ctx) {
  int64_t count = INT64_MAX;
  if (!ctx->output(ctx, 0, LLMC_SEQUENCE, &count))
    return ctx->fail(ctx, LLMC_FAIL_MEMORY, 0, 0, 0, 0);
  return LLMC_OK;
}

static const LlmcEntry entries[] = {raw, huge, many};

__attribute__((visibility("default")))
const LlmcModule llmc_module = {LLMC_ABI_VERSION, 3, entries, {1, 2, 3}};
