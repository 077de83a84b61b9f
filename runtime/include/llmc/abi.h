/* SPDX-License-Identifier: Apache-2.0
 *
 * The border between compiled code and the runtime. Code objects are compiled
 * against this header (the `rt` dialect mirrors it one to one, ir/rt/); the
 * runtime implements it (runtime/core/). Plain C, fixed layouts, little-endian
 * 64-bit targets. A change of anything here raises LLMC_ABI_VERSION.
 *
 * Ownership: all pointers belong to the runtime and are valid for the current
 * step only, unless said otherwise. Thread-safety: an LlmcContext belongs to
 * one call of one session. Kernels run on several threads at once and touch
 * only their arguments.
 */
#ifndef LLMC_ABI_H
#define LLMC_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LLMC_ABI_VERSION 4
#define LLMC_MAX_RANK 16
/* The "rank" of a sequence of tensors (LlmcTensor). */
#define LLMC_SEQUENCE (-1)
/* The "count" of an optional sequence that is not there. */
#define LLMC_ABSENT (-1)

/* Element types carry the numbers of ONNX's TensorProto.DataType. */
typedef enum LlmcDType {
  LLMC_NONE = 0,
  LLMC_F32 = 1,
  LLMC_U8 = 2,
  LLMC_I8 = 3,
  LLMC_U16 = 4,
  LLMC_I16 = 5,
  LLMC_I32 = 6,
  LLMC_I64 = 7,
  LLMC_STRING = 8,
  LLMC_BOOL = 9,
  LLMC_F16 = 10,
  LLMC_F64 = 11,
  LLMC_U32 = 12,
  LLMC_U64 = 13,
  LLMC_C64 = 14,
  LLMC_C128 = 15,
  LLMC_BF16 = 16,
  LLMC_F8E4M3FN = 17,
  LLMC_F8E4M3FNUZ = 18,
  LLMC_F8E5M2 = 19,
  LLMC_F8E5M2FNUZ = 20,
  LLMC_U4 = 21,
  LLMC_I4 = 22,
  LLMC_F4E2M1 = 23,
  LLMC_F8E8M0 = 24,
  LLMC_U2 = 25,
  LLMC_I2 = 26
} LlmcDType;

/* A dense row-major tensor. `data` may be null when any dim is 0. Sub-byte
 * elements are packed, low bits first.
 *
 * Or, with the rank LLMC_SEQUENCE, a sequence: `data` is an array of dims[0]
 * LlmcTensors, all of them tensors of type `dtype`; it may be null where there
 * are none. An optional tensor is a sequence of at most one tensor. An optional
 * sequence is a sequence; where there is none, dims[0] is LLMC_ABSENT. */
typedef struct LlmcTensor {
  void *data;
  int32_t dtype;
  int32_t rank;
  int64_t dims[LLMC_MAX_RANK];
} LlmcTensor;

/* A state that the runtime owns and an entry updates in place, such as the keys
 * of one layer's KV cache: [batch, heads, capacity, head size], of which
 * `length` positions are valid before the call. The entry writes the new
 * positions; the runtime advances `length` after it. */
typedef struct LlmcState {
  void *data;
  int64_t capacity;
  int64_t length;
} LlmcState;

/* What a call can fail with. The runtime turns (kind, site, a, b, c) into a
 * message; `site` is a row of the site table, or the index of an input where
 * stated. */
typedef enum LlmcFail {
  LLMC_OK = 0,
  LLMC_FAIL_INPUT_DIM = 1,   /* site = input; dim a is b, expected c */
  LLMC_FAIL_INDEX_RANGE = 2, /* an index outside [-a, a) */
  LLMC_FAIL_SHAPE = 3,       /* sizes that don't fit: a against b */
  LLMC_FAIL_OVERFLOW = 4,    /* a size expression overflows */
  LLMC_FAIL_MEMORY = 5,      /* a buffer of a bytes could not be had */
  LLMC_FAIL_CANCELLED = 6,
  LLMC_FAIL_CAPACITY = 7, /* a state of capacity a would need b positions */
  LLMC_FAIL_DIVIDE = 8,   /* integer division by zero */
  LLMC_FAIL_VALUE = 9,  /* a size, axis or the like that data gives: a is not in
                           [b, c]; b > c: a is not allowed */
  LLMC_FAIL_ABSENT = 10 /* an optional value without an element is read */
} LlmcFail;

/* One kernel: works on tiles [begin, end) of a step; args are pointers and
 * sizes as 64-bit words, in an order that the compiler alone knows. `worker` is
 * in [0, LlmcContext.workers) and unique among the calls that run at the same
 * time. Returns LLMC_OK or a LlmcFail. A tile's result never depends on how the
 * range was cut. */
typedef int32_t (*LlmcKernel)(const int64_t *args, int64_t begin, int64_t end,
                              int64_t worker);

typedef struct LlmcContext LlmcContext;

/* What compiled host code sees of the runtime during one call. */
struct LlmcContext {
  int64_t workers;          /* threads that run kernels, at least 1 */
  const LlmcTensor *inputs; /* in the entry's order */
  LlmcTensor *outputs;      /* in the entry's order; dtype is preset */
  LlmcState *states;        /* in the entry's order; of an entry that takes
                               several sequences those of the first, then those
                               of the second, ... */

  /* One block of `bytes` for this call's intermediate values, 64-byte aligned,
   * kept between calls and grown when needed. Null: out of memory (already
   * reported). */
  void *(*arena)(LlmcContext *, int64_t bytes);
  /* Sets outputs[index]'s rank and dims and gives its buffer. Null: out of
   * memory (already reported). A zero-size output gives a valid dummy address.
   * With the rank LLMC_SEQUENCE: makes it a sequence of dims[0] tensors, which
   * item() then gives sizes and buffers; what it returns is only tested. */
  void *(*output)(LlmcContext *, int32_t index, int32_t rank,
                  const int64_t *dims);
  /* The same for tensor `position` of the sequence outputs[index]. */
  void *(*item)(LlmcContext *, int32_t index, int64_t position, int32_t rank,
                const int64_t *dims);
  /* A weight's first byte, 64-byte aligned, valid until the end of the current
   * step. */
  const void *(*weight)(LlmcContext *, int32_t id);
  /* Cuts [0, count) into ranges of at least `grain` and runs the kernel over
   * them, on the calling thread too. Returns LLMC_OK, or the smallest non-zero
   * value that a range returned. `flops` and `bytes` are what the step computes
   * and moves, as the compiler counts it: for profiles, nothing else. */
  int32_t (*parallel)(LlmcContext *, LlmcKernel, const int64_t *args,
                      int64_t count, int64_t grain, int32_t site, int64_t flops,
                      int64_t bytes);
  /* Buffers of data-dependent size, 64-byte aligned. Null: out of memory
   * (already reported). What a call has not released is freed when its entry
   * returns, failed or not. */
  void *(*alloc)(LlmcContext *, int64_t bytes);
  void (*release)(LlmcContext *, void *);
  /* Records a failure; returns `kind`, which the entry returns at once. */
  int32_t (*fail)(LlmcContext *, int32_t kind, int32_t site, int64_t a,
                  int64_t b, int64_t c);
  /* Non-zero: the caller cancelled; the entry returns LLMC_FAIL_CANCELLED.
   * Called between steps. */
  int32_t (*poll)(LlmcContext *);
};

/* An entry of a model ("raw", "prefill", "decode", "step"): the whole host
 * program. Returns LLMC_OK or a LlmcFail. */
typedef int32_t (*LlmcEntry)(LlmcContext *);

/* Every code object exports exactly one symbol, the constant `llmc_module`. The
 * entries are those of the manifest, models in order, each model's entries in
 * order. */
typedef struct LlmcModule {
  uint32_t abi;     /* LLMC_ABI_VERSION */
  uint32_t entries; /* number of entries */
  const LlmcEntry *entry;
  uint8_t digest[32]; /* the compilation's id, equal to the manifest's "id" */
} LlmcModule;

#define LLMC_MODULE_SYMBOL "llmc_module"

#ifdef __cplusplus
}
#endif
#endif
