# SPDX-License-Identifier: Apache-2.0
"""llmc runs language models that it has compiled ahead of time.

    import llmc

    model = llmc.load("tales.llmc")
    for piece in model.generate("Once upon a time", max_tokens=40, seed=7):
        print(piece, end="", flush=True)

`load` opens an artifact; `compile` makes one of an ONNX model, where the compiler is installed. What fails raises
`llmc.Error`, whose `code` says what kind of failure it is.

Models may be used by any number of threads at the same time. Sessions, generations and transcriptions are for one
thread at a time; so are batches, but for `submit` and `cancel`.
"""
from llmc import _native
from llmc._arrays import dtype_of
from llmc._batch import Batch, Request
from llmc._compile import compile
from llmc._error import Code, Error
from llmc._generation import Generation, Text, Token
from llmc._model import Model, Session, load
from llmc._speech import Segment, Transcription, read_wav
from llmc._tasks import Answer, Entity, Label, Mask, Word

__version__ = _native.version()
__all__ = ["Answer", "Batch", "Code", "Entity", "Error", "Generation", "Label", "Mask", "Model", "Request", "Segment",
           "Session", "Text", "Token", "Transcription", "Word", "compile", "dtype_of", "load", "read_wav"]
