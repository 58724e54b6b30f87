"""A table of the demonstration: two proposals for next year's agreement in supermarkets, nobody said yes yet."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings

from eigenwijs.project.seed.setting import World
from eigenwijs.schemes import operations, queries
from eigenwijs.simulation import operations as simulation

SCHEME = "nl/supermarkt"
SAID_TO_WORKERS = (
    "staan %s uur per week", "meer dan %s uur", "is for %s hours a week", "more than %s hours",
)  # fmt: skip
"""Where the limit stands in sentences of the text, which a new limit must change too."""

PEOPLE = """Aantal;Contract;Uren per week;Leeftijd
24000;vast;;
18000;tijdelijk;;
16000;oproep;;
2000;uitzend;;
26000;;minder dan 12;
12000;;12 tot 20;
13000;;20 tot 35;
9000;;35 of meer;
33000;;;15 tot 25
13000;;;25 tot 45
14000;;;45 of meer
"""
"""Invented: so many people as a branch of shops may have, many of them young and with few hours."""


def lay(world: World, at: datetime) -> None:
    """Open the table, let each side lay its first proposal on it, and the employers their people."""
    union, employers = world.staff["wim"], world.staff["bram"]
    text = (settings.BASE_DIR / "schemes" / SCHEME / "scheme.yaml").read_text()
    title = f"Cao Supermarkten {at.year + 1}"
    table = operations.open_negotiation(
        title=title,
        base=text,
        parties=world.parties,
        starts_on=date(at.year + 1, 1, 1),
        by=union,
        at=at,
    )
    proposals = (
        (union, {"per_year": "190.00", "min_hours": "8"}, frozenset({"agency"})),
        (employers, {"min_hours": "10"}, frozenset[str]()),
    )
    for by, figures, without in proposals:
        proposed = queries.with_choices(
            text,
            on=table.starts_on,
            figures=figures,
            without=without,
            end_months=None,
            source=title,
        )
        for words in SAID_TO_WORKERS:
            proposed = proposed.replace(words % "12", words % figures["min_hours"])
        operations.propose(negotiation_id=table.id, text=proposed, by=by, at=at)
    simulation.deliver_workforce(
        negotiation_id=table.id, content=PEOPLE.encode(), sector="G", by=employers, at=at
    )
