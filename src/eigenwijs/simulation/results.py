"""From sums and people to what is told about a proposal, with a band for what we don't know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenwijs.simulation import inequality
from eigenwijs.simulation.behaviour import STAGES, behaviour_tables
from eigenwijs.simulation.hashing import MASK, key
from eigenwijs.simulation.kinds import Backend
from eigenwijs.simulation.lives import Chances, Lives, fastest, shipped_chances
from eigenwijs.simulation.marginals import counts
from eigenwijs.simulation.parameters import Parameters, shipped
from eigenwijs.simulation.proposals import EMPLOYEES, SchemeProposal
from eigenwijs.simulation.transitions import move_tables
from eigenwijs.simulation.types import (
    GROUPINGS,
    Figure,
    GroupResult,
    ProposalResult,
    SimulationRun,
    Totals,
    Workforce,
    YearResult,
)
from eigenwijs.simulation.workforce import in_the_country, own_jobs
from eigenwijs.simulation.yearly import simulate

VARIED = (
    *STAGES,
    "would_anyway",
    "price",
    "flow",
    "changes_employer",
    "enters_by_age",
    "leaves_by_age",
)
"""Groups of figures that each draw takes anew from their ranges."""
BAND = (10, 90)
"""Percentiles of an 80 % band."""
DRAW_STREAM, PARAMETER_STREAM = 31, 32


def run(
    proposals: Sequence[SchemeProposal],
    *,
    count: int,
    years: int,
    first_year: int,
    seed: int,
    draws: int,
    persons_a_draw: int,
    progress: Callable[[int], None] | None = None,
) -> SimulationRun:
    """Return what each proposal does with the same people; sums stand for the whole country."""
    country = sum(counts()["position"].values()) * 1000
    span = (years, first_year)
    # One way for all of it: each draw alone would be too small to be worth compiling for.
    backend = fastest(len(proposals) * years * (count + draws * persons_a_draw))
    lives = Lives(0, count - 1, years=years, seed=seed, backend=backend)
    found = simulate(proposals, lives, first_year=first_year, progress=progress)
    drawn = [
        one_draw(
            proposals,
            number=number,
            persons=persons_a_draw,
            years=years,
            first_year=first_year,
            seed=seed,
            backend=backend,
            progress=progress,
        )
        for number in range(1, draws + 1)
    ]
    scales = country / count, country / persons_a_draw
    told = tuple(
        _told(proposal, found[place], [draw[place] for draw in drawn], scales, span)
        for place, proposal in enumerate(proposals)
    )
    return SimulationRun(count, first_year, years, seed, draws, persons_a_draw, country, told)


def one_draw(
    proposals: Sequence[SchemeProposal],
    *,
    number: int,
    persons: int,
    years: int,
    first_year: int,
    seed: int,
    backend: Backend,
    workforce: Workforce | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Totals]:
    """Return what proposals do in the draw of a number: other people, and other chances in their ranges.

    With a `workforce` the people of its sector are like those of that table.
    """
    lives = Lives(
        0,
        persons - 1,
        years=years,
        seed=key(seed, number, DRAW_STREAM),
        using=_drawn_chances(seed, number, workforce),
        backend=backend,
    )
    return simulate(proposals, lives, first_year=first_year, progress=progress)


def _drawn_chances(seed: int, number: int, workforce: Workforce | None) -> Chances:
    """Return chances by figures drawn from their ranges; all proposals meet the same.

    As often below the value as above it, and evenly on each side, so that the middle of the band is not moved
    by a range that is longer on one side.
    """
    drawn = shipped().with_values(_drawn(seed, number))
    if workforce:
        return chances_of(workforce, drawn)
    drawing = shipped_chances().drawing
    return Chances(drawing, move_tables(drawing, drawn), behaviour_tables(drawn))


def chances_of(workforce: Workforce, parameters: Parameters) -> Chances:
    """Return chances of a country in which the people and new jobs of a sector are like those of a table."""
    drawing, _part = in_the_country(workforce)
    moves = own_jobs(move_tables(drawing, parameters), workforce)
    return Chances(drawing, moves, behaviour_tables(parameters))


def _drawn(seed: int, number: int) -> dict[tuple[str, str], float]:
    values = {}
    for place, one in enumerate(shipped().rows):
        if one.group in VARIED:
            part = key(key(seed, number, PARAMETER_STREAM), place, 0) / MASK
            end = one.low if part < 0.5 else one.high
            values[one.group, one.name] = one.value + (end - one.value) * abs(2 * part - 1)
    return values


def _told(
    proposal: SchemeProposal,
    totals: Totals,
    drawn: Sequence[Totals],
    scales: tuple[float, float],
    span: tuple[int, int],
) -> ProposalResult:
    years, first_year = span
    scale, draw_scale = scales

    def by_year(measure: str) -> list[Figure]:
        bands = band([one.of(measure) * draw_scale for one in drawn], years)
        return [
            Figure(float(value) * scale, low, high)
            for value, (low, high) in zip(totals.of(measure), bands, strict=True)
        ]

    lapsed, lost = totals.of("lapsed") * scale, totals.of("lost") * scale
    told_years = tuple(
        YearResult(first_year + number, *figures, float(lapsed[number]), float(lost[number]))
        for number, figures in enumerate(
            zip(by_year("credited"), by_year("spent"), by_year("held"), strict=True)
        )
    )
    ended, gone = totals.of("held_at_job_end").sum(), totals.of("lost").sum()
    employees = totals.contract < EMPLOYEES
    return ProposalResult(
        name=proposal.name,
        titles=proposal.titles,
        hash=proposal.hash,
        portable=proposal.portable,
        has_rounds=proposal.has_rounds,
        inferred=proposal.inferred,
        years=told_years,
        groups=tuple(
            one for grouping in GROUPINGS for one in _groups(totals, drawn, scales, grouping)
        ),
        kept_at_job_end=_share(ended - gone, ended),
        at_stake=_share(ended, totals.of("credited").sum()),
        would_anyway=_share(totals.of("would_anyway").sum(), totals.of("takes_up").sum()),
        nothing_in_all_years=_share(((totals.credited == 0) & employees).sum(), employees.sum()),
        inequality=inequality.of_people(totals),
        between_groups=inequality.of_groups(totals),
    )


def _groups(
    totals: Totals, drawn: Sequence[Totals], scales: tuple[float, float], grouping: str
) -> list[GroupResult]:
    years = len(totals.sums)

    def summed(measure: str) -> NDArray[np.int64]:
        found: NDArray[np.int64] = totals.of(measure, grouping).sum(0)
        return found

    names = GROUPINGS[grouping]
    people, credited = summed("persons"), summed("credited")
    bands = band(
        [one.of("credited", grouping).sum(0) * scales[1] / years for one in drawn], len(names)
    )
    held, last = totals.of("held", grouping)[-1], totals.of("persons", grouping)[-1]
    takes_up, covered = summed("takes_up"), summed("covered")
    gets, anyway = summed("gets_money"), summed("would_anyway")
    never, never_takes = summed("never_trained"), summed("never_trained_takes_up")
    ended, gone = summed("held_at_job_end"), summed("lost")
    return [
        GroupResult(
            grouping=grouping,
            value=name,
            people=float(people[place]) / years * scales[0],
            cost=Figure(float(credited[place]) / years * scales[0], *bands[place]),
            balance=_share(held[place], last[place]),
            takes_up=_share(takes_up[place], people[place]),
            covered=_share(covered[place], people[place]),
            gets_nothing=_share(people[place] - gets[place], people[place]),
            would_anyway=_share(anyway[place], takes_up[place]),
            never_trained=_share(never_takes[place], never[place]),
            kept_at_job_end=_share(ended[place] - gone[place], ended[place]),
        )
        for place, name in enumerate(names)
    ]


def band(drawn: Sequence[Any], count: int) -> list[tuple[float | None, float | None]]:
    """Return the 80 % band of each of `count` figures, from the same figures in each draw; none without draws."""
    if not drawn:
        return [(None, None)] * count
    low, high = np.percentile(np.array(drawn), BAND, axis=0)
    return [(float(one), float(other)) for one, other in zip(low, high, strict=True)]


def _share(part: int | np.int64, whole: int | np.int64) -> float | None:
    return float(part / whole) if whole else None
