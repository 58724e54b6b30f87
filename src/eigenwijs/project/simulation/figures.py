"""The same figures for programs: JSON as they are, CSV one figure a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict

from eigenwijs.simulation.types import Figure, ProposalResult, SimulationRun

COLUMNS = ("proposal", "scheme", "grouping", "value", "measure", "figure", "low", "high")

Row = tuple[str, str, str, str, str, object, object, object]


def letter(place: int) -> str:
    """Return what a proposal is called beside the others: A, B, …"""
    return chr(ord("A") + place)


def as_json(run: SimulationRun) -> str:
    """Return everything; money in cents, shares from 0 to 1."""
    return json.dumps(asdict(run), ensure_ascii=False, indent=2) + "\n"


def as_csv(run: SimulationRun) -> str:
    """Return one figure a line; money in cents, shares from 0 to 1, nothing where there is no figure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for place, proposal in enumerate(run.proposals):
        writer.writerows(_rows(letter(place), proposal))
    return text.getvalue()


def _rows(name: str, proposal: ProposalResult) -> Iterator[Row]:
    def row(grouping: str, value: object, measure: str, figure: object) -> Row:
        bounds = (figure.low, figure.high) if isinstance(figure, Figure) else (None, None)
        plain = figure.value if isinstance(figure, Figure) else figure
        return (name, proposal.name, grouping, str(value), measure, plain, *bounds)

    for year in proposal.years:
        for measure in ("credited", "spent", "held", "lapsed", "lost"):
            yield row("year", year.year, measure, getattr(year, measure))
    for group in proposal.groups:
        for measure in (
            "people", "cost", "balance", "takes_up", "covered", "gets_nothing", "would_anyway",
            "never_trained", "kept_at_job_end",
        ):  # fmt: skip
            yield row(group.grouping, group.value, measure, getattr(group, measure))
    for measure in ("kept_at_job_end", "at_stake", "would_anyway", "nothing_in_all_years"):
        yield row("all", "", measure, getattr(proposal, measure))
    for measure, figure in proposal.inequality.items():
        yield row("employees", "", measure, figure)
    for one in proposal.between_groups:
        value = f"{one.value}/{one.compared_with}" if one.compared_with else one.value
        yield row(f"employees by {one.grouping}", value, one.measure, one.figure)
