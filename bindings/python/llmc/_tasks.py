# SPDX-License-Identifier: Apache-2.0
"""What a model says about a text."""
from __future__ import annotations

import dataclasses
import itertools
from typing import Any, Iterable, Optional

#: How labels of tokens become entities.
AGGREGATION = {"none": 0, "simple": 1, "first": 2, "average": 3, "max": 4}


@dataclasses.dataclass
class Label:
    """A class of a text."""

    index: int  #: of the class
    name: str  #: as the model's folder calls it, else its number
    score: float  #: a probability; of a regression the number that the model computes


@dataclasses.dataclass
class Word:
    """What may stand where a mask is."""

    id: int  #: of the token
    text: str  #: of the token
    score: float  #: its probability


@dataclasses.dataclass
class Mask:
    """A mask of a text and what may stand there, the best first."""

    start: int  #: characters [start, end) of the text
    end: int
    words: list[Word]


@dataclasses.dataclass
class Entity:
    """A part of a text that has a label."""

    name: str  #: the label
    score: float  #: a probability
    start: int  #: characters [start, end) of the text
    end: int
    text: str  #: these characters
    index: Optional[int]  #: of the label


@dataclasses.dataclass
class Answer:
    """A part of a text that answers a question."""

    text: str
    score: float  #: a probability
    start: int  #: characters [start, end) of the context
    end: int


_Findings = Iterable[tuple[int, str, float, int, int, str]]


def labels_of(found: _Findings) -> list[Label]:
    return [Label(index, name, score) for index, name, score, *_ in found]


def masks_of(found: _Findings) -> list[Mask]:
    """The words of a mask follow each other and have its place."""
    def place(finding: Any) -> tuple[int, int]:
        return finding[3], finding[4]

    return [Mask(start, end, [Word(index, text, score) for index, _, score, _, _, text in words])
            for (start, end), words in itertools.groupby(found, place)]


def entities_of(found: _Findings) -> list[Entity]:
    return [Entity(name, score, start, end, text, index if index >= 0 else None)
            for index, name, score, start, end, text in found]


def answers_of(found: _Findings) -> list[Answer]:
    return [Answer(text, score, start, end) for _, _, score, start, end, text in found]
