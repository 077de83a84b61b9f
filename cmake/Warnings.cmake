# SPDX-License-Identifier: Apache-2.0
# Warnings and sanitizers for every target of ours.
add_library(llmc-warnings INTERFACE)
target_compile_options(llmc-warnings INTERFACE -Wall -Wextra -Wno-unused-parameter -Werror=return-type)
# GCC 12 sees overlaps in std::string that are none.
target_compile_options(llmc-warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(LLMC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  # The sanitizers' vptr check needs RTTI of every class; LLVM's are built without theirs exported.
  add_compile_options(-fno-sanitize=vptr)
  add_link_options(-fsanitize=address,undefined)
  add_library(llmc-sanitizer-options OBJECT ${CMAKE_CURRENT_LIST_DIR}/SanitizerOptions.cpp)
  link_libraries($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:llmc-sanitizer-options>)
endif()
