// SPDX-License-Identifier: Apache-2.0
// One architecture from three exporters and from opset-23 ops: the same ops in every layer.
// RUN: llmc-opt %S/../models/opt_llama_gqa/model.onnx --verify-each --llmc-convert-onnx-to-llm --llmc --llmc-op-summary -o %t 2>&1 | FileCheck %s
// RUN: llmc-opt %S/../models/dyn_llama_op18/model.onnx --verify-each --llmc-convert-onnx-to-llm --llmc --llmc-op-summary -o %t 2>&1 | FileCheck %s
// RUN: llmc-opt %S/../models/dyn_llama_op23/model.onnx --verify-each --llmc-convert-onnx-to-llm --llmc --llmc-op-summary -o %t 2>&1 | FileCheck %s
// RUN: llmc-opt %S/../models/genai_llama_fp32/model.onnx --verify-each --llmc-convert-onnx-to-llm --llmc --llmc-op-summary -o %t 2>&1 | FileCheck %s
// RUN: llmc-opt %S/../models/std23_decoder_4d/model.onnx --verify-each --llmc-convert-onnx-to-llm --llmc --llmc-op-summary -o %t 2>&1 | FileCheck %s
// CHECK: 0: rms_norm linear rope kv_append kv_append attention linear+residual rms_norm gated_linear linear+residual
// CHECK-NEXT: 1: rms_norm linear rope kv_append kv_append attention linear+residual rms_norm gated_linear linear+residual
// CHECK-NEXT: head: rms_norm linear
