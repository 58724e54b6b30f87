"""A scheme in words: what is signed and what runs are one."""

from __future__ import annotations

import pytest
from django.utils import translation

from eigenwijs.schemes.facts import COURSE_FACTS, PERSON_FACTS, Fact


@pytest.mark.parametrize(
    "fact", [*PERSON_FACTS.values(), *COURSE_FACTS.values()], ids=lambda fact: fact.name
)
def test_every_fact_has_a_name_for_people_in_both_languages(fact: Fact) -> None:
    names = set()
    for language in ("nl", "en"):
        with translation.override(language):
            names.add(str(fact.label))
    assert len(names - {""}) == 2
