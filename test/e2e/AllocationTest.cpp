// SPDX-License-Identifier: Apache-2.0
// Counts what a decode step asks of the allocator: nothing.
//   test-allocations MODEL.llmc
#include <llmc/llmc.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

// glibc's own functions under the names of the standard's, which this program
// replaces for itself and for libllmc.so.
extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
}

static std::atomic<long> calls = 0;

#pragma GCC visibility push(default)
extern "C" {
void *malloc(size_t size) {
  ++calls;
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  ++calls;
  return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size) {
  ++calls;
  return __libc_realloc(old, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
  ++calls;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void **result, size_t alignment, size_t size) {
  ++calls;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}
}
#pragma GCC visibility pop

static int64_t best(std::pair<const float *, size_t> logits) {
  return std::max_element(logits.first, logits.first + logits.second) -
         logits.first;
}

int main(int argc, char **argv) try {
  if (argc != 2)
    return 2;
  llmc::api::Model model(argv[1]);
  llmc::api::Session session(model);
  int64_t token = best(session.append({1, 5, 9}));
  token = best(session.append({token})); // the first step makes its buffers
  std::vector<int64_t> next = {token};
  long before = calls;
  for (int step = 0; step < 100; ++step)
    next[0] = best(session.append(next));
  long during = calls - before;
  std::printf("%ld allocations in 100 decode steps\n", during);
  return during == 0 && before > 0 ? 0 : 1;
} catch (const llmc::api::Failure &failure) {
  std::fprintf(stderr, "error: %s\n", failure.what());
  return 1;
}
