#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of operators: Standard.inc from the pinned `onnx` package and Contrib.inc from `onnxruntime`.

    generate.py [--check]

One row per operator and version: domain, name, since_version, inputs, outputs, attributes. --check compares instead of
writing. Inputs and outputs: r required, o optional, + one or more, * any number. An attribute is name:kind, with ! if
it is required; the kinds are those of kindLetters in Schema.cpp. Types: a letter per input, equal ones for inputs that
share a type (? for one that may have any), then the element types of a, b, ... in the letters of typeLetters in
Schema.cpp.
"""
import pathlib
import sys

import onnx.defs
import onnxruntime.capi.onnxruntime_pybind11_state as ort

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {"FLOAT": "f", "INT": "i", "STRING": "s", "TENSOR": "t", "GRAPH": "g", "FLOATS": "F", "INTS": "I",
         "STRINGS": "S", "TENSORS": "T", "GRAPHS": "G", "SPARSE_TENSOR": "p", "TYPE_PROTO": "y"}
# By number in TensorProto.DataType.
TYPES = {"float": "f", "uint8": "B", "int8": "b", "uint16": "H", "int16": "h", "int32": "i", "int64": "l",
         "string": "s", "bool": "o", "float16": "e", "double": "d", "uint32": "I", "uint64": "L", "complex64": "c",
         "complex128": "C", "bfloat16": "g", "float8e4m3fn": "1", "float8e4m3fnuz": "2", "float8e5m2": "3",
         "float8e5m2fnuz": "4", "uint4": "N", "int4": "n", "float4e2m1": "5", "float8e8m0": "6", "uint2": "P",
         "int2": "p", "float6e2m3": "7", "float6e3m2": "8"}
# Deprecated for a newer version with another meaning, yet valid where its opset is imported.
STILL_VALID = {"GroupNormalization"}
# Who takes all of these takes what this compiler can compute with.
BASIC = {"float", "uint8", "int8", "uint16", "int16", "int32", "int64", "bool", "float16", "double", "uint32", "uint64"}
# What ONNX Runtime registers in the default domain beside the standard, and exporters emit.
CONTRIB_IN_DEFAULT = {"SimplifiedLayerNormalization", "LayerNormalization"}


def formals(parameters, at_least):
    """at_least: the number of parameters that have to be there, which tells what a variadic one needs."""
    letter = {"Single": "r", "Optional": "o"}
    return "".join(letter.get(p.option.name) or ("+" if at_least >= len(parameters) else "*") for p in parameters)


def types(inputs):
    """The column of types; both packages' names for the same things."""
    variables, sets, letters = {}, [], ""
    for p in inputs:
        names = [t[len("tensor("):-1] for t in p.types if t.startswith("tensor(")]
        name = getattr(p, "type_str", None) or p.typeStr
        homogeneous = getattr(p, "is_homogeneous", None)
        if homogeneous is None:
            homogeneous = p.isHomogeneous
        # Sequences and the like may stand anywhere a type is not a tensor's; so may what takes every type.
        if not homogeneous or len(names) != len(p.types) or BASIC <= set(names):
            names = []
        key = (name, bool(names))
        alone = len(inputs) == 1 and p.option.name != "Variadic"
        if not homogeneous or (not names and alone):
            letters += "?"
            continue
        if key not in variables:
            variables[key] = chr(ord("a") + len(variables))
            sets.append("".join(TYPES[t] for t in TYPES if t in names) or "*")
        letters += variables[key]
    return " ".join([letters, *sets])


def row(schema, domain):
    head = f'"{domain}", "{schema.name}", {schema.since_version}'
    if schema.deprecated and schema.name not in STILL_VALID:
        return f"LLMC_OP_REMOVED({head})"
    attributes = " ".join(f"{a.name}:{KINDS[a.type.name]}{'!' if a.required else ''}"
                          for a in sorted(schema.attributes.values(), key=lambda a: a.name))
    inputs = formals(schema.inputs, schema.min_input)
    outputs = formals(schema.outputs, schema.min_output)
    return f'LLMC_OP({head}, "{inputs}", "{outputs}", "{types(schema.inputs)}", "{attributes}")'


def table(rows, package):
    lines = ["// SPDX-License-Identifier: Apache-2.0",
             f"// Made by generate.py from the {package} package; a test compares. Sorted by domain, name and version."]
    rows = sorted(rows, key=lambda r: (r[1], r[0].name, r[0].since_version))
    return "\n".join(lines + [row(*r) for r in rows]) + "\n"


def main():
    standard = onnx.defs.get_all_schemas_with_history()
    known = {(s.domain, s.name, s.since_version) for s in standard}
    default = [s for s in ort.get_all_operator_schema() if s.domain == "" and s.name in CONTRIB_IN_DEFAULT and
               (s.domain, s.name, s.since_version) not in known]
    contrib = [(s, s.domain) for s in ort.get_all_operator_schema() if s.domain == "com.microsoft"]
    contrib += [(s, "") for s in default] + [(s, "com.microsoft") for s in default if s.name.startswith("Simplified")]
    standard = [(s, s.domain) for s in standard]
    for name, rows, package in (("Standard.inc", standard, "onnx"), ("Contrib.inc", contrib, "onnxruntime")):
        text = table(rows, package)
        path = HERE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif path.read_text() != text:
            sys.exit(f"{name} differs from the {package} package's schemas; run generate.py")


main()
