"""Pseudonyms: for ever the same, each its own, and readable from paper."""

from __future__ import annotations

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel.pseudonyms import pseudonym, whose


@given(st.uuids())
def test_it_is_stable_and_looks_as_promised(one: UUID) -> None:
    shown = pseudonym(one)
    assert shown == pseudonym(UUID(str(one)))
    assert re.fullmatch(r"P(-[2-9A-HJKMNP-TV-Z]{4}){3}", shown)
    assert pseudonym(one, "E") == "E" + shown[1:]


@given(st.lists(st.uuids(), unique=True, min_size=2, max_size=50))
def test_each_has_its_own_and_it_leads_back(several: list[UUID]) -> None:
    shown = [pseudonym(one) for one in several]
    assert len(set(shown)) == len(several)
    assert [whose(one, several) for one in shown] == several
    assert whose(f" {shown[0].lower()} ", several) == several[0]
    assert whose(shown[0], several[1:]) is None
