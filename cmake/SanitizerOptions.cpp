// SPDX-License-Identifier: Apache-2.0
// The sanitizers' settings for all programs of a build with LLMC_SANITIZE.

/// LLVM's allocators mark their free memory where headers are compiled with
/// AddressSanitizer; the LLVM libraries are not, and don't take the marks away.
/// An allocation that cannot be had is null, as without the sanitizer. LLVM
/// sets its own signal stacks in threads, which the sanitizer would free as its
/// own.
extern "C" __attribute__((visibility("default"), used)) const char *
__asan_default_options() {
  return "allow_user_poisoning=0:allocator_may_return_null=1:use_sigaltstack=0";
}
