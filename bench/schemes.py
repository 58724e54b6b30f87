"""Ten years of one rule for many: our compiled form, openfisca-core, the same by hand, a bare copy.

All give the same cents, or this stops. Processor seconds, the least of interleaved rounds, each in one process.
No clock runs while the text is read, compiled and put into its years, which the product does once and keeps, nor
while the peer's system is made. Both have run once before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
import venv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numba
import numpy as np

from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes.binding import Bound, values_of
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.compiling import compiled
from eigenwijs.schemes.crediting import entitlement
from eigenwijs.schemes.facts import PERSON_FACTS
from eigenwijs.schemes.many_people import Backend, book_for_many
from eigenwijs.schemes.types import Received

ROOT = Path(__file__).resolve().parents[1]
PEER = ["openfisca-core==46.0.1", "setuptools<81"]
FOLDER = ROOT / "var" / "bench-schemes"
YEARS = range(2026, 2036)
LOT = 2_000_000
TOGETHER: dict[Backend, int] = {"numba": 262_144, "numpy": 16_384}
"""So many people go through all years before the next; their money then stays near the processor."""

RULE = """\
scheme: nl/bench
title: {nl: Bench, en: Bench}
source: of a benchmark
starts: 2020-01-01
periods: [year]
signed_by: [workers, employers]
portable: true
parameters:
  rate: {unit: EUR, values: {2020-01-01: 500.00}, article: x}
  rate_agency: {unit: EUR, values: {2020-01-01: 800.00}, article: x}
  most: {unit: EUR, values: {2020-01-01: 5000.00}, article: x}
  most_agency: {unit: EUR, values: {2020-01-01: 8000.00}, article: x}
  full_year: {unit: hours, values: {2020-01-01: 1607}, article: x}
credit:
  - id: yearly
    per: year
    cases:
      - {when: contract_kind == agency, amount: rate_agency}
      - {otherwise: rate}
    prorate: {by: paid_hours_period / full_year, full_from: 1/2, article: x}
    round: up
    article: x
cap:
  balance:
    - {when: contract_kind == agency, amount: most_agency}
    - {otherwise: most}
  article: x
spend: {work_related_only: false, article: x}
"""
"""The shape of the French account: 500 or 800 a year, all of it from half time on, up to 5,000 or 8,000."""

AGENCY = PERSON_FACTS["contract_kind"].labels.index("agency")

Column = np.ndarray
People = tuple[Column, Column, Column]


def population(first: int, last: int) -> People:
    """Return the kind of contract, and a row a year of hours and spending (hundredths, cents)."""
    numbers = np.arange(first, last, dtype=np.uint64)

    def chance(stream: int) -> Column:
        own = np.uint64(stream * 0x9E3779B97F4A7C15 % 2**64)
        mixed = (numbers + own) * np.uint64(0xBF58476D1CE4E5B9)
        return (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0x94D049BB133111EB) >> np.uint64(40)

    contract = (chance(0) % np.uint64(4) == 0).astype(np.uint8) * np.uint8(AGENCY)
    hours = np.empty((10, len(contract)), np.int32)
    spend = np.empty_like(hours)
    for year in range(10):
        hours[year] = chance(10 + year) % np.uint64(200_000)
        spend[year] = np.where(chance(30 + year) % np.uint64(10) == 0, 90_000, 0)
    return contract, hours, spend


@numba.njit(nogil=True)
def pay(balance: Column, asked: Column) -> None:
    """Spend what is asked as far as it is there, in a loop that is compiled, as the simulator does."""
    for row in range(len(balance)):
        balance[row] -= min(balance[row], asked[row])


def ours(years: list[Bound], people: People, backend: Backend, together: int) -> Column:
    """Credit and spend year by year, `together` people at a time: all of them is period by period."""
    contract, hours, spend = people
    balance = np.zeros(len(contract), np.int32)
    for first in range(0, len(contract), together):
        rows = slice(first, first + together)
        own = balance[rows]
        for place, bound in enumerate(years):
            columns = {"contract_kind": contract[rows], "paid_hours_period": hours[place][rows]}
            book_for_many(bound, columns, {"balance": own}, backend=backend)
            if backend == "numba":
                pay(own, spend[place][rows])
            else:
                own -= np.minimum(own, spend[place][rows])
    return balance


def by_hand(people: People) -> Column:
    contract, hours, spend = people
    agency = contract == AGENCY
    rate = np.where(agency, 80_000, 50_000).astype(np.int64)
    most = np.where(agency, 800_000, 500_000).astype(np.int32)
    balance = np.zeros(len(agency), np.int32)
    for place in range(10):
        worked = hours[place]
        part = -(-rate * worked // 160_700)
        due = np.where(2 * worked >= 160_700, rate, part)
        balance += np.minimum(due.astype(np.int32), np.maximum(most - balance, 0))
        balance -= np.minimum(balance, spend[place])
    return balance


def copied(people: People) -> Column:
    """Read hours and spending and write as many numbers: less than the rule must."""
    contract, hours, spend = people
    out = np.empty(len(contract), np.int32)
    for place in range(10):
        np.copyto(out, hours[place])
        np.copyto(out, spend[place])
    return out


def spent(do: Callable[[], Column]) -> tuple[float, Column]:
    begun = time.process_time()
    found = do()
    return time.process_time() - begun, found


def peer(python: Path, people: People) -> tuple[float, Column]:
    """Run openfisca-core on the same people, in its own process."""
    contract, hours, spend = people
    agency = (contract == AGENCY).astype(np.int32)
    given, answer = FOLDER / "people.npz", FOLDER / "balance.npy"
    np.savez(given, agency=agency, hours=hours, spend=spend)
    script = Path(__file__).with_name("peer_openfisca.py")
    said = subprocess.run(
        [python, script, given, answer], check=True, capture_output=True, text=True
    )
    return float(json.loads(said.stdout.splitlines()[-1])["seconds"]), np.load(answer)


def run_all(
    years: list[Bound], people: People, python: Path | None
) -> dict[str, tuple[float, Column]]:
    """Return the seconds and the balances of every way, one after the other."""
    found = {
        "numba": spent(lambda: ours(years, people, "numba", len(people[0]))),
        "numba, persons apart": spent(lambda: ours(years, people, "numba", TOGETHER["numba"])),
        "numpy": spent(lambda: ours(years, people, "numpy", TOGETHER["numpy"])),
        "by hand": spent(lambda: by_hand(people)),
        "copy": spent(lambda: copied(people)),
    }
    if python:
        found["openfisca"] = peer(python, people)
    return found


def one_account(times: int) -> tuple[float, float]:
    """Return microseconds for one account: in whole numbers, and with every step."""
    scheme = check(RULE)
    bound = compiled(scheme).bind(Period.parse("2026"))
    facts = {"contract_kind": "permanent", "paid_hours_period": Fraction(643)}
    given = {"facts": facts, "earlier": {}, "balance": Money.zero(), "received": Received()}
    begun = time.process_time()
    for _ in range(times):
        values = values_of(bound, **given)  # type: ignore[arg-type]
        assert values
        bound.for_one(values)
    plain = (time.process_time() - begun) / times
    begun = time.process_time()
    for _ in range(times):
        entitlement(scheme, digest="", period=bound.period, **given)  # type: ignore[arg-type]
    return plain * 1e6, (time.process_time() - begun) / times * 1e6


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="run.py bench schemes")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = FOLDER / "peer" / "bin" / "python"
    if not options.no_peer and not python.exists():
        venv.create(python.parents[1], with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
    program = compiled(check(RULE))
    years = [program.bind(Period.parse(str(year))) for year in YEARS]
    ours(years, population(0, 1000), "numba", 1000)
    least: dict[str, float] = {}
    for _ in range(options.rounds):
        taken: dict[str, float] = {}
        for first in range(0, options.people, LOT):
            people = population(first, min(first + LOT, options.people))
            for name, (seconds, found) in run_all(
                years, people, None if options.no_peer else python
            ).items():
                taken[name] = taken.get(name, 0.0) + seconds
                assert name == "copy" or np.array_equal(found, by_hand(people)), name
        for name, seconds in taken.items():
            least[name] = min(least.get(name, seconds), seconds)
    print(f"{options.people} people, 10 years, processor s, least of {options.rounds} rounds")
    for name, seconds in least.items():
        each = seconds / options.people / 10 * 1e9
        ratios = " | ".join(f"{seconds / least[one]:.1f} ×" for one in least if "numba" in one)
        print(f"| {name} | {seconds:.3f} | {each:.2f} ns a year | {ratios} |")
    plain, traced = one_account(5_000)
    print(
        f"| one account, plain | {plain:.1f} µs |\n| one account, with every step | {traced:.1f} µs |"
    )
