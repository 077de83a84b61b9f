// SPDX-License-Identifier: Apache-2.0
// The importer's output: one generic op per ONNX node, before per-op rules turn it into the llm dialect.
#ifndef LLMC_IR_ONNX
#define LLMC_IR_ONNX

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Onnx_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::llmc::onnx";
  let summary = "ONNX nodes as they stand in the file";
}

def Onnx_NodeOp : Op<Onnx_Dialect, "node"> {
  let summary = "One ONNX node";
  let description = [{
    `version` is the since_version of the schema that the model's opset selects. Absent optional inputs are `none` values (onnx.absent). Attributes
    keep ONNX's names in `params`; subgraphs are regions, named in order by `subgraphs`, and capture outer values freely. Result types are
    unranked (`tensor<*xT>`) or `none` until the conversion infers them. An optional output that the node leaves out is a result without uses.
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$op_type, StrAttr:$op_domain, I64Attr:$version, DictionaryAttr:$params,
    StrArrayAttr:$subgraphs);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region VariadicRegion<AnyRegion>:$bodies);
  let assemblyFormat = "$op_type `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $bodies";
}
def Onnx_AbsentOp : Op<Onnx_Dialect, "absent", [Pure]> {
  let summary = "An optional input that the node leaves out";
  let results = (outs NoneType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}
def Onnx_ReturnOp : Op<Onnx_Dialect, "return", [Pure, Terminator, ReturnLike]> {
  let summary = "Ends a subgraph with its outputs";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif
