// SPDX-License-Identifier: Apache-2.0
// Carries the precompiled header of the rooms that use MLIR
// (cmake/LlmcLibrary.cmake); it has no code of its own.
