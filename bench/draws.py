"""What a draw costs: choosing winners beside sorting all keys, and all of it beside hashing alone."""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from eigenwijs.draws import choosing, rules, verify_draw
from eigenwijs.draws.rules import ListedTicket
from eigenwijs.draws.types import Fit, Group

GROUPS = 100
FUNDED = 10
"""One in so many of what is asked can be paid."""
SEED, BEACON = "5e" * 32, "bc" * 32


def main(arguments: list[str]) -> None:
    """Measure all ways in turn, several rounds, and print medians of processor seconds and ratios."""
    parser = argparse.ArgumentParser(prog="run.py bench draws")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=1_000_000, help="for choosing; 10,000,000 once")
    parser.add_argument(
        "--tickets", type=int, default=100_000, help="for the whole; 1,000,000 once"
    )
    options = parser.parse_args(arguments)
    _choosing(options.keys, options.rounds)
    _whole(options.tickets, options.rounds)


def _choosing(count: int, rounds: int) -> None:
    drawn = np.random.default_rng(1)
    keys = drawn.bytes(32 * count)
    groups = [_group(number, share=number % 2) for number in range(GROUPS)]
    cents: Any = drawn.integers(100_00, 300_00, count, endpoint=True)
    of_group: Any = np.arange(count) % GROUPS
    tickets = choosing.keyed(keys, cents, of_group)
    pot = int(cents.sum()) // FUNDED
    whole = np.frombuffer(keys, dtype="S32")
    start = np.frombuffer(keys, dtype=">u8")[::4].astype(np.uint64)

    def choose() -> None:
        choosing.choose(tickets, pot_cents=pot, groups=groups, fit=Fit.SKIP, reserve_places=1_000)

    spent: dict[str, list[float]] = {}
    for _round in range(rounds):
        _note(spent, "choosing", choose)
        for name, some in (("numpy, keys", whole), ("numpy, 8 bytes", start)):
            own = some.copy()
            _note(spent, name, own.sort)
    _print(f"{count:,} keys, {GROUPS} groups", spent, beside="numpy, keys")


def _whole(count: int, rounds: int) -> None:
    drawn = random.Random(2)
    groups = [_group(number, weight=1 + number % 3, share=number % 2) for number in range(GROUPS)]
    tickets = []
    for number in range(count):
        group = groups[number % GROUPS]
        cents = drawn.randint(100_00, 300_00)
        tickets.append(ListedTicket(f"T{number:08}", group.id, 0, group.weight, cents))
    pot = sum(one.cents for one in tickets) // FUNDED
    plain = {
        "groups": [{"id": one.id, "share_percent": one.share_percent} for one in groups],
        "pot_cents": pot,
        "fit": "skip",
        "reserve_places": 1_000,
    }
    rows = [(one.number, f"{one.group}.0", one.weight, one.cents) for one in tickets]
    gc.freeze()

    def hash_all() -> None:
        for one in tickets:
            rules.key(SEED, BEACON, one.number, one.weight)

    def draw() -> None:
        rules.draw(
            tickets,
            pot_cents=pot,
            groups=groups,
            fit=Fit.SKIP,
            reserve_places=1_000,
            seed=SEED,
            beacon=BEACON,
        )

    spent: dict[str, list[float]] = {}
    for _round in range(rounds):
        _note(spent, "hashing alone", hash_all)
        _note(spent, "whole draw", draw)
        _note(spent, "stand-alone script", lambda: verify_draw.draw(plain, rows, SEED, BEACON))
    _print(f"{count:,} tickets, {GROUPS} groups", spent, beside="hashing alone")


def _group(number: int, *, weight: int = 1, share: int = 0) -> Group:
    return Group(f"g{number}", {"nl": "", "en": ""}, "", weight, share)


def _note(spent: dict[str, list[float]], name: str, way: Callable[[], object]) -> None:
    began = time.process_time()
    way()
    spent.setdefault(name, []).append(time.process_time() - began)


def _print(title: str, spent: Mapping[str, Sequence[float]], *, beside: str) -> None:
    base = statistics.median(spent[beside])
    print(title)
    for name, seconds in spent.items():
        median = statistics.median(seconds)
        print(f"  {name:<20} {median:8.2f} s {median / base:6.2f} x {beside}")
