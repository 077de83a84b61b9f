# SPDX-License-Identifier: Apache-2.0
"""What `Model.batch` returns."""
from __future__ import annotations

import itertools
import threading
import weakref
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union

from llmc import _native
from llmc._error import Code, Error
from llmc._generation import Texts, Token
from llmc._settings import SPECULATION

_Prompt = Union[str, Sequence[Mapping[str, Any]]]
_Prepare = Callable[[_Prompt, dict[str, Any]], tuple[str, dict[str, Any]]]


class Request:
    """A prompt of a batch, and what was made for it so far."""

    def __init__(self, batch: Batch, settings: dict[str, Any]) -> None:
        self._batch = batch
        self._lock = threading.Lock()  # of the next two
        self._number: Optional[int] = None  # the runtime's; None: it is being submitted
        self._is_cancelled = False
        self.texts = Texts(settings)  #: they grow with every step
        self.error: Optional[Error] = None  #: what it failed with; a cancelled one has Code.RESOURCE
        #: Tokens and seconds, once it has ended well; `prefill_seconds` is the time until its first token.
        self.stats: Optional[dict[str, float]] = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.error is not None or self.stats is not None

    def text(self) -> str:
        """The first text as far as it is made. Raises what the request failed with."""
        if self.error is not None:
            raise self.error
        return self.texts[0].text if self.texts else ""

    def cancel(self) -> None:
        """As Batch.cancel."""
        self._batch.cancel(self)

    def _add(self, event: Optional[tuple[Any, ...]], *end: Any) -> Optional[Token]:
        if event is not None:
            return self.texts.add(event)
        status, error, stats = end
        if status:
            self.error = Error(status, error)
        else:
            self.stats = stats
        return None


class Batch:
    """Generates for many requests at once, which join and leave between steps. Each one's texts are the same as alone.

        with model.batch() as batch:
            requests = [batch.submit(prompt, max_tokens=40) for prompt in prompts]
            batch.run()

    `submit` and `cancel` may be called from any thread, whatever the others do; `step`, `run` and iteration by one
    thread at a time. `close()`, leaving a `with` block or dropping the object and its requests cancels what has not
    ended; a batch that is closed takes no more calls but `cancel` and `close`.
    """

    def __init__(self, native: _native.Batch, prepare: _Prepare) -> None:
        self._native, self._prepare = native, prepare
        self._close = weakref.finalize(self, native.close)
        self._keys = itertools.count()
        self._lock = threading.Lock()  # what is told is noted in its order
        self._requests: dict[int, Request] = {}  # that have not ended

    def submit(self, prompt: _Prompt, **settings: Any) -> Request:
        """Queues a text, or a conversation for the chat template. Settings are those of `Model.generate` but `beams`;
        speculation is the batch's. What is wrong with them or with the prompt is told at once."""
        prompt, given = self._prepare(prompt, settings)
        if any(name in given for name in SPECULATION):
            raise Error(Code.BAD_INPUT, "speculation is a setting of the batch, not of a request")
        key, request = next(self._keys), Request(self, given)
        self._requests[key] = request  # another thread's step may tell of it before submit returns
        try:
            number = self._native.submit(key, prompt, given)
        except BaseException:
            del self._requests[key]
            raise
        with request._lock:
            request._number = number
            is_cancelled = request._is_cancelled
        if is_cancelled:
            self.cancel(request)
        return request

    def cancel(self, request: Request) -> None:
        """The request ends with the next step, with an error of Code.RESOURCE. Nothing happens where it has ended."""
        if not isinstance(request, Request):
            raise TypeError(f"cancel() takes a Request, not {type(request).__name__}")
        if request._batch is not self:
            raise Error(Code.BAD_INPUT, "the request is another batch's")
        with request._lock:
            request._is_cancelled = True
            number = request._number
        if number is not None and not request.is_over:
            try:
                self._native.cancel(number)
            except Error:  # closed meanwhile: it is cancelled
                pass

    def _deliver(self) -> list[tuple[Request, Optional[Token]]]:
        """Notes what was told in the requests."""
        told = []
        with self._lock:
            for key, *event in self._native.take():
                if (request := self._requests.get(key)) is None:
                    continue  # its submit() was interrupted
                told.append((request, request._add(*event)))
                if request.is_over:
                    del self._requests[key]
        return told

    def step(self) -> bool:
        """One step of all that runs; the requests' texts grow. False: there is nothing to do. A failure that is not one
        request's fault is raised, and is that of all requests that ran."""
        try:
            return self._native.step()
        finally:
            self._deliver()

    def run(self) -> None:
        """Steps until all requests have ended."""
        while self.step():
            pass

    def __iter__(self) -> Iterator[tuple[Request, Optional[Token]]]:
        """Steps until all requests have ended, and gives what is made as it comes: a request and its token, or the end
        of one of its texts; None instead where the request has ended."""
        is_busy, failure = True, None
        while is_busy and failure is None:
            try:
                is_busy = self._native.step()
            except Error as error:
                failure = error
            yield from self._deliver()
        if failure is not None:
            raise failure

    def close(self) -> None:
        """Ends what has not ended, as cancelled. Waits for a step that runs."""
        self._close()
        self._deliver()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
