# SPDX-License-Identifier: Apache-2.0
"""The texts that are nearest to a question: search.py MODEL TEXTS QUESTION. MODEL is an artifact, or a model's folder,
which is compiled first."""
import pathlib
import sys

import llmc
import numpy as np


def main(source, texts, question):
    source = pathlib.Path(source)
    if source.is_dir():
        source = llmc.compile(source, source.with_suffix(".llmc"))
    model = llmc.load(source)

    texts = pathlib.Path(texts).read_text(encoding="utf-8").splitlines()
    vectors = model.embed(texts)  # [texts, size], of length one each
    likeness = vectors @ model.embed(question)
    for i in np.argsort(-likeness)[:3]:
        print(f"{likeness[i]:.2f}  {texts[i]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
