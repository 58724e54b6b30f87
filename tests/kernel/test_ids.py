"""Identifiers sort by their moment, and a second try of a step carries the same one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eigenwijs.kernel.ids import derived_id, new_id

moments = st.integers(315_532_800, 7_258_118_400).map(
    lambda second: datetime.fromtimestamp(second, UTC)
)


@given(moments, st.timedeltas(timedelta(milliseconds=1), timedelta(days=9999)))
@example(datetime(2004, 1, 10, 13, 37, 5, tzinfo=UTC), timedelta(milliseconds=1))
def test_a_later_identifier_sorts_later(at: datetime, later: timedelta) -> None:
    assert new_id(at) < new_id(at + later)


@given(moments)
def test_it_is_a_version_7_identifier(at: datetime) -> None:
    for one in (new_id(at), derived_id(new_id(at), "step")):
        assert one.version == 7
        assert one.variant == "specified in RFC 4122"


def test_identifiers_of_one_moment_differ(now: datetime) -> None:
    assert len({new_id(now) for _ in range(10_000)}) == 10_000


def test_a_derived_identifier_is_the_same_for_ever(now: datetime) -> None:
    base = new_id(now)
    assert derived_id(base, "a") == derived_id(base, "a")
    assert (
        len({base, derived_id(base, "a"), derived_id(base, "b"), derived_id(new_id(now), "a")}) == 4
    )
    assert derived_id(base, "a").int >> 80 == base.int >> 80, "it sorts where its base does"


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        new_id(datetime(2026, 1, 1))  # noqa: DTZ001
