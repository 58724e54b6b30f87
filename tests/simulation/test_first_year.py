"""Who is shut out of a scheme, or gets less than their share, is seen before anybody signs."""

from __future__ import annotations

import pytest

from eigenwijs.schemes.facts import PERSON_FACTS
from eigenwijs.simulation import queries
from eigenwijs.simulation.marginals import CONTRACTS, LEVELS
from eigenwijs.simulation.proposals import QUALIFICATION_OF_LEVEL
from eigenwijs.simulation.types import FirstYear, GroupShare
from tests.schemes.test_language import GOOD, SCHEMES

SHOP = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
GIFT = (SCHEMES / "nl/gift-werkgever/scheme.yaml").read_text()


def group(found: FirstYear, grouping: str, value: str) -> GroupShare:
    return next(one for one in found.groups if (one.grouping, one.value) == (grouping, value))


def test_a_scheme_of_over_12_hours_shuts_out_who_works_less() -> None:
    """€ 175.00 a year over 12 hours a week, not on call and not through an agency."""
    found = queries.first_year(SHOP, 2027)
    shut_out = {(one.grouping, one.value) for one in found.flagged if one.is_shut_out}
    assert shut_out == {("contract", "on_call"), ("contract", "agency"), ("hours", "0-12")}
    assert group(found, "hours", "35+").mean <= 175_00
    assert group(found, "hours", "0-12").mean == 0
    # every employee gets € 175.00 or nothing
    assert found.mean == pytest.approx(175_00 * (1 - found.nothing))


def test_a_group_that_gets_less_than_its_share_is_flagged_though_nobody_gets_nothing() -> None:
    found = queries.first_year(GIFT, 2027)
    assert found.nothing == 0
    assert {one.value for one in found.flagged} >= {"0-12", "12-20"}
    for one in found.flagged:
        assert one.of_money < one.of_people
        assert not one.is_shut_out


def test_a_scheme_that_gives_everybody_the_same_is_not_flagged() -> None:
    same = GIFT[: GIFT.index("    prorate:")] + GIFT[GIFT.index("    spread:") :]
    for needless in ("absent", "full_week", "full_from"):
        start = same.index(f"\n{needless}:" if needless == "absent" else f"  {needless}:")
        same = same[:start] + same[same.index('article: "', start) :].split("\n", 1)[1]
    found = queries.first_year(same, 2027)
    assert (found.mean, found.nothing, found.flagged) == (240_00, 0, ())


def test_the_groups_of_a_grouping_are_everybody_once() -> None:
    for sector in (None, "G"):
        found = queries.first_year(GOOD, 2027, sector)
        for grouping in ("contract", "hours", "education", "age"):
            mine = [one for one in found.groups if one.grouping == grouping]
            assert sum(one.of_people for one in mine) == pytest.approx(1, abs=0.01)
            assert sum(one.of_money for one in mine) == pytest.approx(1, abs=0.01)


def test_another_sector_has_other_people() -> None:
    shops, all_of_them = queries.first_year(SHOP, 2027, "G"), queries.first_year(SHOP, 2027)
    assert shops.nothing != all_of_them.nothing
    with pytest.raises(ValueError, match="no sector"):
        queries.first_year(SHOP, 2027, "winkels")


def test_a_year_before_the_scheme_is_refused() -> None:
    with pytest.raises(queries.UnableToSimulate) as refused:
        queries.first_year(SHOP, 2016)
    assert refused.value.code == "not_in_force"


def test_a_scheme_that_gives_more_to_who_has_less_schooling_is_seen_to() -> None:
    """France: 800 euros instead of 500 a year below a diploma of level 3, all of it from half time on."""
    found = queries.first_year((SCHEMES / "fr/cpf/scheme.yaml").read_text(), 2027)
    low, high = group(found, "education", "low"), group(found, "education", "high")
    assert low.mean > high.mean
    assert high.mean <= 500_00 < low.mean
    assert found.nothing == 0


def test_levels_of_education_are_labels_of_the_fact() -> None:
    labels = PERSON_FACTS["qualification"].labels
    assert [labels[place] for place in QUALIFICATION_OF_LEVEL] == [
        "primary",
        "lower_secondary",
        "lower_secondary",
        "vocational",
        "upper_secondary",
        "upper_secondary",
        "bachelor",
        "master",
    ]
    assert len(QUALIFICATION_OF_LEVEL) == len(LEVELS)
    assert PERSON_FACTS["contract_kind"].labels == CONTRACTS[:4]


def test_who_gets_more_and_who_gets_less_is_told_of_the_same_people() -> None:
    """€ 175.00 becomes € 200.00; then only for who works over 24 hours, and who works less falls to nothing."""
    dearer = SHOP.replace("175.00", "200.00")
    before = queries.first_year(SHOP, 2027)
    everybody, *groups = queries.first_year_change(dearer, SHOP, 2027)
    assert (everybody.more, everybody.less) == (pytest.approx(1 - before.nothing), 0)
    assert everybody.mean == pytest.approx(25_00 * (1 - before.nothing))
    assert {(one.grouping, one.value) for one in groups} == {
        (one.grouping, one.value) for one in before.groups
    }
    on_call = next(one for one in groups if one.value == "on_call")
    assert (on_call.is_priority, on_call.more, on_call.less, on_call.mean) == (True, 0, 0, 0)
    stricter = dearer.replace("2017-01-01: 12}", "2017-01-01: 24}")
    assert stricter != dearer
    everybody, *groups = queries.first_year_change(stricter, SHOP, 2027)
    assert everybody.more + everybody.less == pytest.approx(1 - before.nothing)
    full_time = next(one for one in groups if (one.grouping, one.value) == ("hours", "35+"))
    assert full_time.less == 0
    few = next(one for one in groups if (one.grouping, one.value) == ("hours", "12-20"))
    assert (few.more, few.less > 0.3) == (0, True)


def test_nothing_changes_under_the_same_text() -> None:
    assert all(
        (one.more, one.less, one.mean) == (0, 0, 0)
        for one in queries.first_year_change(GIFT, GIFT, 2027, "G")
    )
