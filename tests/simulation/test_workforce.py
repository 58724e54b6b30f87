"""People like those of a table: its counts hold, the sector says the rest, and nobody can be told from it."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest
from django.db import connection

from eigenwijs.audit.models import AuditRow
from eigenwijs.jobs.operations import drain
from eigenwijs.kernel.actor import Actor
from eigenwijs.people.access import NotPermitted
from eigenwijs.schemes import operations as schemes
from eigenwijs.simulation import operations, queries
from eigenwijs.simulation.first_year import HOURS_FROM, first_year
from eigenwijs.simulation.kinds import Backend
from eigenwijs.simulation.lives import HAS_NUMBA, Lives
from eigenwijs.simulation.marginals import AGES, CONTRACTS, FIRM_SIZES, HOURS, SECTORS
from eigenwijs.simulation.models import Workforce as Row
from eigenwijs.simulation.operations import UnableToDeliverWorkforce, UnableToSimulate
from eigenwijs.simulation.parameters import shipped
from eigenwijs.simulation.population import Persons, persons, shipped_drawing
from eigenwijs.simulation.proposals import SchemeProposal
from eigenwijs.simulation.results import chances_of
from eigenwijs.simulation.transitions import move, move_tables
from eigenwijs.simulation.types import WORKFORCE_COLUMNS, RunSize, Totals, Workforce, WorkforceView
from eigenwijs.simulation.workforce import digest, fit, in_the_country, only_these, own_jobs
from eigenwijs.simulation.workforce_file import (
    MOST_GROUPS,
    NAMES,
    WORDS,
    allowed_words,
    cell_text,
    example,
    read_workforce_file,
    written,
)
from eigenwijs.simulation.yearly import simulate
from tests.factories.budgets import NOW
from tests.factories.negotiations import Table, make_negotiator, make_table, make_workforce
from tests.simulation.test_long_runs import ENDING, SHOP

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "workforce-file.md"
SHOPS = SECTORS.index("G")
SEPARATE = """Aantal;Contract;Uren per week;Leeftijd
6000;vast;;
1000;tijdelijk;;
3000;oproep / uitzend;;
4000;;minder dan 12 uur;
6000;;12 uur of meer;
5000;;;15 tot 35 jaar
5000;;;35 tot 75 jaar
"""
CROSSED = """Number,Contract,Age
300,permanent,15 to 35
500,permanent,35 to 75
200,on call,15-25
"""


def read(lines: str, sector: str = "G") -> Workforce:
    found = read_workforce_file(lines.encode(), sector)
    assert [str(one) for one in found.faults] == []
    return Workforce(sector, tuple(found.groups))


def faults(lines: str) -> list[tuple[str, int | None, str]]:
    found = read_workforce_file(lines.encode(), "G")
    assert not found.groups, "with a fault nothing is read"
    for one in found.faults:
        assert str(one), one.code
    return [(one.code, one.line, one.field_name) for one in found.faults]


def drawn(workforce: Workforce) -> Persons:
    return persons(1, 0, 19_999, only_these(workforce))


def shares(column: np.ndarray) -> list[float]:
    return [round(float(one), 2) for one in np.bincount(column) / len(column)]


def test_separate_breakdowns_all_hold() -> None:
    table = fit(read(SEPARATE))
    assert table.sum() == pytest.approx(10_000)
    contract = table.sum((1, 2, 3, 4, 5))
    assert contract[:2] == pytest.approx([6000, 1000], abs=1)
    assert contract[2:].sum() == pytest.approx(3000, abs=1)
    assert contract.min() > 0, "how on call and agency divide follows the sector"
    assert table.sum((0, 1, 2, 4, 5))[0] == pytest.approx(4000, abs=1)
    assert table.sum((0, 1, 3, 4, 5))[:2].sum() == pytest.approx(5000, abs=1)


def test_a_crossed_table_holds_in_its_cells_and_the_sector_says_the_rest() -> None:
    table = fit(read(CROSSED))
    by = table.sum((1, 3, 4, 5))
    assert by[0, :2].sum() == pytest.approx(300)
    assert by[2].tolist() == pytest.approx([200, 0, 0, 0, 0, 0])
    whole = fit(read("aantal\n1000\n"))
    # who is on call and young: the same hours as among their like in the whole sector
    for one in (table, whole):
        hours = one.sum((1, 4, 5))[2, 0]
        assert hours / hours.sum() == pytest.approx(
            whole.sum((1, 4, 5))[2, 0] / whole.sum((1, 4, 5))[2, 0].sum()
        )


def test_people_are_drawn_like_the_table_always_the_same() -> None:
    people = drawn(read(SEPARATE))
    assert set(people.sector) == {SHOPS}
    assert shares(people.contract)[:2] == pytest.approx([0.6, 0.1], abs=0.01)
    assert (people.age < 35).mean() == pytest.approx(0.5, abs=0.01)
    assert (people.hours < 12).mean() == pytest.approx(0.4, abs=0.01)
    again = drawn(read("\n".join(reversed_lines(SEPARATE))))
    assert (again.hours == people.hours).all()
    assert (again.hourly_wage == people.hourly_wage).all()


def reversed_lines(lines: str) -> list[str]:
    head, *rest = lines.strip().split("\n")
    return [head, *rest[3:], *rest[:3]]


def test_a_table_of_a_number_alone_has_the_people_of_the_sector() -> None:
    workforce = read("aantal\n500\n")
    assert (only_these(workforce).wages == shipped_drawing().wages).all()
    mine, sector = drawn(workforce), first_year(SHOP, 2027, "G")
    own = first_year(SHOP, 2027, None, workforce)
    assert own.nothing == pytest.approx(sector.nothing, abs=0.02)
    assert own.mean == pytest.approx(sector.mean, rel=0.03)
    assert own.stands_for == 500
    assert own.cost == own.mean * 500
    assert sector.stands_for > 1_000_000
    assert len(mine) == own.people == 20_000


def test_wages_divide_over_the_bands_of_the_table() -> None:
    people = drawn(read("aantal;uurloon\n300;0 tot 15\n300;15 tot 25\n400;25 of meer\n"))
    assert (people.hourly_wage < 15_00).mean() == pytest.approx(0.3, abs=0.02)
    assert (people.hourly_wage >= 25_00).mean() == pytest.approx(0.4, abs=0.02)


def test_who_is_left_out_follows_the_table() -> None:
    """€ 175.00 a year over 12 hours a week: not on call, not through an agency."""
    few = first_year(SHOP, 2027, None, read("aantal;contract\n990;vast\n10;oproep\n"))
    many = first_year(SHOP, 2027, None, read("aantal;contract\n100;vast\n900;oproep\n"))
    assert few.nothing < 0.3
    assert many.nothing > 0.9
    assert first_year(SHOP, 2027, None, read("aantal;contract\n100;oproep\n")).mean == 0


def test_over_years_the_people_stay_like_the_table() -> None:
    """From the mix of the table, not from that of the country: 40 % on call stays near 40 %."""
    workforce = read(
        "aantal;contract;uren;bedrijfsgrootte\n"
        "6000;vast;35 of meer;250 of meer\n4000;oproep;minder dan 12;250 of meer\n"
    )
    drawing, part = in_the_country(workforce)
    people = persons(1, 0, 99_999, drawing)
    moves = own_jobs(move_tables(drawing), workforce)
    for year in range(1, 6):
        move(people, moves, seed=1, year=year, first=0)
    chosen = (people.sector == SHOPS) & (people.contract < CONTRACTS.index("self_employed"))
    mine = people.rows(np.flatnonzero(chosen))
    assert chosen.mean() == pytest.approx(part, rel=0.1)
    assert set(mine.contract) == {CONTRACTS.index("permanent"), CONTRACTS.index("on_call")}
    assert (mine.contract > 0).mean() == pytest.approx(0.4, abs=0.05)
    # who comes from another sector may keep the hours they had
    assert (mine.hours < 12).mean() == pytest.approx(0.4, abs=0.1)
    assert ((mine.hours >= 12) & (mine.hours < 35)).mean() < 0.15
    assert set(mine.firm_size) == {FIRM_SIZES.index("250+")}


def test_years_of_own_people_are_the_same_in_parts_and_in_both_ways() -> None:
    using = chances_of(read(SEPARATE), shipped())

    def sums(first: int, last: int, backend: Backend) -> Totals:
        lives = Lives(first, last, years=3, seed=1, using=using, backend=backend)
        return simulate([SchemeProposal(ENDING, "G")], lives, first_year=2027)[0]

    whole = sums(0, 2_999, "numpy")
    assert whole.of("credited").sum() > 0
    parts = sums(0, 999, "numpy") + sums(1_000, 2_999, "numpy")
    assert (parts.sums == whole.sums).all()
    if HAS_NUMBA:
        assert (sums(0, 2_999, "numba").sums == whole.sums).all()


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("aantal;naam\n10;Jan\n", [("unknown_column", 1, "naam")]),
        ("aantal;BSN;contract\n10;111222333;vast\n", [("unknown_column", 1, "BSN")]),
        ("aantal;geboortedatum\n10;01-02-1990\n", [("unknown_column", 1, "geboortedatum")]),
        ("contract\nvast\n", [("missing_column", 1, "Aantal")]),
        ("aantal;contract;contractsoort\n10;vast;vast\n", [("same_meaning_twice", 1, "contractsoort")]),
        ("aantal;contract\n9;vast\n1;oproep\n20;tijdelijk\n",
         [("too_few_people", 2, "aantal"), ("too_few_people", 3, "aantal")]),
        ("aantal\n-20\n", [("below_zero", 2, "aantal")]),
        ("aantal\n10000001\n", [("too_many_people", 2, "aantal")]),
        ("aantal;contract\nveel;vast\n;oproep\n",
         [("not_a_number", 2, "aantal"), ("missing", 3, "aantal")]),
        ("aantal;contract;leeftijd\n10;zzp;15-20\n",
         [("unknown_value", 2, "contract"), ("unknown_value", 2, "leeftijd")]),
        ("aantal;uren\n10;35-12\n", [("unknown_value", 2, "uren")]),
        ("aantal;leeftijd\n10;15-35\n20;25-45\n", [("groups_overlap", 3, "")]),
        ("aantal;contract\n10;vast\n10;vast\n", [("groups_overlap", 3, "")]),
        ("aantal;contract\n10;vast\n20;vast\n", [("groups_overlap", 3, "")]),
        ("aantal;contract;leeftijd\n50;vast;\n50;oproep;\n90;;15-75\n", [("totals_differ", 4, "")]),
        ("aantal;contract\n0;vast\n", [("nobody", None, "")]),
        # 50 under 25 on call, but nobody under 25 by age
        ("aantal;contract;leeftijd\n50;oproep;15-25\n50;vast;25-75\n100;;25-75\n",
         [("contradicting_counts", 2, "")]),
        # each alone could be; together there would be fewer than nobody
        ("aantal;contract;uren;leeftijd\n50;vast;0-12;\n50;oproep;12 of meer;\n"
         "50;vast;;15-25\n50;oproep;;25-75\n60;;0-12;15-25\n40;;12 of meer;25-75\n",
         [("contradicting_counts", None, "")]),
        ("", [("empty_file", None, "")]),
        ("aantal\n=1+1\n", [("formula", 2, "aantal")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line_and_nothing_is_read(
    lines: str, found: list[tuple[str, int | None, str]]
) -> None:
    assert faults(lines) == found


def test_a_file_of_persons_is_refused_and_so_is_one_without_end() -> None:
    lines = "aantal\n" + "1\n" * (MOST_GROUPS + 1)
    assert faults(lines)[-1][0] == "too_many_rows"
    assert faults("aantal\n" + "1" * 1_000_001) == [("too_large", None, "")]


def test_every_word_of_every_value_is_read() -> None:
    for column, values in WORDS.items():
        for value, words in values.items():
            for word in words:
                head = f'"{NAMES[column][0]}"'
                (group,) = read(f'aantal,{head}\n10,"{word.upper()}"\n').groups
                assert group.told == ((column, (value,)),)


def test_what_is_written_is_read_again() -> None:
    workforce = read(SEPARATE)
    for language in ("nl", "en"):
        lines = "\n".join(";".join(line) for line in written(workforce.groups, language))
        assert digest(read(lines)) == digest(workforce)
    assert cell_text("age", ["15-25", "25-35", "65-75"], "nl") == "15 tot 35 / 65 tot 75"


def test_the_example_has_every_value_and_fails_only_for_its_numbers() -> None:
    for language in ("nl", "en"):
        lines = list(example(language))
        assert len(lines) == 1 + sum(len(values) for values in WORKFORCE_COLUMNS.values())
        text = "\n".join(";".join(line) for line in lines)
        assert {code for code, _line, _name in faults(text)} == {"missing"}
        filled = [(str(100 * 60 // _of(line, lines)), *line[1:]) for line in lines[1:]]
        assert read("\n".join(";".join(line) for line in [lines[0], *filled])).people == 6000


def _of(line: tuple[str, ...], lines: list[tuple[str, ...]]) -> int:
    """How many lines fill the same column."""
    place = next(place for place, cell in enumerate(line) if place and cell)
    return sum(1 for one in lines[1:] if one[place])


@pytest.fixture
def table(db: None) -> Table:
    return make_table(SHOP, NOW)


def test_both_sides_see_a_table_that_never_changes(table: Table) -> None:
    first = make_workforce(table, NOW)
    assert (first.number, first.side, first.workforce.people) == (1, "workers", 1000)
    same = operations.deliver_workforce(
        negotiation_id=table.id,
        content=b"Number,Contract\n400,on call\n600,permanent\n",
        sector="G",
        by=table.employers,
        at=NOW,
    )
    assert same == first, "the same counts are there once, whoever delivers them"
    second = make_workforce(table, NOW, sector="F")
    assert second.number == 2
    for by in (table.union, table.employers):
        assert queries.workforces(table.id, by=by) == [second, first]
    row = AuditRow.objects.filter(action="simulation.deliver_workforce").first()
    assert row is not None
    assert set(row.ids) == {"number", "people", "digest"}
    with pytest.raises(Exception, match="Cannot update or delete"):
        Row.objects.filter(number=1).update(groups=[])


def test_only_the_two_parties_deliver_and_see(table: Table) -> None:
    make_workforce(table, NOW)
    stranger = make_negotiator(NOW)
    with pytest.raises(NotPermitted):
        queries.workforces(table.id, by=stranger)
    for by in (stranger, Actor.system("proef")):
        with pytest.raises(NotPermitted):
            operations.deliver_workforce(
                negotiation_id=table.id, content=b"aantal\n10\n", sector="G", by=by, at=NOW
            )


def test_a_faulty_table_leaves_nothing_behind(table: Table) -> None:
    for lines, sector, code in (
        ("aantal;naam\n10;Jan\n", "G", "faults"),
        ("aantal\n10\n", "winkels", "unknown_sector"),
    ):
        with pytest.raises(UnableToDeliverWorkforce) as refused:
            make_workforce(table, NOW, lines, sector)
        assert refused.value.code == code
    assert not Row.objects.exists()
    assert not AuditRow.objects.filter(action="simulation.deliver_workforce").exists()


def test_a_closed_table_takes_no_more_people(table: Table) -> None:
    found = schemes.propose(negotiation_id=table.id, text=ENDING, by=table.union, at=NOW)
    for by in (table.union, table.employers):
        schemes.accept(negotiation_id=table.id, text_hash=found.proposals[0].hash, by=by, at=NOW)
    with pytest.raises(UnableToDeliverWorkforce) as refused:
        make_workforce(table, NOW)
    assert refused.value.code == "closed"


def test_a_long_run_says_whose_people_it_used(table: Table) -> None:
    schemes.propose(negotiation_id=table.id, text=ENDING, by=table.union, at=NOW)
    first = make_workforce(table, NOW)
    second = make_workforce(table, NOW, "aantal;contract\n10000;oproep\n")

    def ask(number: int | None) -> object:
        return operations.ask(
            negotiation_id=table.id,
            texts=[SHOP, ENDING],
            sector="",
            workforce=number,
            first_year=2027,
            size=RunSize(persons=20_000, years=2, draws=2, persons_a_draw=5_000),
            by=table.union,
            at=NOW,
        ).id

    runs = [ask(1), ask(2), ask(None)]
    assert len(set(runs)) == 3
    drain(at=NOW)
    found = [queries.long_run(one, by=table.employers, at=NOW) for one in runs]
    assert [one.workforce for one in found] == [first, second, None]
    assert [one.sector for one in found] == ["G", "G", ""]
    cost = [one.texts[0].years[0].credited for one in found]
    expected = first_year(SHOP, 2027, None, first.workforce)
    assert cost[0].value == pytest.approx(expected.cost, rel=0.15)
    assert found[0].texts[0].people_at_end == pytest.approx(1_000, rel=0.15)
    assert cost[0].low is not None
    assert cost[0].low == pytest.approx(expected.cost, rel=0.25)
    assert cost[1].value < 0.1 * cost[0].value
    assert cost[2].value > 1000 * cost[0].value
    with pytest.raises(UnableToSimulate) as refused:
        ask(3)
    assert refused.value.code == "unknown_workforce"


@pytest.mark.django_db(transaction=True)
def test_two_who_deliver_at_once_get_two_numbers() -> None:
    table = make_table(SHOP, NOW)
    start = Barrier(2)
    found: list[WorkforceView] = []

    def work(by: Actor, lines: bytes) -> None:
        start.wait()
        try:
            found.append(
                operations.deliver_workforce(
                    negotiation_id=table.id, content=lines, sector="G", by=by, at=NOW
                )
            )
        finally:
            connection.close()

    each = [
        Thread(target=work, args=[by, lines])
        for by, lines in ((table.union, b"aantal\n10\n"), (table.employers, b"aantal\n20\n"))
    ]
    for one in each:
        one.start()
    for one in each:
        one.join()
    assert sorted(one.number for one in found) == [1, 2]


def test_bands_are_those_of_the_first_year() -> None:
    assert WORKFORCE_COLUMNS["hours"] == HOURS
    assert WORKFORCE_COLUMNS["age"] == AGES
    assert HOURS_FROM == (12, 20, 35)


def test_the_reference_has_every_name_word_and_band() -> None:
    text = DOCUMENT.read_text()
    for names in NAMES.values():
        assert f"| {names[0]} | {names[1]} | {', '.join(names[2:])} |" in text
    for column, values in WORDS.items():
        for words in values.values():
            line = f"| {NAMES[column][0]} | {words[0]} | {words[1]} | {', '.join(words[2:])} |"
            assert line in text
    for column in set(WORKFORCE_COLUMNS) - set(WORDS):
        dutch, english = ("; ".join(allowed_words(column, one)) for one in ("nl", "en"))
        assert f"| {NAMES[column][0]} | {dutch} | {english} |" in text


def test_the_reference_s_examples_are_read() -> None:
    examples = DOCUMENT.read_text().split("```\n")[1::2]
    assert [read(one).people for one in examples] == [1_000, 10_000]


def test_few_people_cannot_be_told_by_taking_one_group_from_another() -> None:
    text = (
        "Aantal;Contract;Bedrijfsgrootte\n45;vast;\n55;tijdelijk / oproep / uitzend;\n"
        "50;vast / tijdelijk;1 of meer\n50;oproep / uitzend;1 of meer\n"
    )
    found = read_workforce_file(text.encode(), "O-Q")
    assert not found.groups
    assert ("too_few_people", 2) in [(fault.code, fault.line) for fault in found.faults]
