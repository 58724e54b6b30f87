"""Who wins: the same from the product, the stand-alone script and a naive list; and with which odds."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import product
from math import comb
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.draws import published, rules, verify_draw
from eigenwijs.draws.rules import ListedTicket
from eigenwijs.draws.types import Beacon, CarryOver, Fit, Group, RoundRules
from eigenwijs.kernel.money import Money

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
CARRY = CarryOver(step=1, most=3)


def group(name: str, weight: int = 1, share: int = 0) -> Group:
    return Group(name, {"nl": name, "en": name}, "", weight, share)


def round_rules(**changes: object) -> RoundRules:
    values: dict[str, object] = {
        "round_id": UUID(int=1),
        "title": {"nl": "Ronde", "en": "Round"},
        "who": {"nl": "Iedereen", "en": "Everyone"},
        "when": "",
        "payer": "Fonds",
        "scheme": "demo",
        "scheme_hash": "0" * 64,
        "pot": Money(100_00),
        "least": Money(1),
        "most": Money(10_000_00),
        "opens_on": date(2026, 4, 1),
        "closes_on": date(2026, 4, 30),
        "groups": (group("everyone"),),
        "fit": Fit.CLOSE,
        "reserve_places": 5,
        "carry_over": CARRY,
        "accept_days": 28,
        "reserve_until": date(2026, 9, 1),
        "beacon": Beacon("drand quicknet", "123", datetime(2026, 5, 2, tzinfo=UTC)),
    }
    return RoundRules(**{**values, **changes})  # type: ignore[arg-type]


def naive(
    of: RoundRules, tickets: list[ListedTicket], seed: str, beacon: str
) -> tuple[dict[str, int], list[str]]:
    """Slips of paper: each ticket has one for each chance; the lowest slip of all is drawn next."""
    slips = {
        hashlib.sha256(f"{seed}:{beacon}:{one.number}:{i + 1}".encode()).hexdigest(): one
        for one in tickets
        for i in range(one.weight)
    }
    line = list(dict.fromkeys(slips[slip] for slip in sorted(slips)))
    won: dict[str, int] = {}
    for own in of.groups:
        purse = of.pot.cents * own.share_percent // 100
        for one in [one for one in line if one.group == own.id]:
            if one.cents > purse:
                break
            won[one.number] = one.cents
            purse -= one.cents
    purse = of.pot.cents - sum(won.values())
    line = [one for one in line if one.number not in won]
    while line:
        if line[0].cents <= purse:
            purse -= line[0].cents
            won[line[0].number] = line[0].cents
            line.pop(0)
            continue
        if of.fit is Fit.CLOSE:
            break
        if of.fit is Fit.PARTIAL:
            if purse:
                won[line[0].number] = purse
                line.pop(0)
            break
        later = [one for one in line if one.cents <= purse]
        if not later:
            break
        purse -= later[0].cents
        won[later[0].number] = later[0].cents
        line.remove(later[0])
    return won, [one.number for one in line[: of.reserve_places]]


def random_round(chance: random.Random) -> tuple[RoundRules, list[ListedTicket], str, str]:
    groups = tuple(
        group(f"g{number}", chance.randint(1, 4), chance.choice([0, 0, 10, 30]))
        for number in range(chance.randint(1, 3))
    )
    most = chance.choice([1, 10, 1_000])
    of = round_rules(
        groups=groups,
        pot=Money(chance.randint(0, 100 * most)),
        fit=chance.choice(list(Fit)),
        reserve_places=chance.choice([0, 3, 1_000]),
    )
    tickets = []
    for number in range(chance.choice([0, 1, 30, 200])):
        own, losses = chance.choice(groups), chance.randint(0, 4)
        ticket = ListedTicket(
            f"T{number:04}",
            own.id,
            losses,
            rules.weight(own, losses, CARRY),
            chance.randint(1, most),
        )
        tickets.append(ticket)
    return of, tickets, f"{chance.getrandbits(256):064x}", f"{chance.getrandbits(256):064x}"


def drawn(of: RoundRules, tickets: list[ListedTicket], seed: str, beacon: str) -> rules.Outcome:
    return rules.draw(
        tickets,
        pot_cents=of.pot.cents,
        groups=of.groups,
        fit=of.fit,
        reserve_places=of.reserve_places,
        seed=seed,
        beacon=beacon,
    )


def test_product_script_and_naive_list_draw_the_same_winners_in_1000_rounds() -> None:
    chance = random.Random(20260501)
    for _round in range(1_000):
        of, tickets, seed, beacon = random_round(chance)
        outcome = drawn(of, tickets, seed, beacon)
        files = published_files(of, tickets, outcome, seed, beacon)
        assert (outcome.won, list(outcome.reserve)) == naive(of, tickets, seed, beacon)
        faults, _remarks = verify_draw.verify(*files)
        assert [fault for fault in faults if not fault.startswith("class ")] == []


def published_files(
    of: RoundRules, tickets: list[ListedTicket], outcome: rules.Outcome, seed: str, beacon: str
) -> tuple[str, str, str]:
    rules_text = published.rules_text(of, rules.digest(seed))
    tickets_text = published.tickets_text(tickets)
    result_text = published.result_text(
        round_id=of.round_id,
        rules_sha256=rules.digest(rules_text),
        tickets_sha256=rules.digest(tickets_text),
        listed_at=AT,
        beacon=(beacon, datetime(2026, 5, 2, 1, tzinfo=UTC)) if of.beacon else None,
        seed=seed,
        outcome=outcome,
    )
    return rules_text, tickets_text, result_text


def many(*sizes: int, weights: tuple[int, ...] = (), cents: int = 1) -> list[ListedTicket]:
    return [
        ListedTicket(f"{place}-{number}", f"g{place}", 0, weights[place] if weights else 1, cents)
        for place, size in enumerate(sizes)
        for number in range(size)
    ]


def test_ten_thousand_seeds_draw_the_first_place_as_the_weights_say() -> None:
    """4 tickets of weight 1 and 2 of weight 3: the first is of the second group 60 in 100 times."""
    tickets = many(4, 2, weights=(1, 3))
    keys: dict[str, int] = {"g0": 0, "g1": 0}
    for seed in range(10_000):
        first = min(tickets, key=lambda one: rules.key(str(seed), "", one.number, one.weight))
        keys[first.group] += 1
    expected = {"g0": 4_000, "g1": 6_000}
    chi_square = sum((keys[name] - count) ** 2 / count for name, count in expected.items())
    assert chi_square < 10.83, keys  # one degree of freedom, one in a thousand


def exact_chances(sizes: tuple[int, int], weights: tuple[int, int], places: int) -> list[Fraction]:
    """The chance that a ticket is among the first `places`: by summing up every polynomial, exactly.

    A ticket of weight w has its key at t with density w (1 - t)^(w - 1); fewer than `places` of the
    others may be before t. With s = 1 - t everything is a polynomial in s.
    """

    def times(left: list[int], right: list[int]) -> list[int]:
        found = [0] * (len(left) + len(right) - 1)
        for (i, x), (j, y) in product(enumerate(left), enumerate(right)):
            found[i + j] += x * y
        return found

    def before(count: int, of: int, own: int) -> list[int]:
        """C(of, count) (1 - s^own)^count (s^own)^(of - count)."""
        found = [0] * (own * of + 1)
        for i in range(count + 1):
            found[own * (of - count + i)] += comb(of, count) * comb(count, i) * (-1) ** i
        return found

    result = []
    for place in (0, 1):
        others = [sizes[0] - (place == 0), sizes[1] - (place == 1)]
        total = Fraction(0)
        for first in range(min(places, others[0] + 1)):
            for second in range(min(places - first, others[1] + 1)):
                both = times(
                    before(first, others[0], weights[0]), before(second, others[1], weights[1])
                )
                total += sum(
                    Fraction(weights[place] * x, power + weights[place])
                    for power, x in enumerate(both)
                )
        result.append(total)
    return result


def test_ten_thousand_draws_give_each_group_the_odds_that_are_published() -> None:
    """12 tickets of weight 1, 12 of weight 2, money for 8: of one ticket of each, whether it wins."""
    groups = (group("g0", 1), group("g1", 2))
    tickets = many(12, 12, weights=(1, 2))
    exact = exact_chances((12, 12), (1, 2), 8)
    wins = [0, 0]
    for seed in range(10_000):
        won = rules.draw(
            tickets,
            pot_cents=8,
            groups=groups,
            fit=Fit.CLOSE,
            reserve_places=0,
            seed=str(seed),
            beacon="",
        ).won
        wins[0] += "0-0" in won
        wins[1] += "1-0" in won
    for count, chance in zip(wins, exact, strict=True):
        expected = float(chance) * 10_000
        chi_square = (count - expected) ** 2 * (1 / expected + 1 / (10_000 - expected))
        assert chi_square < 10.83, (wins, [float(one) for one in exact])
    shown = rules.chances(
        {("g0", 0): (12, 12), ("g1", 0): (12, 12)},
        pot_cents=8,
        groups=groups,
        carry_over=CarryOver(),
    )
    for name, chance in zip(shown, exact, strict=True):
        assert shown[name] == pytest.approx(float(chance), abs=0.01)


def test_a_reserved_share_is_in_the_odds_that_are_shown() -> None:
    """€ 100 for requests of € 1: 20 % for 20 of 220, and then the same chance for all that are left."""
    groups = (group("few", 1, 20), group("all"))
    shown = rules.chances(
        {("few", 0): (20, 20_00), ("all", 0): (200, 200_00)},
        pot_cents=100_00,
        groups=groups,
        carry_over=CarryOver(),
    )
    assert shown[("few", 0)] == pytest.approx(1.0)
    assert shown[("all", 0)] == pytest.approx(0.4)


@given(st.integers(0, 2**64))
def test_the_order_in_which_people_came_changes_nothing(number: int) -> None:
    chance = random.Random(number)
    of, tickets, seed, beacon = random_round(chance)
    shuffled = tickets[:]
    chance.shuffle(shuffled)
    assert drawn(of, shuffled, seed, beacon) == drawn(of, tickets, seed, beacon)
    assert published.tickets_text(shuffled) == published.tickets_text(tickets)


def test_a_share_that_is_left_over_goes_to_everyone_and_the_last_request_follows_the_rule() -> None:
    """€ 1.000, 30 % for flex: one flex request of € 250 wins it; € 750 is left for requests of € 400."""
    groups = (group("flex", 1, 30), group("all"))
    tickets = [
        ListedTicket("F1", "flex", 0, 1, 250_00),
        *(ListedTicket(f"A{number}", "all", 0, 1, 400_00) for number in range(3)),
    ]
    given_by = {
        fit: rules.draw(
            tickets,
            pot_cents=1_000_00,
            groups=groups,
            fit=fit,
            reserve_places=9,
            seed="s",
            beacon="b",
        )
        for fit in Fit
    }
    assert sorted(given_by[Fit.CLOSE].won.values()) == [250_00, 400_00]
    assert sorted(given_by[Fit.SKIP].won.values()) == [250_00, 400_00]
    assert sorted(given_by[Fit.PARTIAL].won.values()) == [250_00, 350_00, 400_00]
    assert len(given_by[Fit.CLOSE].reserve) == 2
    assert len(given_by[Fit.PARTIAL].reserve) == 1


def test_skip_gives_a_smaller_request_behind_one_that_does_not_fit() -> None:
    tickets = [ListedTicket(f"T{cents}", "all", 0, 1, cents) for cents in (700, 600, 100)]
    of = round_rules(groups=(group("all"),), pot=Money(800), fit=Fit.SKIP)
    for seed in range(20):
        won = drawn(of, tickets, str(seed), "").won
        assert won in ({"T700": 700, "T100": 100}, {"T600": 600, "T100": 100})


def test_a_class_of_fewer_than_ten_joins_its_nearest_and_takes_its_weight() -> None:
    groups = (group("three", 3), group("two", 2), group("one", 1))
    sizes = {("three", 0): 4, ("two", 0): 30, ("two", 1): 9, ("two", 2): 12, ("one", 0): 10}
    assert rules.joined_classes(sizes, groups) == {
        ("three", 0): ("two", 0),
        ("two", 0): ("two", 0),
        ("two", 1): ("two", 2),
        ("two", 2): ("two", 2),
        ("one", 0): ("one", 0),
    }


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 4)), st.integers(1, 25)
    )
)
def test_no_class_is_listed_with_fewer_than_ten_tickets_unless_there_is_one(
    sizes: dict[tuple[str, int], int],
) -> None:
    joined = rules.joined_classes(sizes, (group("a", 3), group("b", 2), group("c", 1)))
    listed: dict[tuple[str, int], int] = {}
    for own, count in sizes.items():
        listed[joined[own]] = listed.get(joined[own], 0) + count
    assert sum(listed.values()) == sum(sizes.values())
    assert len(listed) <= 1 or min(listed.values()) >= rules.SMALLEST_CLASS


def test_bad_luck_adds_a_step_for_each_round_up_to_the_most() -> None:
    carry = CarryOver(step=2, most=3)
    assert [rules.weight(group("a", 1), losses, carry) for losses in range(5)] == [1, 3, 5, 7, 7]


def test_the_files_say_the_rules_back() -> None:
    for of in (round_rules(), round_rules(beacon=None, fit=Fit.PARTIAL)):
        assert published.read_rules(published.rules_text(of, "0" * 64)) == of


def fitting_round() -> tuple[RoundRules, list[ListedTicket], str, str]:
    of = round_rules(groups=(group("g0", 1), group("g1", 2)), pot=Money(9))
    return of, many(12, 12, weights=(1, 2)), "ab" * 32, "cd" * 32


def test_the_script_finds_what_was_changed_afterwards() -> None:
    of, tickets, seed, beacon = fitting_round()
    files = published_files(of, tickets, drawn(of, tickets, seed, beacon), seed, beacon)
    assert verify_draw.verify(*files)[0] == []

    def faults(place: int, old: str, new: str) -> list[str]:
        changed = list(files)
        assert old in changed[place]
        changed[place] = changed[place].replace(old, new, 1)
        return verify_draw.verify(*changed)[0]

    assert any("rules.json" in fault for fault in faults(0, '"pot_cents": 9', '"pot_cents": 8'))
    assert any("tickets.csv" in fault for fault in faults(1, "0-3,g0.0,1,1", "0-3,g0.0,1,2"))
    assert any("weight" in fault for fault in faults(1, "0-3,g0.0,1,1", "0-3,g0.0,2,1"))
    assert any("seed" in fault for fault in faults(2, seed, "ac" + seed[2:]))
    assert any("winners" in fault for fault in faults(2, beacon, "ce" + beacon[2:]))
    winner = json.loads(files[2])["winners"][0][0]
    assert any("winners" in fault for fault in faults(2, f'"{winner}"', '"9-9"'))


def test_the_script_says_when_the_operator_could_steer() -> None:
    of, tickets, seed, beacon = fitting_round()
    without = round_rules(groups=of.groups, pot=of.pot, beacon=None)
    outcome = drawn(without, tickets, seed, "")
    files = published_files(without, tickets, outcome, seed, "")
    faults, remarks = verify_draw.verify(*files)
    assert faults == []
    assert "the operator could steer: there was no public beacon" in remarks
    files = published_files(of, tickets, drawn(of, tickets, seed, beacon), seed, beacon)
    assert not any("could steer" in remark for remark in verify_draw.verify(*files)[1])
    late = files[2].replace(AT.isoformat(), "2026-05-03T00:00:00+00:00")
    assert any("could steer" in remark for remark in verify_draw.verify(*files[:2], late)[1])
