"""Years of a whole population at a table: sums that can be kept and added to, and the figures they say.

Pure. The sums are whole numbers of synthetic people and cents; every draw stands alone, so that a run can
be computed piece by piece.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from eigenwijs.simulation import results
from eigenwijs.simulation.first_year import FEWEST
from eigenwijs.simulation.kinds import Backend
from eigenwijs.simulation.lives import Lives
from eigenwijs.simulation.marginals import SECTORS, counts
from eigenwijs.simulation.parameters import FOLDER, shipped
from eigenwijs.simulation.proposals import EMPLOYEES, SchemeProposal
from eigenwijs.simulation.results import chances_of
from eigenwijs.simulation.types import (
    GROUPINGS,
    Figure,
    LongRunGroup,
    LongRunText,
    LongRunYear,
    RunSize,
    Totals,
    Workforce,
)
from eigenwijs.simulation.workforce import digest, in_the_country
from eigenwijs.simulation.yearly import simulate

TOLD = ("contract", "education", "age", "firm_size")
INPUTS = ("marginals.csv", "flows.csv", "parameters.csv")
MODEL_VERSION = 1
"""Raised when the code gives other figures for the same inputs: a run from before is no answer then."""
BACKEND: Backend = "numpy"
"""Compiling for the other would hold up the job worker longer than any piece of a run takes."""
Sums = dict[str, Any]


@dataclass(frozen=True, slots=True)
class People:
    """Whose years are computed: those of a sector, of all if there is none, or like those of a table."""

    sector: str
    workforce: Workforce | None = None


def question(hashes: Iterable[str], people: People, first_year: int, size: RunSize) -> str:
    """Return the hash of all that decides the outcome: texts, people, years, chances and published figures."""
    own = digest(people.workforce) if people.workforce else ""
    inputs = [hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in INPUTS]
    asked = [sorted(hashes), people.sector, own, first_year, asdict(size), inputs, MODEL_VERSION]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def counted(texts: Sequence[str], people: People, first_year: int, size: RunSize) -> Sums:
    """Return the sums of all people for each text. Raises UnableToSimulate."""
    proposals = [SchemeProposal(text, people.sector) for text in texts]
    lives = _lives(people.workforce, size.persons, size.years, size.seed)
    found = simulate(proposals, lives, first_year=first_year)
    stands_for = sum(counts()["position"].values()) * 1000
    if people.workforce:  # so that the sector's employees stand for those of the table
        stands_for = people.workforce.people / in_the_country(people.workforce)[1]
    return {
        "stands_for": stands_for,
        "texts": [
            {"years": _by_year(one), "groups": _by_group(one, people.sector)} for one in found
        ],
    }


@lru_cache(maxsize=1)
def _lives(workforce: Workforce | None, persons: int, years: int, seed: int) -> Lives:
    """Return everybody's lives, kept for the next texts: at a table one figure after the other is tried."""
    using = chances_of(workforce, shipped()) if workforce else None
    return Lives(0, persons - 1, years=years, seed=seed, using=using, backend=BACKEND, keep=True)


def drawn(
    texts: Sequence[str], people: People, first_year: int, size: RunSize, number: int
) -> list[Sums]:
    """Return the sums by year of one draw for each text: other people, other chances within their ranges."""
    found = results.one_draw(
        [SchemeProposal(text, people.sector) for text in texts],
        number=number,
        persons=size.persons_a_draw,
        years=size.years,
        first_year=first_year,
        seed=size.seed,
        backend=BACKEND,
        workforce=people.workforce,
    )
    return [_by_year(one) for one in found]


def _by_year(totals: Totals) -> Sums:
    """Return cents by year. Money of people who age out ends by no rule of a text."""
    found = {name: totals.of(name).tolist() for name in ("credited", "spent", "held")}
    ended = totals.of("lapsed") - totals.of("aged_out") + totals.of("lost")
    return {**found, "ended": ended.tolist()}


def _by_group(totals: Totals, sector: str) -> Sums:
    """Return sums over all years of employees, of the sector where there is one; `_last` of the last year."""
    sums = totals.sums[:, :EMPLOYEES]
    if sector:
        place = SECTORS.index(sector)
        sums = sums[:, :, :, :, place : place + 1]
    employees = replace(totals, sums=sums)
    found: Sums = {}
    for grouping in (None, *TOLD):
        by_measure = {
            name: employees.of(name, grouping) for name in ("persons", "gets_money", "takes_up")
        }
        of_grouping = {name: values.sum(0).tolist() for name, values in by_measure.items()}
        of_grouping["persons_last"] = by_measure["persons"][-1].tolist()
        of_grouping["held_last"] = employees.of("held", grouping)[-1].tolist()
        found[grouping or ""] = of_grouping
    return found


def told(
    hashes: Sequence[str],
    first_year: int,
    size: RunSize,
    counted: Mapping[str, Any],
    drawn: Sequence[Sequence[Sums]],
) -> tuple[LongRunText, ...]:
    """Return the figures of each text for the whole country; the band once every draw is there."""
    scale = counted["stands_for"] / size.persons
    draw_scale = counted["stands_for"] / size.persons_a_draw if size.draws else 0.0
    is_whole = len(drawn) == size.draws
    return tuple(
        LongRunText(
            digest,
            round(one["groups"][""]["persons_last"] * scale),
            _years(
                one["years"],
                [draw[place] for draw in drawn] if is_whole else [],
                (scale, draw_scale),
                first_year,
            ),
            _group("", "", one["groups"][""], None),
            tuple(_groups(one["groups"], size.years)),
        )
        for place, (digest, one) in enumerate(zip(hashes, counted["texts"], strict=True))
    )


def _years(
    sums: Sums, drawn: Sequence[Sums], scales: tuple[float, float], first_year: int
) -> tuple[LongRunYear, ...]:
    names = ("credited", "spent", "held", "ended")
    figures: dict[str, list[Figure]] = {}
    for name in names:
        draws = [[cents * scales[1] for cents in one[name]] for one in drawn]
        bands = results.band(draws, len(sums[name]))
        figures[name] = [
            Figure(cents * scales[0], *band) for cents, band in zip(sums[name], bands, strict=True)
        ]
    return tuple(
        LongRunYear(first_year + place, *(figures[name][place] for name in names))
        for place in range(len(sums["credited"]))
    )


def _groups(groups: Mapping[str, Sums], years: int) -> Iterable[LongRunGroup]:
    for grouping in TOLD:
        sums = groups[grouping]
        # Of contracts there are those of employees, which come first.
        for place, (value, people) in enumerate(
            zip(GROUPINGS[grouping], sums["persons"], strict=False)
        ):
            if people >= FEWEST * years:
                yield _group(grouping, value, sums, place)


def _group(grouping: str, value: str, sums: Sums, place: int | None) -> LongRunGroup:
    def of(name: str) -> int:
        found: int = sums[name] if place is None else sums[name][place]
        return found

    return LongRunGroup(
        grouping=grouping,
        value=value,
        gets_nothing=_share(of("persons") - of("gets_money"), of("persons")),
        takes_up=_share(of("takes_up"), of("persons")),
        balance=_share(of("held_last"), of("persons_last")),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
