# SPDX-License-Identifier: Apache-2.0
"""What generations and transcriptions have in common: a thread of the runtime makes what an iterator fetches."""
from __future__ import annotations

import weakref
from typing import Any, Optional, Protocol, TypeVar

T = TypeVar("T", bound="Stream")


class _Native(Protocol):
    def next(self) -> Optional[Any]: ...
    def close(self) -> None: ...
    def result(self) -> Optional[dict[str, float]]: ...


class Stream:
    """`close()`, leaving a `with` block or dropping the object ends it early."""

    def __init__(self, native: _Native) -> None:
        self._native = native
        self._close = weakref.finalize(self, native.close)

    def _fetch(self) -> Any:
        event = self._native.next() if self._close.alive else None
        if event is None:
            raise StopIteration
        return event

    @property
    def stats(self) -> Optional[dict[str, float]]:
        """What it took, once it is over; None before, and when it failed."""
        return self._native.result()

    def close(self) -> None:
        """Ends it, and waits until the runtime has stopped. What was not fetched is lost."""
        self._close()

    def __enter__(self: T) -> T:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
