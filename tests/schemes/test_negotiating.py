"""Two sides lay texts on a table; what both say yes to is signed, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from eigenwijs.audit.models import AuditRow
from eigenwijs.kernel.actor import Actor
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people.access import NotPermitted, SecondProofNeeded
from eigenwijs.people.types import Role
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.models import Proposal
from eigenwijs.schemes.operations import UnableToNegotiate
from eigenwijs.schemes.types import NegotiationView, TypicalPerson
from tests.factories.budgets import NOW
from tests.factories.contributions import make_law
from tests.factories.negotiations import STARTS_ON, Table, make_negotiator, make_table
from tests.factories.people import SYSTEM, actor_for, make_organisation, make_person
from tests.schemes.test_language import GOOD, SCHEMES

DEAR = GOOD.replace("180.00", "250.00")
CHEAP = GOOD.replace("180.00", "100.00")


@pytest.fixture
def table(db: None) -> Table:
    return make_table(GOOD, NOW)


def propose(table: Table, text: str, *, union: bool = True) -> NegotiationView:
    by = table.union if union else table.employers
    return operations.propose(negotiation_id=table.id, text=text, by=by, at=NOW)


def laid(found: NegotiationView, side: str) -> str:
    """The hash of what a side laid on the table last."""
    newest = found.newest(side)
    assert newest
    return newest.hash


def accept(table: Table, text_hash: str, *, union: bool = True) -> NegotiationView:
    by = table.union if union else table.employers
    return operations.accept(negotiation_id=table.id, text_hash=text_hash, by=by, at=NOW)


def test_what_both_say_yes_to_is_signed_by_both_and_closes_the_table(table: Table) -> None:
    propose(table, DEAR)
    found = propose(table, CHEAP, union=False)
    cheap = laid(found, "employers")
    accept(table, laid(found, "workers"))
    assert not accept(table, cheap, union=False).agreed
    assert accept(table, cheap).agreed == cheap
    version = queries.version(cheap)
    assert version.text == CHEAP
    assert version.signatures == table.found.parties
    assert version.valid_from is None  # putting it in force is for another
    with pytest.raises(UnableToNegotiate) as refused:
        propose(table, DEAR)
    assert refused.value.code == "agreed"


def test_a_yes_to_something_else_than_the_other_side_is_no_agreement(table: Table) -> None:
    propose(table, DEAR)
    found = propose(table, CHEAP, union=False)
    accept(table, laid(found, "workers"), union=False)
    after = accept(table, laid(found, "employers"))
    assert after.agreed == ""
    assert [one.scheme for one in queries.all_versions()] == []


def test_nobody_says_yes_for_both_sides(table: Table) -> None:
    """One person who has a seat at both sides is still one person."""
    found = propose(table, DEAR)
    accept(table, found.proposals[0].hash)
    assert table.union.person_id
    both = actor_for(
        table.union.person_id, Role.NEGOTIATOR, table.employers.organisation_id, second_proof_at=NOW
    )
    with pytest.raises(UnableToNegotiate) as refused:
        operations.accept(
            negotiation_id=table.id, text_hash=found.proposals[0].hash, by=both, at=NOW
        )
    assert refused.value.code == "same_person"


def test_a_yes_is_taken_back_by_its_own_side_alone_until_it_is_agreed(table: Table) -> None:
    digest = propose(table, DEAR).proposals[0].hash
    accept(table, digest)

    def take_back(by: Actor) -> NegotiationView:
        return operations.take_back_yes(negotiation_id=table.id, by=by, at=NOW)

    assert take_back(table.employers).accepted == {"workers": digest}
    assert table.union.organisation_id
    colleague = make_negotiator(NOW, table.union.organisation_id)
    assert take_back(colleague).accepted["workers"] == ""
    row = AuditRow.objects.latest("id")
    assert (row.action, row.actor_person) == ("schemes.take_back_yes", colleague.person_id)
    take_back(table.union)
    assert AuditRow.objects.latest("id") == row, "there was nothing left to take back"
    assert not accept(table, digest, union=False).agreed
    assert accept(table, digest).agreed
    with pytest.raises(UnableToNegotiate) as refused:
        take_back(table.union)
    assert refused.value.code == "agreed"
    with pytest.raises(NotPermitted):
        take_back(make_negotiator(NOW))


def test_a_yes_needs_a_second_proof(table: Table) -> None:
    found = propose(table, DEAR)
    assert table.union.person_id
    plain = actor_for(table.union.person_id, Role.NEGOTIATOR, table.union.organisation_id)
    with pytest.raises(SecondProofNeeded):
        operations.accept(
            negotiation_id=table.id, text_hash=found.proposals[0].hash, by=plain, at=NOW
        )


def test_who_has_no_seat_sees_no_table(table: Table) -> None:
    stranger = make_negotiator(NOW)
    worker = actor_for(make_person(), second_proof_at=NOW)
    for by in (stranger, worker):
        for number in (table.id, new_id(NOW)):
            with pytest.raises(NotPermitted):
                queries.negotiation(number, by=by)
            with pytest.raises(NotPermitted):
                operations.propose(negotiation_id=number, text=DEAR, by=by, at=NOW)
    assert queries.negotiations(by=stranger) == []
    assert [one.id for one in queries.negotiations(by=table.employers)] == [table.id]


def test_the_same_text_again_is_no_new_proposal(table: Table) -> None:
    propose(table, DEAR)
    assert len(propose(table, DEAR).proposals) == 1
    again = propose(table, CHEAP)
    assert [(one.side, one.number) for one in again.proposals] == [("workers", 1), ("workers", 2)]
    assert len(propose(table, DEAR).proposals) == 3


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("nl/proef", "nl/anders", "other_scheme"),
        ("[workers, employers]", "[workers]", "other_scheme"),
    ],
)
def test_a_proposal_keeps_the_name_and_the_parties(
    table: Table, old: str, new: str, code: str
) -> None:
    with pytest.raises(UnableToNegotiate) as refused:
        propose(table, GOOD.replace(old, new))
    assert refused.value.code == code


def test_a_faulty_text_is_not_laid_on_the_table(table: Table) -> None:
    with pytest.raises(FaultyScheme):
        propose(table, GOOD.replace("per_year / 2", "per_jaar / 2"))
    assert queries.negotiation(table.id, by=table.union).proposals == ()


def test_what_was_laid_on_the_table_stays(table: Table) -> None:
    propose(table, DEAR)
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Proposal.objects.update(text=CHEAP)


@pytest.mark.parametrize(
    ("base", "sides", "code"),
    [
        ((SCHEMES / "nl/gift-werkgever/scheme.yaml").read_text(), ("a", "b"), "not_for_two"),
        (GOOD, ("a", "a"), "same_organisation"),
    ],
)
def test_a_table_is_for_two(db: None, base: str, sides: tuple[str, str], code: str) -> None:
    union = make_negotiator(NOW)
    assert union.organisation_id
    known: dict[str, UUID] = {"a": union.organisation_id, "b": make_organisation().id}
    with pytest.raises(UnableToNegotiate) as refused:
        operations.open_negotiation(
            title="x",
            base=base,
            parties={"workers": known[sides[0]], "employers": known[sides[1]]},
            starts_on=STARTS_ON,
            by=union,
            at=NOW,
        )
    assert refused.value.code == code


def test_who_opens_a_table_sits_at_it(db: None) -> None:
    union = make_negotiator(NOW)
    with pytest.raises(NotPermitted):
        operations.open_negotiation(
            title="x",
            base=GOOD,
            parties={"workers": make_organisation().id, "employers": make_organisation().id},
            starts_on=STARTS_ON,
            by=union,
            at=NOW,
        )


def change(
    text: str,
    *,
    without: frozenset[str] = frozenset(),
    end_months: int | None = 60,
    returns_to: str | None = None,
    work_related_only: bool | None = None,
    **figures: str,
) -> str:
    return queries.with_choices(
        text,
        on=STARTS_ON,
        figures=figures,
        without=without,
        end_months=end_months,
        returns_to=returns_to,
        work_related_only=work_related_only,
        source="cao",
    )


BOUND = GOOD.replace("portable: true", "portable: false").replace(
    "after_months", "months_after_job"
)
BACK = GOOD.replace("portable: true", "portable: false").replace("sector_fund", "employer")


def test_money_that_ends_with_a_job_stays_so_until_another_end_is_chosen() -> None:
    assert check(change(BOUND, end_months=None)).ends_with_job
    kept = check(change(BOUND, end_months=24))
    assert (kept.portable, kept.ends_with_job) == (True, False)
    back = check(change(BACK, end_months=24))
    assert (back.portable, back.goes_back_to_employer) == (False, True)
    never = check(change(BACK, end_months=None))
    assert (never.portable, never.expiry, never.reversion) == (True, None, None)


def test_who_gets_what_ends_can_be_chosen_and_money_that_stays_goes_along() -> None:
    found = queries.choices(GOOD, STARTS_ON)
    assert (found.returns_to, found.receivers) == ("sector_fund", ("sector_fund", "state"))
    assert change(GOOD, returns_to="sector_fund") == change(GOOD)
    state = check(change(GOOD, returns_to="state")).reversion
    assert state
    assert (state.to, state.article, state.status) == ("state", "5", None)
    assert queries.choices(BACK, STARTS_ON).receivers == ("sector_fund", "state", "employer")
    assert not check(change(BACK, returns_to="employer")).portable
    kept = check(change(BACK, returns_to="sector_fund"))
    assert (kept.portable, kept.goes_back_to_employer) == (True, False)
    never = check(change(GOOD, end_months=None, returns_to="state"))
    assert (never.expiry, never.reversion) == (None, None)


def test_an_end_that_was_agreed_is_no_longer_assumed_and_no_comment_is_lost() -> None:
    assumed = "status: inferred\n  why: Nobody said so.\n\n# What money is for.\n"
    text = GOOD.replace(
        'expiry: {after_months: 60, article: "5"}\nreversion: {to: sector_fund, article: "5"}\n',
        "expiry: {after_months: 60, status: inferred, why: Nobody said so.}\n"
        f"reversion:\n  to: sector_fund\n  {assumed}",
    )
    new = change(text, end_months=24, returns_to="state")
    found = check(new)
    assert found.expiry
    assert found.reversion
    assert (found.expiry.status, found.expiry.source) == (None, "cao")
    assert (found.reversion.status, found.reversion.source) == (None, "cao")
    assert "\n\n# What money is for.\nspend:" in new


def test_what_money_is_for_can_be_chosen_and_says_where_that_comes_from() -> None:
    """That it was for work was assumed; that it is for everything was agreed, and is no assumption."""
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    assert queries.choices(text, STARTS_ON).work_related_only
    same = change(text, end_months=None, work_related_only=True)
    assert same == change(text, end_months=None)
    spend = check(change(text, end_months=None, work_related_only=False)).spend
    assert (spend.work_related_only, spend.status, spend.why) == (False, None, None)
    assert (spend.source or "").endswith("cao")


def test_another_figure_counts_from_its_day_and_the_rest_of_the_text_stays() -> None:
    """€ 180.00 becomes € 210.00 on 1 January 2027; before, it stays what it was."""
    new = change(GOOD, per_year="210.00", full_week="38")
    parameter = check(new).parameters["per_year"]
    assert parameter.at(date(2026, 12, 31)) == 180_00
    assert parameter.at(STARTS_ON) == 210_00
    assert new.replace(", 2027-01-01: 210.00", "").split() == GOOD.split()
    assert change(GOOD, per_year="180") == change(GOOD)


def test_a_condition_that_is_left_out_takes_its_figures_along() -> None:
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    new = check(change(text, without=frozenset({"hours"}), end_months=None))
    assert [rule.id for rule in new.eligible] == ["agency"]
    assert "min_hours" not in new.parameters
    assert new.absent == {}
    bare = check(change(text, without=frozenset({"hours", "agency"}), end_months=None))
    assert bare.eligible == []


def test_money_can_get_another_end_or_none() -> None:
    assert check(change(GOOD, end_months=None)).expiry is None
    assert check(change(GOOD, end_months=None)).reversion is None
    later = check(change(GOOD, end_months=72)).expiry
    assert later
    assert later.after_months == 72
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    given = check(change(text, end_months=24))
    assert given.expiry
    assert given.expiry.after_months == 24
    assert given.reversion
    by_year = GOOD.replace("after_months: 60", "end_of_year_after: 3")
    kept = check(change(by_year, end_months=None)).expiry
    assert kept
    assert kept.end_of_year_after == 3
    by_age = GOOD.replace("after_months: 60", "at_age: 67")
    kept = check(change(by_age, end_months=None)).expiry
    assert kept
    assert kept.at_age == 67
    other = check(change(by_age, end_months=12)).expiry
    assert other
    assert (other.after_months, other.at_age) == (12, None)
    other = check(change(by_year, end_months=12)).expiry
    assert other
    assert (other.after_months, other.end_of_year_after) == (12, None)


@pytest.mark.parametrize("figure", ["veel", "-1", "", "1e3", "180.001"])
def test_a_figure_that_is_none_is_refused_at_its_place(figure: str) -> None:
    with pytest.raises(FaultyScheme) as refused:
        change(GOOD, per_year=figure)
    assert (refused.value.faults[0].field_name or "").startswith("parameters.per_year")


SHOP = TypicalPerson("permanent", Fraction(36), Money(20_00), born=1990)


def test_ten_years_of_175_00_are_1750_00() -> None:
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    ten_hours = TypicalPerson("fixed_term", Fraction(10), Money(12_00), born=2008)
    years, nothing = queries.followed(text, (SHOP, ten_hours), 2027, 10)
    assert [year.credited for year in years] == [Money(175_00)] * 10
    assert years[-1].held == Money(1_750_00)
    assert not any(year.nothing_for_them for year in years)
    assert all(year.nothing_for_them for year in nothing)


def test_money_that_ends_after_three_years_does_not_add_up() -> None:
    """€ 14.58 a month, 36 months: at most € 525.00 can stand there; what is older has ended.

    Credited on 31 January 2027, the first € 14.58 can be used until 31 January 2030.
    """
    text = (SCHEMES / "nl/elektrotechnische-detailhandel/scheme.yaml").read_text()
    (years,) = queries.followed(text, (SHOP,), 2027, 5)
    assert [year.ended for year in years[:3]] == [Money.zero()] * 3
    assert years[2].held == Money(36 * 14_58)
    assert years[3].ended == Money(12 * 14_58)  # the last on 31 December 2030 itself
    total = sum(year.credited.cents - year.ended.cents for year in years)
    assert total == years[-1].held.cents


def test_money_until_an_age_is_gone_in_the_year_of_the_birthday() -> None:
    """€ 14.58 a month for who turns 67 on 1 January 2029: € 349.92 of two years ends on the day before.

    What comes from that birthday on can be used for half a year: at the end of 2029 € 87.48 of January to
    June is gone and € 87.48 is there; a year later € 174.96 more is gone.
    """
    text = (SCHEMES / "nl/elektrotechnische-detailhandel/scheme.yaml").read_text()
    text = text.replace("after_months: 36", "at_age: 67")
    (years,) = queries.followed(text, (replace(SHOP, born=1962),), 2027, 4)
    assert [year.ended.cents for year in years] == [0, 349_92, 87_48, 174_96]
    assert [year.held.cents for year in years] == [174_96, 0, 87_48, 87_48]


@pytest.mark.parametrize("hours", [12, 16, 20, 32])
@pytest.mark.parametrize("year", [2027, 2028])
def test_who_works_just_enough_hours_on_call_gets_it(hours: int, year: int) -> None:
    """A limit of so many hours worked, in months of 28 to 31 days: € 175.00, or with an hour less nothing."""
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    start = text.index("    not_eligible:")
    text = (
        text[:start]
        + "    use: paid_hours_period / weeks_period\n"
        + text[text.index("    status:", start) :]
    )
    text = text.replace("contract_hours_week > min_hours", "contract_hours_week >= min_hours")
    text = text.replace("{2017-01-01: 12}", f"{{2017-01-01: {hours}}}")
    enough = TypicalPerson("on_call", Fraction(hours), Money(15_00), born=1990)
    too_few = TypicalPerson("on_call", Fraction(hours - 1), Money(15_00), born=1990)
    found, none = queries.followed(text, (enough, too_few), year, 1)
    assert found[0].credited == Money(175_00)
    assert none[0].credited == Money.zero()


def test_a_new_proposal_takes_back_ones_own_yes(table: Table) -> None:
    found = propose(table, CHEAP, union=False)
    cheap = laid(found, "employers")
    assert accept(table, cheap).accepted["workers"] == cheap
    assert not propose(table, DEAR).accepted["workers"]
    assert not accept(table, cheap, union=False).agreed


def test_each_side_signs_in_the_trail_by_who_said_yes(table: Table) -> None:
    found = propose(table, DEAR)
    accept(table, laid(found, "workers"))
    accept(table, laid(found, "workers"), union=False)
    signed = AuditRow.objects.filter(action="schemes.sign").order_by("id")
    assert {row.ids["side"]: row.actor_person for row in signed} == {
        "workers": table.union.person_id,
        "employers": table.employers.person_id,
    }


def test_a_text_that_was_signed_before_is_not_signed_again(table: Table) -> None:
    version = operations.load(text=DEAR, by=SYSTEM, at=NOW)
    operations.sign(
        version_hash=version.hash,
        side="workers",
        organisation_id=make_organisation().id,
        document="akte",
        by=SYSTEM,
        at=NOW,
    )
    with pytest.raises(UnableToNegotiate) as refused:
        propose(table, DEAR)
    assert refused.value.code == "signed_already"
    with pytest.raises(UnableToNegotiate) as refused:
        propose(table, GOOD)
    assert refused.value.code == "nothing_new"


def test_a_scheme_that_is_law_is_negotiated_by_its_own_parties(db: None) -> None:
    signers = make_law("nl/proef", text=GOOD)
    with pytest.raises(UnableToNegotiate) as refused:
        make_table(GOOD, NOW)
    assert refused.value.code == "other_parties"
    assert signers


def test_a_day_that_is_too_far_is_refused(db: None) -> None:
    union, other = make_negotiator(NOW), make_organisation()
    assert union.organisation_id
    with pytest.raises(UnableToNegotiate) as refused:
        operations.open_negotiation(
            title="x",
            base=GOOD,
            parties={"workers": union.organisation_id, "employers": other.id},
            starts_on=NOW.date() + timedelta(days=366 * 25),
            by=union,
            at=NOW,
        )
    assert refused.value.code == "too_far"


def test_a_figure_that_was_agreed_is_no_longer_assumed() -> None:
    """The new one has the agreement as its source; what was assumed before it stays so."""
    text = (SCHEMES / "nl/supermarkt/scheme.yaml").read_text()
    places = set(queries.check_text(text).inferred)
    new = change(text, end_months=None, per_year="190.00")
    assert places - set(queries.check_text(new).inferred) == {"parameters.per_year"}
    assert "parameters.per_year.values.2017-01-01" in queries.check_text(new).inferred


FULL_WEEK = '    values: {2024-01-01: 38}\n    article: "2"\n'
ASSUMED = "    status: inferred\n    why: Guessed.\n"
ASSUMED_FIGURE = FULL_WEEK.replace("38", "{value: 38, status: inferred, why: Guessed.}")


@pytest.mark.parametrize(
    ("full_week", "source"),
    [
        (FULL_WEEK + ASSUMED, "cao"),
        (ASSUMED_FIGURE, "cao"),
        (ASSUMED_FIGURE.replace('    article: "2"\n', ""), "cao"),
        (FULL_WEEK.replace('article: "2"', "source: a letter") + ASSUMED, "a letter; cao"),
        (FULL_WEEK, None),
    ],
    ids=["article", "figure", "figure without article", "source", "not assumed"],
)
def test_a_figure_that_was_agreed_after_an_assumed_one_says_where_that_comes_from(
    full_week: str, source: str | None
) -> None:
    """Also beside an article, which said nothing of the figure, and once however often it is changed."""
    assert FULL_WEEK in GOOD
    text = GOOD.replace(FULL_WEEK, full_week)
    new = change(change(text, full_week="36"), full_week="34")
    parameter = check(new).parameters["full_week"]
    assert (parameter.at(STARTS_ON), parameter.source, parameter.status) == (34, source, None)


@pytest.mark.parametrize(("assumed", "source"), [(True, "cao"), (False, None)])
def test_a_block_that_was_assumed_beside_an_article_says_where_its_agreed_end_comes_from(
    assumed: bool, source: str | None
) -> None:
    text = GOOD
    for block in ("after_months: 60", "to: sector_fund"):
        assert block in text
        if assumed:
            text = text.replace(block, f"{block}, status: inferred, why: Guessed.")
    found = check(change(text, end_months=24, returns_to="state"))
    assert found.expiry
    assert found.reversion
    assert [(one.article, one.source) for one in (found.expiry, found.reversion)] == [
        ("5", source)
    ] * 2


def test_what_a_figure_becomes_later_is_told() -> None:
    text = GOOD.replace("2026-01-01: 180.00", "2026-01-01: 180.00, 2028-01-01: 300.00")
    figure = next(one for one in queries.choices(text, STARTS_ON).figures if one.name == "per_year")
    assert (figure.value, figure.later) == ("180.00", {"2028-01-01": "300.00"})
