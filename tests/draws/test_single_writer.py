"""One thread writes for all who wait: everyone gets their own answer, and nobody waits for ever."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread, get_ident

import pytest

from eigenwijs.draws.single_writer import SingleWriter, WaitedTooLong, WriterFailed

TIMEOUT = 20


class Held:
    """A writer whose first batch waits until it is let go; it answers each request with its double."""

    def __init__(self, failing: BaseException | None = None) -> None:
        self.batches: list[list[int]] = []
        self.began, self.go_on = Event(), Event()
        self.failing = failing

    def __call__(self, asked: Sequence[int]) -> list[int]:
        self.batches.append(list(asked))
        if len(self.batches) == 1:
            self.began.set()
            assert self.go_on.wait(TIMEOUT)
            if self.failing:
                raise self.failing
        return [2 * one for one in asked]


def waiting(writer: SingleWriter[int, int], count: int) -> bool:
    """Wait until so many requests wait behind the batch that is held."""
    deadline = time.monotonic() + TIMEOUT
    while len(writer._waiting) != count and time.monotonic() < deadline:
        time.sleep(0)  # lets the others go on
    return len(writer._waiting) == count


def asking(writer: SingleWriter[int, int], held: Held, numbers: Sequence[int]) -> list[object]:
    """Let the first number be written while all others come, in their order; return what each got."""
    got: dict[int, object] = {}

    def ask(number: int) -> None:
        try:
            got[number] = writer.answer(number)
        except BaseException as error:
            got[number] = error

    threads = [Thread(target=ask, args=[number], daemon=True) for number in numbers]
    threads[0].start()
    assert held.began.wait(TIMEOUT)
    for place, thread in enumerate(threads[1:], start=1):
        thread.start()
        assert waiting(writer, place)
    held.go_on.set()
    for thread in threads:
        thread.join(TIMEOUT)
    return [got.get(number) for number in numbers]


def test_a_lone_request_waits_for_nobody_and_is_written_by_its_own_thread() -> None:
    writers: list[int] = []

    def write(asked: Sequence[int]) -> list[int]:
        writers.append(get_ident())
        return list(asked)

    writer = SingleWriter(write)
    assert [writer.answer(one) for one in (1, 2)] == [1, 2]
    assert writers == [get_ident()] * 2


def test_who_comes_while_a_batch_is_written_is_in_the_next_one_in_order_of_arrival() -> None:
    held = Held()
    writer = SingleWriter(held)
    assert asking(writer, held, range(12)) == [2 * one for one in range(12)]
    assert held.batches == [[0], list(range(1, 12))]


def test_a_batch_holds_no_more_than_it_may_and_the_rest_follows() -> None:
    held = Held()
    writer = SingleWriter(held, most=4)
    assert asking(writer, held, range(10)) == [2 * one for one in range(10)]
    assert held.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_of_many_threads_one_writes_at_a_time_and_each_gets_its_own_answer() -> None:
    at_work = Lock()

    def write(asked: Sequence[int]) -> list[int]:
        assert at_work.acquire(blocking=False)
        try:
            return [-one for one in asked]
        finally:
            at_work.release()

    writer = SingleWriter(write, most=7)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(writer.answer, range(2_000))) == [-one for one in range(2_000)]


@pytest.mark.parametrize(
    "failing", [RuntimeError("no database"), SystemExit(), KeyboardInterrupt()]
)
def test_when_the_writer_fails_its_batch_is_told_and_the_next_one_is_written(
    failing: BaseException,
) -> None:
    held = Held(failing)
    writer = SingleWriter(held)
    first, *others = asking(writer, held, range(4))
    cause = first.__cause__ if isinstance(first, WriterFailed) else first
    assert cause is failing
    assert others == [2, 4, 6]
    assert writer.answer(5) == 10


@pytest.mark.parametrize("failing", [RuntimeError("no database"), SystemExit()])
def test_everyone_in_a_batch_that_fails_is_told_whichever_thread_wrote(
    failing: BaseException,
) -> None:
    held = Held()
    batches: list[int] = []

    def write(asked: Sequence[int]) -> list[int]:
        batches.append(len(asked))
        if len(batches) == 2:
            raise failing
        return held(asked)

    writer = SingleWriter(write)
    first, *others = asking(writer, held, range(4))
    assert first == 0
    assert batches == [1, 3]
    assert all(one is failing or isinstance(one, WriterFailed) for one in others)
    assert sum(isinstance(one, WriterFailed) for one in others) >= 2


@pytest.mark.parametrize("answers", [[], [1, 2]])
def test_a_writer_that_answers_too_few_or_too_many_gives_nobody_anothers_answer(
    answers: list[int],
) -> None:
    writer: SingleWriter[int, int] = SingleWriter(lambda _asked: answers)
    with pytest.raises(WriterFailed):
        writer.answer(1)


def test_who_waits_too_long_is_told_and_is_not_written_any_more() -> None:
    held = Held()
    writer = SingleWriter(held, patience=0.01)
    first = Thread(target=writer.answer, args=[0], daemon=True)
    first.start()
    assert held.began.wait(TIMEOUT)
    with pytest.raises(WaitedTooLong):
        writer.answer(1)
    held.go_on.set()
    first.join(TIMEOUT)
    assert writer.answer(2) == 4
    assert held.batches == [[0], [2]]
