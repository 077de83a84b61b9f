# SPDX-License-Identifier: Apache-2.0
# A library is a folder: it globs its sources, so adding a file needs no edit here.

# llmc_add_rooms(<folder>...): adds each top-level folder that has a CMakeLists.txt.
function(llmc_add_rooms)
  foreach(room ${ARGN})
    if(EXISTS ${CMAKE_SOURCE_DIR}/${room}/CMakeLists.txt)
      add_subdirectory(${CMAKE_SOURCE_DIR}/${room})
    endif()
  endforeach()
endfunction()

# llmc_library(<name> FOLDERS <dir>... [LINK <target>...] [MLIR]): a static library of the *.cpp directly in the
# folders. MLIR: the room sees LLVM's headers, with a precompiled header for the common ones.
function(llmc_library name)
  cmake_parse_arguments(ARG "MLIR" "" "FOLDERS;LINK" ${ARGN})
  set(sources)
  foreach(folder ${ARG_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    add_library(${name} INTERFACE)
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/runtime/include)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE llmc-warnings)
  if(ARG_MLIR)
    llmc_uses_mlir(${name})
  endif()
endfunction()

# llmc_uses_mlir(<target>): headers, libraries and the shared precompiled header of LLVM and MLIR.
function(llmc_uses_mlir name)
  target_include_directories(${name} SYSTEM PUBLIC ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_include_directories(${name} PUBLIC ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PUBLIC MLIR LLVM)
  separate_arguments(definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
  target_compile_options(${name} PUBLIC ${definitions})
  get_target_property(type ${name} TYPE)
  if(type STREQUAL "EXECUTABLE")
    # -fPIC as in libraries: a precompiled header made with it does not fit -fPIE.
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC)
  endif()
  if(NOT name STREQUAL "llmc-mlir-pch")
    target_precompile_headers(${name} REUSE_FROM llmc-mlir-pch)
  endif()
endfunction()
