"""Schemes that nobody wrote, from every block and fact that a credit can be made of; and people to try them on."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from random import Random

import numpy as np

from eigenwijs.schemes.binding import Bound, fact_parts
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.facts import CALENDAR_FACTS, CONFIDED_FACTS, PERSON_FACTS, Kind
from eigenwijs.schemes.many_people import Cents

UNITS = {Kind.EUR: "EUR", Kind.HOURS: "hours", Kind.YEARS: "years", Kind.NUMBER: "number"}
FIGURES: dict[Kind, Callable[[Random], str]] = {
    Kind.EUR: lambda random: (
        f"{random.choice([0, 150, 175, 500, random.randint(1, 5000)])}.{random.randint(0, 99):02d}"
    ),
    Kind.HOURS: lambda random: random.choice(
        ["12", "36", "38.5", "15.25", str(random.randint(1, 60))]
    ),
    Kind.YEARS: lambda random: str(random.randint(16, 70)),
    Kind.NUMBER: lambda random: random.choice(["0.015", "1/3", "0.8", "2", "0.07", "1"]),
}


class RandomScheme:
    """One text; figures that are not used are left out, as they would be refused."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.figures: list[tuple[str, Kind]] = []

    def figure(self, kind: Kind) -> str:
        name = f"figure{len(self.figures)}"
        self.figures.append((name, kind))
        return name

    def fact(self, kind: Kind, *, absent: bool = True) -> str | None:
        names = [
            fact.name
            for fact in PERSON_FACTS.values()
            if fact.kind is kind
            and fact.name not in CALENDAR_FACTS
            and (absent or not fact.may_be_absent)
        ]
        return self.random.choice(names) if names else None

    def number(self) -> str:
        return self.random.choice([self.figure(Kind.NUMBER), "2", "1/2", "3"])

    def value(self, kind: Kind, depth: int = 2) -> str:
        """An expression of a kind that never gets below zero."""
        random = self.random
        if depth and random.random() < 0.6:
            inner = self.value(kind, depth - 1)
            return random.choice(
                [
                    lambda: f"({inner} + {self.value(kind, depth - 1)})",
                    lambda: f"{inner} * {self.number()}",
                    lambda: f"{inner} / {self.number()}",
                    lambda: f"{inner} * ({self.value(Kind.HOURS, 0)} / {self.figure(Kind.HOURS)})",
                ]
            )()
        if kind is Kind.EUR:
            with_wage = f"gross_wage_period * {self.figure(Kind.NUMBER)} / 50"
            with_leave = f"leave_hours_period / {self.figure(Kind.HOURS)} * hourly_wage / 50"
            chance = random.random()
            return (
                with_wage if chance < 0.2 else with_leave if chance < 0.3 else self.figure(Kind.EUR)
            )
        return self.fact(kind) if random.random() < 0.5 and self.fact(kind) else self.figure(kind)

    def condition(self, depth: int = 2) -> str:
        random = self.random
        if depth and random.random() < 0.5:
            left, right = self.condition(depth - 1), self.condition(depth - 1)
            return random.choice([f"({left} and {right})", f"({left} or {right})", f"not {left}"])
        if random.random() < 0.4:
            name = self.fact(Kind.LABEL)
            labels = list(PERSON_FACTS[str(name)].labels)
            some = random.sample(labels, random.randint(1, len(labels)))
            return random.choice(
                [f"{name} in [{', '.join(some)}]", f"{name} == {some[0]}", f"{name} != {some[0]}"]
            )
        if random.random() < 0.1:
            return f"gross_wage_period * periods_year <= {self.figure(Kind.EUR)} * 20"
        kind = random.choice(list(UNITS))
        sign = random.choice(["<", "<=", ">", ">=", "==", "!="])
        return f"{self.fact(kind)} {sign} {self.value(kind, 1) if kind is not Kind.EUR else self.figure(kind)}"

    def cases(self, indent: str) -> str:
        lines = [
            f"{indent}- {{when: '{self.condition()}', amount: '{self.value(Kind.EUR)}'}}"
            for _ in range(self.random.randint(0, 2))
        ]
        return "\n".join([*lines, f"{indent}- {{otherwise: '{self.value(Kind.EUR)}'}}"])

    def rate(self) -> str:
        return self.random.choice(
            [
                lambda: f"contract_hours_week / {self.figure(Kind.HOURS)}",
                lambda: f"contract_hours_reference / {self.figure(Kind.HOURS)}",
                lambda: "contract_hours_week / full_time_hours_week",
                lambda: f"paid_hours_period / ({self.figure(Kind.HOURS)} * weeks_period)",
                lambda: "employed_days_period / days_period",
                lambda: "employed_months_period / months_period",
                self.number,
            ]
        )()

    def credit(self, number: int) -> str:
        random = self.random
        per, rounding = random.choice(
            [("year", "spread: cumulative")] * 3
            + [
                (per, f"round: {kind}")
                for per in ("year", "month", "four_weeks", "period", "once")
                for kind in ("up", "down", "half_up", "half_even")
            ]
        )
        lines = [f"  - id: credit{number}", f"    per: {per}", "    cases:", self.cases("      ")]
        extras = [self.extra(place) for place in range(random.choice([0, 0, 1, 2]))]
        lines += ["    extra:", *extras] if extras else []
        if random.random() < 0.6:
            full = random.choice(["1", "1/2", self.figure(Kind.NUMBER)])
            lines.append(f"    prorate: {{by: '{self.rate()}', full_from: '{full}', article: x}}")
        return "\n".join([*lines, f"    {rounding}", "    article: x"])

    def extra(self, number: int) -> str:
        change = self.random.choice(
            [lambda: f"times: '{self.number()}'", lambda: f"plus: '{self.value(Kind.EUR)}'"]
        )()
        return (
            f"      - {{id: extra{number}, when: '{self.condition()}', {change}, "
            "text: {nl: Meer., en: More.}, article: x}"
        )

    def text(self) -> str:
        random = self.random
        eligible = [
            f"  - {{id: rule{number}, when: '{self.condition()}', otherwise: {{nl: Nee., en: No.}}, article: x}}"
            for number in range(random.randint(0, 2))
        ]
        credits_ = [self.credit(number) for number in range(random.randint(1, 3))]
        caps = [
            f"  {name}:\n{self.cases('    ')}"
            for name in ("balance", "year", "ever")
            if random.random() < 0.3
        ]
        blocks = ["eligible:", *eligible] if eligible else []
        blocks += ["credit:", *credits_]
        blocks += ["cap:", *caps, "  article: x"] if caps else []
        comes_again = any("per: once" not in credit for credit in credits_)
        if (
            comes_again
            and not any(cap.startswith("  ever:") for cap in caps)
            and random.random() < 0.3
        ):
            blocks += ["advance:", "  most:", self.cases("    "), "  article: x"]
        absent = []
        for name, fact in PERSON_FACTS.items():
            if fact.may_be_absent and name in "\n".join(blocks):
                other = (
                    "paid_hours_period / weeks_period"
                    if fact.kind is Kind.HOURS
                    else random.choice(fact.labels)
                )
                answers = [f"use: {other}", "not_eligible: {nl: Nee., en: No.}"]
                answer = answers[0] if name in CONFIDED_FACTS else random.choice(answers)
                absent += [f"  {name}:", f"    {answer}", "    article: x"]
        used = "\n".join([*blocks, *absent])
        figures = [
            f"  {name}: {{unit: {UNITS[kind]}, article: x, values: {{"
            f"2024-01-01: {FIGURES[kind](random)}, 2025-07-01: {FIGURES[kind](random)}}}}}"
            for name, kind in self.figures
            if re.search(rf"\b{name}\b", used)
        ]
        head = [
            "scheme: nl/verzonnen",
            "title: {nl: Verzonnen, en: Invented}",
            "source: invented",
            "starts: 2024-01-01",
            "periods: [month, four_weeks, quarter, year]",
            "signed_by: [workers, employers]",
            "portable: true",
        ]
        head += ["parameters:", *figures] if figures else []
        head += ["absent:", *absent] if absent else []
        if "contract_hours_reference" in used:
            head.append("reference_date: {day: 01-01, article: x}")
        return "\n".join([*head, *blocks, "spend: {work_related_only: false, article: x}", ""])


def random_scheme(seed: int) -> Scheme:
    """Return a scheme that is good."""
    return check(random_text(seed))


def random_text(seed: int) -> str:
    """Return the text of a scheme that is good.

    One that could give over a million euros, leave 64 bits, or spread what is divided by a fact is thrown away.
    """
    for attempt in count():
        text = RandomScheme(seed * 1_000 + attempt).text()
        try:
            check(text)
        except FaultyScheme as error:
            if {fault.code for fault in error.faults} - {"too_much", "too_large", "spread_by_fact"}:
                raise
        else:
            return text
    raise AssertionError


def people(bound: Bound, size: int, seed: int) -> dict[str, Cents]:
    """Random facts for every column of facts: anywhere within bounds, and often where a rule turns."""
    random = np.random.default_rng(seed)
    found: dict[str, Cents] = {}
    for name in bound.compiled.columns:
        if name.startswith("absent:"):
            found[name] = (random.random(size) < 0.2).astype(np.int64)
        elif name in PERSON_FACTS:
            fact = PERSON_FACTS[name]
            scale = fact_parts(name)
            low, high = int(fact.low * scale), int(fact.high * scale)
            if fact.kind is Kind.LABEL:
                found[name] = random.integers(0, len(fact.labels), size)
                continue
            edges = [low, low + 1, high - 1, high] + [
                edge
                for parameter in bound.compiled.scheme.parameters.values()
                if parameter.unit == UNITS[fact.kind]
                for figure in parameter.values.values()
                for edge in range(
                    int(figure.value * (100 if parameter.unit == "EUR" else scale)) - 1,
                    int(figure.value * (100 if parameter.unit == "EUR" else scale)) + 2,
                )
            ]
            usual = random.integers(low, min(high, 6000) + 1, size)
            at_edges = np.clip(random.choice(edges, size), low, high)
            anywhere = random.integers(low, high + 1, size)
            found[name] = np.choose(random.integers(0, 3, size), [usual, at_edges, anywhere])
    return found
