# SPDX-License-Identifier: Apache-2.0
"""Text out of sound: what `Model.transcribe` returns."""
from __future__ import annotations

import dataclasses
import os
from typing import Any, Iterator, Optional, Union

import numpy as np

from llmc import _native
from llmc._error import Code, Error
from llmc._settings import SPECULATION
from llmc._stream import Stream

Wav = Union[str, os.PathLike[str], bytes, bytearray, memoryview]
_RATE = 16000  # samples a second, where nobody says how many
_NOT_FOR_SOUND = (*SPECULATION, "json_schema", "grammar", "constraint", "add_special")


@dataclasses.dataclass
class Segment:
    """What was said in a part of the sound: a window, or with timestamps what stands between two of them."""

    start: float  #: seconds from the start of the sound
    end: float
    text: str
    ids: list[int]  #: of its tokens, those for times among them


def read_wav(file: Wav) -> tuple[np.ndarray, int]:
    """The samples of a WAV file, float32 in [-1, 1], several channels as their mean; and how many there are a second.

    file: its path, or its bytes.
    """
    if isinstance(file, (bytes, bytearray, memoryview)):
        return _native.read_wav(bytes(file))
    if not isinstance(file, (str, os.PathLike)):
        raise TypeError(f"read_wav() takes a path or bytes, not {type(file).__name__}")
    try:
        with open(file, "rb") as opened:
            content = opened.read()
    except OSError as problem:
        raise Error(Code.BAD_INPUT, f"{os.fspath(file)}: {problem.strerror}") from problem
    try:
        return _native.read_wav(content)
    except Error as error:
        raise Error(error.code, f"{os.fspath(file)}: {error}") from error


def _samples_of(sound: Union[Wav, np.ndarray], rate: Optional[int]) -> tuple[np.ndarray, int]:
    if isinstance(sound, (str, os.PathLike, bytes, bytearray, memoryview)):
        if rate is not None:
            raise TypeError("transcribe() takes the rate of arrays; a WAV file has its own")
        return read_wav(sound)
    array = np.asarray(sound)
    if array.dtype.kind != "f" or array.ndim != 1:
        raise TypeError("transcribe() takes the path or the bytes of a WAV file, or samples of one channel: floats in "
                        f"one dimension, not {array.dtype} in {array.ndim}")
    return np.ascontiguousarray(array, np.float32), _RATE if rate is None else rate


class Transcription(Stream, Iterator[Segment]):
    """An iterator of segments, which are found meanwhile. `close()`, leaving a `with` block or dropping the object ends
    it early. `stats` has tokens, the seconds of sound, and those of work for the features, the encoder and the decoder;
    `real_time_factor` is seconds of work for a second of sound."""

    def __init__(self, session: _native.Session, sound: Union[Wav, np.ndarray], rate: Optional[int],
                 language: Optional[str], task: Optional[str], timestamps: bool, settings: dict[str, Any]) -> None:
        for name in _NOT_FOR_SOUND:
            if name in settings:
                raise TypeError(f"transcribe() takes no '{name}'")
        self.segments: list[Segment] = []  #: what was fetched so far
        samples, rate = _samples_of(sound, rate)
        super().__init__(_native.Transcription(session, samples, rate, language, task, timestamps, settings))

    def __iter__(self) -> Transcription:
        return self

    def __next__(self) -> Segment:
        segment = Segment(*self._fetch())
        self.segments.append(segment)
        return segment

    def text(self) -> str:
        """Waits for the end and returns all of the text."""
        for _ in self:
            pass
        return "".join(segment.text for segment in self.segments).strip(" ")

    @property
    def language(self) -> Optional[str]:
        """The language of the sound, given or found, once it is over; None before, when it failed, and for models that
        know only one."""
        return self._native.language()

    @property
    def stats(self) -> Optional[dict[str, float]]:
        """What it took, once it is over; None before, and when it failed."""
        stats = self._native.result()
        if stats is not None and stats["audio_seconds"] > 0:
            work = stats["feature_seconds"] + stats["encoder_seconds"] + stats["decoder_seconds"]
            stats["real_time_factor"] = work / stats["audio_seconds"]
        return stats
