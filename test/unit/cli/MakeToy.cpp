// SPDX-License-Identifier: Apache-2.0
// make-toy FILE [OBJECT [FEATURE]]: writes the toy artifact of the runtime's
// tests.
#include "test/unit/runtime/Toy.h"
#include <cstdio>

int main(int argc, char **argv) {
  llmc::test::ToyOptions options = {.bigWeight = 5 << 20};
  if (argc > 2)
    options.object = argv[2];
  if (argc > 3)
    options.features = {argv[3]};
  llmc::Status status = llmc::test::writeToy(argc > 1 ? argv[1] : "", options);
  if (!status)
    std::fprintf(stderr, "%s\n", status.error().what.c_str());
  return static_cast<int>(status.code());
}
