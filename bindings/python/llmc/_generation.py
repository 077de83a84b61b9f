# SPDX-License-Identifier: Apache-2.0
"""What `Model.generate` returns, and texts and tokens of it and of batches."""
from __future__ import annotations

import dataclasses
from typing import Any, Iterator, Optional

from llmc import _native
from llmc._stream import Stream

_FINISH = (None, "end_token", "stop_string", "length", "time", "caller", "complete")


@dataclasses.dataclass
class Token:
    """A token, or the end of a text."""

    sequence: int  #: which text, from 0 on
    id: Optional[int]  #: None: the text ends; an end token is no part of it
    text: str  #: what is now certain, whole characters, often nothing
    logprob: Optional[float]  #: by the model alone, when `logprobs` is given
    likeliest: list[tuple[int, float]]  #: the best (id, log probability), when `logprobs` is above 0
    finish: Optional[str]  #: why the text ends: end_token, stop_string, length, time or complete
    score: float  #: of a beam search's text, at its end


@dataclasses.dataclass
class Text:
    """A text as far as it was fetched."""

    text: str = ""
    ids: list[int] = dataclasses.field(default_factory=list)
    logprobs: list[float] = dataclasses.field(default_factory=list)
    likeliest: list[list[tuple[int, float]]] = dataclasses.field(default_factory=list)
    finish: Optional[str] = None  #: None: it is not complete
    score: float = 0.0


class Texts(list[Text]):
    """The texts for a prompt, which grow token by token."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._has_logprobs = settings.get("logprobs", -1) >= 0

    def add(self, event: tuple[Any, ...]) -> Token:
        """What the native module tells of a token, as one."""
        sequence, token, text, logprob, likeliest, finish, score = event
        made = Token(sequence, None if token < 0 else token, text,
                     logprob if self._has_logprobs and token >= 0 else None, likeliest, _FINISH[finish], score)
        while len(self) <= made.sequence:
            self.append(Text())
        grown = self[made.sequence]
        grown.text += made.text
        if made.id is None:
            grown.finish = made.finish
            grown.score = made.score
        else:
            grown.ids.append(made.id)
            if made.logprob is not None:
                grown.logprobs.append(made.logprob)
                grown.likeliest.append(made.likeliest)
        return made


class Generation(Stream, Iterator[str]):
    """An iterator of the pieces of a text, which are made meanwhile. Several texts come one after another; `tokens()`
    tells which one a piece belongs to. `close()`, leaving a `with` block or dropping the object ends it early. `stats`
    has tokens and seconds, and how many tokens were proposed by lookup or a draft and accepted."""

    def __init__(self, session: _native.Session, prompt: str, settings: dict[str, Any]) -> None:
        self.texts = Texts(settings)  #: what was fetched so far
        super().__init__(_native.Generation(session, prompt, settings))

    def _next(self) -> Token:
        return self.texts.add(self._fetch())

    def __iter__(self) -> Generation:
        return self

    def __next__(self) -> str:
        while True:
            if text := self._next().text:
                return text

    def tokens(self) -> Iterator[Token]:
        """The same, token by token, with ids and log probabilities, and the end of each text."""
        while True:
            try:
                token = self._next()
            except StopIteration:
                return
            yield token

    def text(self) -> str:
        """Waits for the end and returns the first text."""
        for _ in self:
            pass
        return self.texts[0].text if self.texts else ""
