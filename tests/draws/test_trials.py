"""Rules are tried on a file of tickets: every fault named by line and column, and nothing kept."""

from __future__ import annotations

import pytest

from eigenwijs.draws import queries, trials
from eigenwijs.draws.types import ClassLine, RoundRules, Trial
from eigenwijs.kernel.money import Money
from tests.draws.test_rules import group, round_rules


def trial(text: str, of: RoundRules | None = None) -> Trial:
    return queries.dry_run_on_list(of or rules(), text.encode())


def rules() -> RoundRules:
    """€ 1.000 for requests of € 50 to € 100; flex counts three times."""
    return round_rules(
        groups=(group("flex", 3), group("all")),
        pot=Money(1_000_00),
        least=Money(50_00),
        most=Money(100_00),
    )


def shown(lines: tuple[ClassLine, ...]) -> list[tuple[str, int, int, int]]:
    return [(one.group.id, one.losses, one.weight, one.tickets) for one in lines]


def test_each_class_gets_a_line_with_its_chance_and_what_it_won() -> None:
    """20 of flex and 20 others ask € 100: ten win, and flex has the better chance."""
    text = "klasse;bedrag\n" + "flex;100\n" * 20 + "ALL;€ 100,00\n" * 20
    found = trial(text)
    assert found.faults == ()
    assert shown(found.lines) == [("flex", 0, 3, 20), ("all", 0, 1, 20)]
    assert sum(one.winners or 0 for one in found.lines) == 10
    assert sum(one.won.cents for one in found.lines if one.won) == 1_000_00
    assert found.lines[0].chance > found.lines[1].chance


def test_a_published_list_can_be_tried_as_it_is() -> None:
    rows = [f"T{number},flex.{number % 2},9,5000\n" for number in range(40)]
    found = trial("ticket,class,weight,cents\n" + "".join(rows))
    assert found.faults == ()
    assert shown(found.lines) == [("flex", 0, 3, 20), ("flex", 1, 4, 20)]
    assert sum(one.asked.cents for one in found.lines) == 40 * 50_00


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("klasse;bedrag\nflex;100\nzzz;100\n", "unknown_class", 3, "klasse"),
        ("Klasse;Bedrag\nflex.x;100\n", "unknown_class", 2, "Klasse"),
        ("klasse;bedrag\nflex;100,01\n", "wrong_amount", 2, "bedrag"),
        ("class;amount\nflex;veel\n", "not_a_number", 2, "amount"),
        ("class;cents\nflex;50,5\n", "not_whole", 2, "cents"),
        ("klasse;bedrag\nflex;\n", "missing", 2, "bedrag"),
        ("klasse;prijs\nflex;100\n", "missing_column", 1, "bedrag"),
        ("bedrag;naam\n100;flex\n", "missing_column", 1, "klasse"),
        ("klasse;bedrag\n", "no_rows", None, ""),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_column(
    text: str, code: str, line: int | None, column: str
) -> None:
    found = trial(text)
    assert found.lines == ()
    assert [one.code for one in found.faults] == [code]
    assert (found.faults[0].line or line, found.faults[0].field_name) == (line, column)
    assert str(found.faults[0])


def test_all_faults_are_said_at_once_up_to_a_thousand() -> None:
    found = trial("klasse;bedrag\n" + "zzz;1\n" * 700)
    assert len(found.faults) == 1_001
    assert found.faults[-1].code == "more_faults"


def test_a_class_that_is_too_small_joins_as_it_would_in_a_round() -> None:
    entries = [trials.Entry(str(number), "flex", 0, 50_00) for number in range(3)]
    entries += [trials.Entry(f"a{number}", "all", 0, 50_00) for number in range(12)]
    (line,) = trials.draw_once(rules(), entries)
    assert (line.group.id, line.weight, line.tickets) == ("all", 1, 15)
