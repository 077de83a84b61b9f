/* SPDX-License-Identifier: Apache-2.0
 * A code object as the compiler would make it. Model "toy": raw (z = x + y +
 * weight 0 broadcast over rows; x, y: [rows, 4]), and a decoder with one state
 * [1, 1, capacity, 2] whose logits [1, n, 8] at position p are one-hot at (sum
 * of all tokens up to p) mod 8; after token 99 one is NaN, after 98 infinite,
 * after 97 all are minus infinity. Its entry "step" takes several
 * sequences: segments says how many of the tokens each has, rows whose logits
 * are wanted. */
#include "runtime/include/llmc/abi.h"

static int32_t addRows(const int64_t *args, int64_t begin, int64_t end,
                       int64_t worker) {
  const float *x = (const float *)args[0], *y = (const float *)args[1],
              *w = (const float *)args[2];
  float *z = (float *)args[3];
  for (int64_t row = begin; row < end; ++row)
    for (int c = 0; c < 4; ++c) {
      if (x[row * 4 + c] < -1e6f)
        return LLMC_FAIL_INDEX_RANGE;
      z[row * 4 + c] = x[row * 4 + c] + y[row * 4 + c] + w[c];
    }
  return LLMC_OK;
}

static int32_t raw(LlmcContext *ctx) {
  int64_t rows = ctx->inputs[0].dims[0];
  if (ctx->inputs[1].dims[0] != rows)
    return ctx->fail(ctx, LLMC_FAIL_INPUT_DIM, 1, 0, ctx->inputs[1].dims[0],
                     rows);
  if (ctx->poll(ctx))
    return LLMC_FAIL_CANCELLED;
  int64_t dims[2] = {rows, 4};
  float *z = ctx->output(ctx, 0, 2, dims);
  float *scratch = ctx->arena(ctx, rows * 16);
  void *block = ctx->alloc(ctx, 100);
  if (!z || !scratch || !block)
    return LLMC_FAIL_MEMORY;
  int64_t args[] = {(int64_t)ctx->inputs[0].data, (int64_t)ctx->inputs[1].data,
                    (int64_t)ctx->weight(ctx, 0), (int64_t)z};
  return ctx->parallel(ctx, addRows, args, rows, 1, 0, rows * 8, rows * 48);
}

static int32_t step(LlmcContext *ctx) {
  const LlmcTensor *tokens = &ctx->inputs[0], *mask = &ctx->inputs[1],
                   *positions = &ctx->inputs[2];
  LlmcState *state = &ctx->states[0];
  int64_t n = tokens->dims[1];
  if (mask->dims[1] != state->length + n)
    return ctx->fail(ctx, LLMC_FAIL_INPUT_DIM, 1, 1, mask->dims[1],
                     state->length + n);
  if (state->length + n > state->capacity)
    return ctx->fail(ctx, LLMC_FAIL_CAPACITY, 0, state->capacity,
                     state->length + n, 0);
  if (ctx->poll(ctx))
    return LLMC_FAIL_CANCELLED;
  int64_t dims[3] = {1, n, 8};
  float *logits = ctx->output(ctx, 0, 3, dims);
  if (!logits || !ctx->arena(ctx, n * 64))
    return LLMC_FAIL_MEMORY;
  float *keys = state->data;
  for (int64_t i = 0; i < n; ++i) {
    int64_t at = state->length + i, token = ((const int64_t *)tokens->data)[i];
    if (token >= 100)
      return ctx->fail(ctx, LLMC_FAIL_INDEX_RANGE, 0, 100, 0, 0);
    if (((const int64_t *)positions->data)[i] != at ||
        ((const int64_t *)mask->data)[at] != 1)
      return ctx->fail(ctx, LLMC_FAIL_SHAPE, 0, at, 0, 0);
    keys[at * 2] = (float)token + (at ? keys[at * 2 - 2] : 0);
    for (int k = 0; k < 8; ++k)
      logits[i * 8 + k] = (int64_t)keys[at * 2] % 8 == k;
    if (token >= 97)
      for (int k = token == 97 ? 0 : 7; k < 8; ++k)
        logits[i * 8 + k] = token == 99   ? __builtin_nanf("")
                            : token == 98 ? __builtin_inff()
                                          : -__builtin_inff();
  }
  return LLMC_OK;
}

/* One token of a sequence: its state, and its logits where they are wanted. */
static void take(float *keys, int64_t at, int64_t token, float *logits) {
  keys[at * 2] = (float)token + (at ? keys[at * 2 - 2] : 0);
  for (int k = 0; logits && k < 8; ++k)
    logits[k] =
        token == 99 ? __builtin_nanf("") : (int64_t)keys[at * 2] % 8 == k;
}

static int32_t shared(LlmcContext *ctx) {
  const LlmcTensor *tokens = &ctx->inputs[0], *positions = &ctx->inputs[1],
                   *segments = &ctx->inputs[2], *rows = &ctx->inputs[3];
  int64_t dims[3] = {1, rows->dims[0], 8}, token = 0, row = 0;
  float *logits = ctx->output(ctx, 0, 3, dims);
  if (!logits)
    return LLMC_FAIL_MEMORY;
  if (ctx->poll(ctx))
    return LLMC_FAIL_CANCELLED;
  for (int64_t s = 0; s < segments->dims[0]; ++s) {
    LlmcState *state = &ctx->states[s];
    int64_t count = ((const int64_t *)segments->data)[s];
    if (state->length + count > state->capacity)
      return ctx->fail(ctx, LLMC_FAIL_CAPACITY, 0, state->capacity,
                       state->length + count, 0);
    for (int64_t i = 0; i < count; ++i, ++token) {
      int64_t at = state->length + i;
      if (((const int64_t *)positions->data)[token] != at)
        return ctx->fail(ctx, LLMC_FAIL_SHAPE, 0, at, 0, 0);
      int isWanted =
          row < rows->dims[0] && ((const int64_t *)rows->data)[row] == token;
      take(state->data, at, ((const int64_t *)tokens->data)[token],
           isWanted ? logits + 8 * row++ : 0);
    }
  }
  if (token != tokens->dims[1] || row != rows->dims[0])
    return ctx->fail(ctx, LLMC_FAIL_SHAPE, 0, token, tokens->dims[1], 0);
  return LLMC_OK;
}

static const LlmcEntry entries[] = {raw, step, step, shared};

__attribute__((visibility("default")))
const LlmcModule llmc_module = {LLMC_ABI_VERSION, 4, entries, {1, 2, 3}};
