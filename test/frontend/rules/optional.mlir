// SPDX-License-Identifier: Apache-2.0
// An optional value that is known to be there, or not to be, leaves nothing behind; one that the run tells is a value.
// RUN: %opt %s --llmc-convert-onnx-to-llm | FileCheck %s
module {
  // CHECK-LABEL: @main
  // CHECK-SAME: (%[[X:.*]]: tensor<3xf32> {{.*}}, %[[O:.*]]: !llm.sequence<f32, 1, optional> {{.*}})
  // CHECK: %[[HAS:.*]] = llm.optional_has %[[O]] : (!llm.sequence<f32, 1, optional>) -> tensor<i1>
  // CHECK: %[[E:.*]] = llm.optional_get %[[O]] {{.*}} -> tensor<?xf32
  // CHECK: %[[Y:.*]] = llm.neg %[[E]]
  // CHECK-NOT: llm.optional
  // CHECK: return %[[X]], %[[HAS]], %[[Y]]
  func.func @main(%x: tensor<3xf32> {llm.name = "x"}, %o: !llm.sequence<f32, 1, optional> {llm.name = "o"})
      -> (none {llm.name = "a"}, none {llm.name = "b"}, none {llm.name = "c"}) {
    %0 = onnx.node "Optional"(%x) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (tensor<3xf32>) -> none
    %1 = onnx.node "OptionalGetElement"(%0) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none
    %2 = onnx.node "OptionalHasElement"(%o) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64}
      : (!llm.sequence<f32, 1, optional>) -> none
    %3 = onnx.node "OptionalGetElement"(%o) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64}
      : (!llm.sequence<f32, 1, optional>) -> none
    %4 = onnx.node "Neg"(%3) {op_domain = "", params = {}, subgraphs = [], version = 18 : i64} : (none) -> none
    return %1, %2, %4 : none, none, none
  }
}
