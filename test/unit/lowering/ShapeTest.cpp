// SPDX-License-Identifier: Apache-2.0
#include "ir/llm/Shape.h"
#include "mlir/IR/Builders.h"

#include <catch2/catch.hpp>

using namespace llmc::llm;

namespace {
struct Sizes {
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  Symbols symbols{*module};
  Dim seq = symbols.named("seq"), past = symbols.named("past");
  Dim c(int64_t v) { return constantDim(&context, v); }
};
} // namespace

TEST_CASE_METHOD(Sizes, "Equal sizes are equal expressions") {
  CHECK(simplified(seq + past) == simplified(past + seq));
  CHECK(simplified((seq + past) * 64) == simplified(past * 64 + seq * 64));
  CHECK(simplified(seq * past * 2) == simplified(past * 2 * seq));
  CHECK(simplified(seq + past - seq) == past);
  CHECK(simplified(seq - seq) == c(0));
  CHECK(simplified((seq * 64).floorDiv(16)) == simplified(seq * 4));
  CHECK(simplified((seq * past).floorDiv(past)) == seq);
  CHECK(simplified((seq * 64) % 16) == c(0));
  CHECK(simplified(seq.floorDiv(2)) != seq);
}

TEST_CASE_METHOD(Sizes, "Numbers beyond 64 bits are the largest ones") {
  Dim most = simplified(seq * INT64_MAX);
  CHECK(productOf(&context, {seq * (int64_t(1) << 40), c(1 << 24)}) == most);
  CHECK(productOf(&context, {c(INT64_MAX), seq, c(INT64_MAX)}) == most);
  CHECK(productOf(&context, {seq + past, c(-2), c(INT64_MAX)}) ==
        simplified(seq * INT64_MIN + past * INT64_MIN));
}

TEST_CASE_METHOD(Sizes, "Types carry their sizes") {
  mlir::Builder b(&context);
  auto fixed = tensorType(&context, {c(2), c(3)}, b.getF32Type());
  CHECK(fixed == mlir::RankedTensorType::get({2, 3}, b.getF32Type()));
  auto open = tensorType(&context, {seq, c(3)}, b.getF32Type());
  CHECK(open.isDynamicDim(0));
  CHECK(dimsOf(open)[0] == seq);
  CHECK(open == tensorType(&context, {simplified(seq + past - past), c(3)},
                           b.getF32Type()));
  CHECK(dimsOf(withElement(open, b.getI64Type()))[0] == seq);
}

TEST_CASE_METHOD(Sizes, "Symbols are found by name and printed with it") {
  CHECK(symbols.named("seq") == seq);
  CHECK(symbols.fresh("seq") != seq);
  CHECK(symbols.print(simplified(seq + past)) == "seq + past");
  CHECK(symbols.print(simplified(seq * 2 - 1)) == "seq * 2 - 1");
}

TEST_CASE_METHOD(Sizes, "Minimum and maximum are decided where they can be") {
  CHECK(symbols.min(c(3), c(5)) == c(3));
  CHECK(symbols.max(seq, simplified(seq + 1)) == simplified(seq + 1));
  Dim open = symbols.min(seq, past);
  CHECK(open == symbols.min(seq, past));
  CHECK(symbols.print(open) == "min(seq, past)");
}

TEST_CASE_METHOD(Sizes,
                 "Comparisons and choices are decided where they can be") {
  CHECK(symbols.less(seq, simplified(seq + 1)) == c(1));
  CHECK(symbols.equal(seq, simplified(seq + 1)) == c(0));
  CHECK(symbols.select(c(0), seq, past) == past);
  CHECK(symbols.select(symbols.equal(seq, seq), seq, past) == seq);
  Dim open = symbols.select(symbols.less(seq, past), seq, past);
  CHECK(symbols.print(open) == "select(less(seq, past), seq, past)");
}

TEST_CASE_METHOD(Sizes, "Symbols of data are apart from those of inputs") {
  Dim n = symbols.data("n", {.least = 0, .most = 7}), m = symbols.data("n");
  CHECK(n != m);
  CHECK(symbols.print(simplified(n + m)) == "n + n_1");
  unsigned position = 2; // behind seq and past
  CHECK(symbols.kind(0) == "input");
  CHECK(symbols.kind(position) == "data");
  CHECK(symbols.range(position).most == 7);
  CHECK(!symbols.range(position + 1).least);
  CHECK(symbols.followsFromInputs(symbols.max(seq, past)));
  CHECK(!symbols.followsFromInputs(symbols.max(seq, simplified(n * 2))));
}

TEST_CASE_METHOD(Sizes, "Shapes broadcast") {
  auto both = broadcastDims({c(1), seq}, {past, c(1)}, &symbols);
  REQUIRE(mlir::succeeded(both));
  CHECK((*both)[0] == past);
  CHECK((*both)[1] == seq);
  CHECK(mlir::failed(broadcastDims({c(2)}, {c(3)})));
  auto unsure = broadcastDims({seq}, {past}, &symbols);
  CHECK(symbols.print((*unsure)[0]) == "broadcast(seq, past)");
}

TEST_CASE_METHOD(Sizes, "A site survives other locations around it") {
  mlir::Location loc = siteLoc(&context, {7, "add", "Add"});
  mlir::Location around =
      mlir::FusedLoc::get(&context, {mlir::UnknownLoc::get(&context), loc});
  CHECK(siteOf(around).node == 7);
  CHECK(siteOf(around).op == "Add");
  CHECK(siteOf(mlir::UnknownLoc::get(&context)).node == -1);
}
