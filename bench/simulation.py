"""Whole simulated years: processor time a person a year, a changed figure, and the memory of ten million persons.

Processor seconds, the least of interleaved rounds. What is compiled is compiled before; that is told apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from functools import reduce
from operator import add
from pathlib import Path

from eigenwijs.schemes import steps_with_numba
from eigenwijs.simulation.kinds import Backend
from eigenwijs.simulation.lives import Lives
from eigenwijs.simulation.proposals import SchemeProposal
from eigenwijs.simulation.types import Totals
from eigenwijs.simulation.yearly import simulate

ROOT = Path(__file__).resolve().parents[1]
SCHEMES = ("nl/gift-werkgever", "nl/supermarkt", "fr/cpf")
SLIDER = ("nl/gift-werkgever", "240.00", "250.00")
YEARS, FIRST_YEAR, SEED = 10, 2027, 1
NUMPY_PERSONS = 200_000
ALONE = """import django
django.setup()
from bench.simulation import peak_memory
peak_memory(10_000_000, 5)"""
"""A process of its own, so that its memory is nobody else's."""


def text_of(scheme: str) -> str:
    return (ROOT / "schemes" / scheme / "scheme.yaml").read_text(encoding="utf-8")


def totals(text: str, first: int, last: int, backend: Backend = "numba") -> Totals:
    """Simulate ten years, reading and compiling the text included."""
    lives = Lives(first, last, years=YEARS, seed=SEED, backend=backend)
    return simulate([SchemeProposal(text)], lives, first_year=FIRST_YEAR)[0]


def seconds(text: str, persons: int, backend: Backend = "numba") -> float:
    begun = time.process_time()
    totals(text, 0, persons - 1, backend)
    return time.process_time() - begun


def seconds_of_a_change(text: str, lives: Lives) -> float:
    """Return what a changed text takes in lives that are kept, as the worker keeps those of a table."""
    begun = time.process_time()
    simulate([SchemeProposal(text)], lives, first_year=FIRST_YEAR)
    return time.process_time() - begun


def peak_memory(persons: int, lots: int) -> None:
    """Simulate persons in lots and add them up; print the memory and processor time of this process."""
    begun, size = time.process_time(), persons // lots
    text = text_of(SCHEMES[0])
    found = reduce(add, (totals(text, lot * size, (lot + 1) * size - 1) for lot in range(lots)))
    spent = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    people = int(found.of("persons")[0])
    print(json.dumps({"persons": people, "MB": peak / 1024, "seconds": spent}))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="run.py bench simulation")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    for scheme in SCHEMES:
        print(
            f"| {scheme}, the first 1,000 persons, compiling | {seconds(text_of(scheme), 1_000):.1f} s |"
        )
    least: dict[str, float] = {}
    sliders: dict[str, float] = {}
    kept = {
        "numba": Lives(0, options.persons - 1, years=YEARS, seed=SEED, backend="numba", keep=True),
        "numpy": Lives(0, NUMPY_PERSONS - 1, years=YEARS, seed=SEED, backend="numpy", keep=True),
    }
    for lives in kept.values():
        seconds_of_a_change(text_of(SLIDER[0]), lives)
    for _ in range(options.rounds):
        for scheme in SCHEMES:
            taken = seconds(text_of(scheme), options.persons) / options.persons
            least[scheme] = min(least.get(scheme, taken), taken)
            name = f"{scheme}, numpy alone"
            taken = seconds(text_of(scheme), NUMPY_PERSONS, "numpy") / NUMPY_PERSONS
            least[name] = min(least.get(name, taken), taken)
        scheme, old, new = SLIDER
        changed = text_of(scheme).replace(old, new)
        before = steps_with_numba.run_of.cache_info().misses
        for name, lives in kept.items():
            taken = seconds_of_a_change(changed, lives)
            label = f"a figure changed, {len(lives)} persons, {YEARS} years, {name}"
            sliders[label] = min(sliders.get(label, taken), taken)
        assert steps_with_numba.run_of.cache_info().misses == before, "a figure was compiled again"
    for name, each in least.items():
        print(f"| {name} | {each / YEARS * 1e9:.1f} ns a person a year |")
    for name, each in sliders.items():
        print(f"| {name} | {each:.2f} s |")
    said = subprocess.run(
        [sys.executable, "-c", ALONE], check=True, capture_output=True, text=True, cwd=ROOT
    )
    print(f"| 10,000,000 persons in five lots | {said.stdout.splitlines()[-1]} |")
