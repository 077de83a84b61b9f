// SPDX-License-Identifier: Apache-2.0
// Rotations of rows of numbers: x R, where R is the same orthogonal matrix for
// every block of numbers beside each other, a Hadamard matrix behind fixed
// signs (Ashkboos et al.: QuaRot, arXiv 2404.00456). What few numbers of a
// block have too much of, all have a part of then. Pure functions.
//
// Kinds of recipes beside those that llm.weight's attribute lists: "rotate"
// (axis, block) and "rotation" (none; the matrix R of one block).
#pragma once

#include "ir/llm/Weights.h"

namespace llmc::llm {

/// Numbers of a block for rows of this size; 0: they can't be rotated.
int64_t rotationBlock(int64_t size);
/// A block times R, in place; its size is a power of two.
void rotateBlock(std::span<double> block);

/// Vectors along an axis, whose size blocks divide, as rows times R: a weight
/// [K, N] rotated along 0 is what rotated inputs need, one rotated along 1
/// gives rotated results.
RecipeAttr rotateRecipe(RecipeAttr, int64_t axis, int64_t block);
/// R [block, block].
RecipeAttr rotationRecipe(int64_t block, mlir::Type element);
/// Whether a recipe is R or its transpose.
bool isRotation(RecipeAttr);

} // namespace llmc::llm
