# SPDX-License-Identifier: Apache-2.0
"""What `Model.generate` returns."""
from __future__ import annotations

import dataclasses
import weakref
from typing import Any, Iterator, Optional

from llmc import _native

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


class Generation(Iterator[str]):
    """An iterator of the pieces of a text, which are made meanwhile. Several texts come one after another; `tokens()`
    tells which one a piece belongs to. `close()`, leaving a `with` block or dropping the object ends it early."""

    def __init__(self, session: _native.Session, prompt: str, settings: dict[str, Any]) -> None:
        self._has_logprobs = settings.get("logprobs", -1) >= 0
        self._native = _native.Generation(session, prompt, settings)
        self._close = weakref.finalize(self, self._native.close)
        self.texts: list[Text] = []  #: what was fetched so far

    def _next(self) -> Token:
        event = self._native.next() if self._close.alive else None
        if event is None:
            raise StopIteration
        sequence, token, text, logprob, likeliest, finish, score = event
        made = Token(sequence, None if token < 0 else token, text, logprob if self._has_logprobs and token >= 0 else None,
                     likeliest, _FINISH[finish], score)
        self._add(made)
        return made

    def _add(self, made: Token) -> None:
        while len(self.texts) <= made.sequence:
            self.texts.append(Text())
        text = self.texts[made.sequence]
        text.text += made.text
        if made.id is None:
            text.finish = made.finish
            text.score = made.score
            return
        text.ids.append(made.id)
        if made.logprob is not None:
            text.logprobs.append(made.logprob)
            text.likeliest.append(made.likeliest)

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

    @property
    def stats(self) -> Optional[dict[str, float]]:
        """Tokens and seconds, once it is over; None before, and when it failed."""
        result = self._native.result()
        if result is None:
            return None
        return dict(zip(("prompt_tokens", "tokens", "prefill_seconds", "decode_seconds"), result))

    def close(self) -> None:
        """Ends it, and waits until the runtime has stopped. What was not fetched is lost."""
        self._close()

    def __enter__(self) -> Generation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
