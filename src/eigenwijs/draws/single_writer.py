"""Many threads wait for one scarce thing; one of them writes for all. Knows no database.

Whoever comes while nobody writes becomes the writer, and writes at once: a lone request waits for
nothing. Whoever comes meanwhile waits; when the batch is done, the first of them becomes the writer of
all that waits. So there is no thread to start, to watch or to stop, and no timer.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


class WriterFailed(Exception):
    """The batch of this request failed: what became of it is not known here. Its cause is the failure."""


class WaitedTooLong(Exception):
    """No answer came in time. It may still be written: what became of the request is not known here."""


class _Waiting(Generic[Asked, Answer]):
    __slots__ = ("answer", "asked", "failure", "is_answered", "turn")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer
        self.failure: BaseException | None = None
        self.is_answered = False
        self.turn = Event()  # set when it is answered, or is to write


class SingleWriter(Generic[Asked, Answer]):
    """Answers requests of many threads through `write`, which runs in one of them at a time.

    `write` gets at most `most` requests, in the order in which they came, and returns as many answers;
    each is given to its thread only after `write` has returned. When it raises, every thread of the batch
    raises WriterFailed, the writer itself included, and the next batch starts afresh.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Asked]], Sequence[Answer]],
        *,
        most: int = 1_000,
        patience: float = 30.0,
    ) -> None:
        """`patience` is how many seconds a thread waits for the batches of others."""
        self._write = write
        self._most = most
        self._patience = patience
        self._lock = Lock()
        self._waiting: deque[_Waiting[Asked, Answer]] = deque()
        self._is_writing = False

    def answer(self, asked: Asked) -> Answer:
        """Return the answer to one request, once it is written. Raises WriterFailed, WaitedTooLong."""
        mine = _Waiting[Asked, Answer](asked)
        with self._lock:
            self._waiting.append(mine)
            writes_now = not self._is_writing
            self._is_writing = True
        if not writes_now and not mine.turn.wait(self._patience):
            self._give_up(mine)
        if not mine.is_answered:
            self._write_batch()
        if mine.failure is not None:
            raise WriterFailed from mine.failure
        return mine.answer

    def _write_batch(self) -> None:
        """Write for all who wait, oneself the first of them; then let the next one write."""
        with self._lock:
            size = min(len(self._waiting), self._most)
            batch = [self._waiting.popleft() for _one in range(size)]
        failure: BaseException | None = None
        answers: Sequence[Answer] = ()
        try:
            answers = self._write([one.asked for one in batch])
            if len(answers) != len(batch):
                failure = ValueError(f"{len(batch)} requests got {len(answers)} answers")
        except BaseException as error:
            failure = error
            if not isinstance(error, Exception):  # the thread is to stop: only let the others go on
                raise
        finally:
            self._hand_over(batch, answers, failure)

    def _hand_over(
        self,
        batch: Sequence[_Waiting[Asked, Answer]],
        answers: Sequence[Answer],
        failure: BaseException | None,
    ) -> None:
        if failure is not None:
            _log.warning("a batch of %d failed: %s", len(batch), type(failure).__name__)
        with self._lock:
            for place, one in enumerate(batch):
                if failure is None:
                    one.answer = answers[place]
                one.failure = failure
                one.is_answered = True
            self._is_writing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.set()
        for one in batch:
            one.turn.set()

    def _give_up(self, mine: _Waiting[Asked, Answer]) -> None:
        """Stop waiting, unless the turn came at this very moment."""
        with self._lock:
            if mine.turn.is_set():
                return
            if mine in self._waiting:
                self._waiting.remove(mine)
        raise WaitedTooLong
