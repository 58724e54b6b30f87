"""Codes survive being copied from paper, and a slip of the pen is never another valid code."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.people import rules

bodies = st.text(alphabet=rules.ALPHABET, min_size=1, max_size=29)


def test_the_alphabet_has_no_lookalikes_and_a_prime_length() -> None:
    assert not set("0O1IL") & set(rules.ALPHABET)
    assert len(set(rules.ALPHABET)) == len(rules.ALPHABET) == 31


@given(st.integers(min_value=2, max_value=30))
def test_a_new_code_reads_back_as_itself(length: int) -> None:
    code = rules.new_code(length)
    assert rules.read_code(rules.grouped(code), length) == code


@given(bodies, st.data())
def test_small_letters_spaces_and_dashes_do_not_matter(body: str, data: st.DataObject) -> None:
    code = body + rules.check_character(body)
    typed = "".join(char + data.draw(st.sampled_from(["", " ", "-", "."])) for char in code)
    assert rules.read_code(f" {typed.lower()} ", len(code)) == code


@given(bodies, st.data())
def test_one_wrong_character_is_always_noticed(body: str, data: st.DataObject) -> None:
    code = body + rules.check_character(body)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([char for char in rules.ALPHABET if char != code[place]]))
    assert rules.read_code(code[:place] + other + code[place + 1 :], len(code)) is None


@given(bodies, st.data())
def test_two_characters_that_changed_places_are_always_noticed(
    body: str, data: st.DataObject
) -> None:
    code = list(body + rules.check_character(body))
    one = data.draw(st.integers(0, len(code) - 1))
    two = data.draw(st.integers(0, len(code) - 1))
    swapped = code.copy()
    swapped[one], swapped[two] = code[two], code[one]
    assert (rules.read_code("".join(swapped), len(code)) is None) == (swapped != code)


@pytest.mark.parametrize("text", ["", "ABCD", "ABCD-EFGH-JKM0", "ABCD-EFGH-JKMé", "🙂" * 12])
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert rules.read_code(text, 12) is None


def test_what_is_kept_of_a_code_depends_on_the_secret_key(settings: object) -> None:
    before = rules.digest("ABCD", "claim_code")
    settings.SECRET_KEY = "another" * 10  # type: ignore[attr-defined]
    assert rules.digest("ABCD", "claim_code") != before
    assert "ABCD" not in before


def test_codes_outlive_their_secret_key_as_long_as_it_is_an_earlier_one(settings: Any) -> None:
    kept = rules.digest("ABCD", "claim_code")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
    assert rules.is_one_of(kept, rules.digests("ABCD", "claim_code"))
    assert not rules.is_one_of(kept, rules.digests("ABCE", "claim_code"))
    assert rules.digest("ABCD", "claim_code") != kept, "new codes are under the new key"
    settings.SECRET_KEY_FALLBACKS = []
    assert not rules.is_one_of(kept, rules.digests("ABCD", "claim_code"))


def test_without_a_birth_date_on_file_nothing_opens() -> None:
    assert not rules.opens(
        code_digests=["x"], stored_digest="x", birth_date=None, stored_birth_date=None
    )
    day = date(1990, 5, 17)
    assert rules.opens(code_digests=["x"], stored_digest="x", birth_date=day, stored_birth_date=day)


@pytest.mark.parametrize(
    ("minutes", "fresh"), [(-1, False), (0, True), (15, True), (15.1, False), (600, False)]
)
def test_a_second_proof_counts_for_fifteen_minutes(
    now: datetime, minutes: float, fresh: bool
) -> None:
    assert rules.is_fresh(now - timedelta(minutes=minutes), now) is fresh
    assert not rules.is_fresh(None, now)
