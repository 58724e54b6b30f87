"""The files that a round publishes, to the letter. Pure. Described in docs/reference/draw-files.md."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from eigenwijs.draws.rules import ListedTicket, Outcome
from eigenwijs.draws.types import Beacon, CarryOver, FirstCome, Fit, Group, RoundRules
from eigenwijs.kernel.money import Money

FORMAT = "eigenwijs-draw-1"
RULES, TICKETS, RESULT = "rules.json", "tickets.csv", "result.json"
ARRIVALS = "arrivals.csv"

_HEADER = "ticket,class,weight,cents\n"
_ARRIVALS_HEADER = "arrival,ticket,cents\n"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def rules_text(rules: RoundRules, seed_sha256: str) -> str:
    """Return `rules.json`: all that is settled beforehand, with the hash of the secret seed."""
    beacon = rules.beacon
    return _text(
        {
            "format": FORMAT,
            "round": str(rules.round_id),
            "title": dict(rules.title),
            "payer": rules.payer,
            "pot_cents": rules.pot.cents,
            "asked": {"least_cents": rules.least.cents, "most_cents": rules.most.cents},
            "window": {
                "opens_on": rules.opens_on.isoformat(),
                "closes_on": rules.closes_on.isoformat(),
            },
            "who": {"when": rules.when, "text": dict(rules.who)},
            "groups": [{**asdict(group), "title": dict(group.title)} for group in rules.groups],
            "fit": rules.fit.value,
            "reserve_places": rules.reserve_places,
            "reserve_until": rules.reserve_until.isoformat(),
            "carry_over": asdict(rules.carry_over),
            "once_a_year": rules.once_a_year,
            "accept_days": rules.accept_days,
            "scheme": {"name": rules.scheme, "sha256": rules.scheme_hash},
            "seed_sha256": seed_sha256,
            "beacon": None
            if beacon is None
            else {
                "source": beacon.source,
                "round": beacon.round,
                "falls_at": beacon.falls_at.isoformat(),
            },
            "first_come": None
            if rules.first_come is None
            else {"opens_at": rules.first_come.opens_at.isoformat(), "law": rules.first_come.law},
        }
    )


def read_rules(text: str) -> RoundRules:
    """Read what `rules_text` wrote."""
    plain = json.loads(text)
    beacon = plain["beacon"]
    first_come = plain.get("first_come")  # rounds from before it existed say nothing of it
    return RoundRules(
        round_id=UUID(plain["round"]),
        title=plain["title"],
        who=plain["who"]["text"],
        when=plain["who"]["when"],
        payer=plain["payer"],
        scheme=plain["scheme"]["name"],
        scheme_hash=plain["scheme"]["sha256"],
        pot=Money(plain["pot_cents"]),
        least=Money(plain["asked"]["least_cents"]),
        most=Money(plain["asked"]["most_cents"]),
        opens_on=date.fromisoformat(plain["window"]["opens_on"]),
        closes_on=date.fromisoformat(plain["window"]["closes_on"]),
        groups=tuple(Group(**group) for group in plain["groups"]),
        fit=Fit(plain["fit"]),
        reserve_places=plain["reserve_places"],
        carry_over=CarryOver(**plain["carry_over"]),
        accept_days=plain["accept_days"],
        reserve_until=date.fromisoformat(plain["reserve_until"]),
        beacon=beacon
        and Beacon(beacon["source"], beacon["round"], datetime.fromisoformat(beacon["falls_at"])),
        first_come=first_come
        and FirstCome(datetime.fromisoformat(first_come["opens_at"]), first_come["law"]),
        once_a_year=plain.get("once_a_year", False),  # as above
    )


def tickets_text(tickets: Iterable[ListedTicket]) -> str:
    """Return `tickets.csv`: every ticket by number, with its class, its weight and what it asks."""
    lines = sorted(
        f"{one.number},{one.group}.{one.losses},{one.weight},{one.cents}\n" for one in tickets
    )
    return _HEADER + "".join(lines)


def arrivals_text(arrivals: Iterable[tuple[int, str, int]]) -> str:
    """Return `arrivals.csv`: what was granted after opening, in order of arrival: number, ticket, cents."""
    return _ARRIVALS_HEADER + "".join(
        f"{place},{ticket},{cents}\n" for place, ticket, cents in arrivals
    )


def result_text(
    *,
    round_id: UUID,
    rules_sha256: str,
    tickets_sha256: str,
    listed_at: datetime,
    beacon: tuple[str, datetime] | None,
    seed: str,
    outcome: Outcome,
) -> str:
    """Return `result.json`: the beacon's value, the seed, the winners and the reserve list."""
    return _text(
        {
            "format": FORMAT,
            "round": str(round_id),
            "rules_sha256": rules_sha256,
            "tickets_sha256": tickets_sha256,
            "listed_at": listed_at.isoformat(),
            "beacon": None
            if beacon is None
            else {"value": beacon[0], "entered_at": beacon[1].isoformat()},
            "seed": seed,
            "winners": sorted(outcome.won.items()),
            "reserve": list(outcome.reserve),
        }
    )


def archive(files: Mapping[str, str]) -> bytes:
    """Return the files as one .zip; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as into:
        for name, text in files.items():
            into.writestr(zipfile.ZipInfo(name, _FIRST_DAY), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"
