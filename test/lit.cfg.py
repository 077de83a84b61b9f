# SPDX-License-Identifier: Apache-2.0
# IR tests: each *.mlir under test/ runs llmc-opt and checks what it prints. Started by ctest (test/CMakeLists.txt).
import os

import lit.formats

config.name = "llmc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.excludes = ["unit", "golden", "Inputs"]
config.test_source_root = os.path.dirname(__file__)

build = lit_config.params["build"]
llvm = lit_config.params["llvm"]
config.test_exec_root = os.path.join(build, "test")
config.environment["PATH"] = os.pathsep.join([os.path.join(build, "bin"), llvm, os.environ["PATH"]])
# Debian's MLIR has no assertions: the verifier after every pass stands in for them.
config.substitutions.append(("%opt", "llmc-opt --split-input-file --verify-each"))
