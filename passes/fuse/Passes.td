// SPDX-License-Identifier: Apache-2.0
// Fusion: fewer passes over memory, in forms that have kernels.
#ifndef LLMC_PASSES_FUSE
#define LLMC_PASSES_FUSE

include "mlir/Pass/PassBase.td"

def SplitGatedMlps : Pass<"llmc-fuse-split-gated-mlps", "::mlir::ModuleOp"> {
  let summary = "Gated MLPs as their two kernels";
}
def FuseRopeNorms : Pass<"llmc-fuse-fuse-rope-norms", "::mlir::ModuleOp"> {
  let summary = "Norms of heads into the rotations behind them";
  let description = [{
    Fires: an RMS norm of each head, in f32, with a stored weight [head size], that only the rotation reads, directly or as heads of one size.
    Stays: a norm over several heads; without a stored weight of f32; with a residual; in halves, which are rounded between the two.
    Numbers: the same bits, since the rotation's kernel normalizes in the order of the norm's.
  }];
}
def MergeRopes : Pass<"llmc-fuse-merge-ropes", "::mlir::ModuleOp"> {
  let summary = "Rotations of queries and keys that stand behind each other become one";
  let description = [{
    Fires: two rotations of heads that are columns of one product without a gap between them, by the same positions, angles, scale and epsilon.
    Stays: other positions, angles or sizes of heads; a gap; a norm for only one of them; heads that are no columns of a product.
    Numbers: the same bits, since heads turn one by one.
  }];
}
def FuseEpilogues : Pass<"llmc-fuse-fuse-epilogues", "::mlir::ModuleOp"> {
  let summary = "Activations, factors and residual sums into the products and norms before them";
  let description = [{
    Fires: an activation (ReLU, both forms of GELU, SiLU, tanh, sigmoid, x sigmoid(1.702 x)) behind a product with a stored weight, or behind a convolution in f32; factors in front of the activation and behind it, as in c tanh(x / c), or one alone; then a sum with a tensor of the result's size; the same sum behind an RMS norm in f32; a cast to f16 or bf16 behind a product or norm in f32.
    Stays: what anything else reads too; a second activation; a third factor; anything behind a sum; operands that are smaller or larger than the result; a product outside of the body of a branch or loop.
    Numbers: the same bits in f32, but that a divisor becomes its reciprocal; halves are rounded once instead of after each op, and so is f32 on the reference target, whose sums are doubles.
  }];
}
def FuseAddNorms : Pass<"llmc-fuse-fuse-add-norms", "::mlir::ModuleOp"> {
  let summary = "Sums into the norms behind them";
  let description = [{
    Fires: an RMS or layer norm of a sum of two tensors of its size, where no product took the sum: of embeddings, or behind a mixture of experts. The sum is a second result for who else reads it.
    Stays: an operand of another size; another reader of the sum in front of the norm; an RMS norm with a residual; a norm in the body of a branch or loop.
    Numbers: the same bits, since the sum is rounded to its type before it is normalized.
  }];
}
def FuseRoundings : Pass<"llmc-fuse-fuse-roundings", "::mlir::ModuleOp"> {
  let summary = "Roundings to integers into the products behind them";
  let description = [{
    Fires: a rounding to 8 bits whose only reader is a product, or one of a whole tensor with only reshapes between; a rotation that only products which round rows read.
    Stays: rounded numbers that two ops read, or that are no left operand; groups that a reshape cuts differently; a product that rounds already.
    Numbers: kernels multiply integers then, whose sums are exact, and scale them; the reference target gives the same bits where groups are rounded. Rotations add in another order.
  }];
}
def FuseMaps : Pass<"llmc-fuse-fuse-maps", "::mlir::ModuleOp"> {
  let summary = "Chains of elementwise ops into one loop";
  let description = [{
    Fires: two elementwise ops or more of one size, whose inner results nothing else reads; casts are repeated instead; a broadcast in front of an op goes.
    Stays: a producer of a smaller size, which would be computed again for each row; division and remainder of integers, which may fail and name their node; more than max-ops ops or max-inputs tensors; ops of another block; reductions.
    Numbers: the same bits in f32, since every op computes as it does alone; halves are rounded once, where they are stored.
  }];
  let options = [
    Option<"maxOps", "max-ops", "int64_t", "32", "largest number of ops in one loop">,
    Option<"maxInputs", "max-inputs", "int64_t", "12", "largest number of tensors that one loop reads">,
  ];
}

#endif
