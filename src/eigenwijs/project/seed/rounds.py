"""Three rounds of the demonstration: one that was drawn, with its proof, one that is open, and one that is
served in order of arrival after its waiting room.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from eigenwijs.draws import operations as draws
from eigenwijs.draws import queries as drawn_rounds
from eigenwijs.draws.types import (
    Beacon,
    CarryOver,
    Claim,
    FirstCome,
    Fit,
    Group,
    RoundRules,
    RoundState,
)
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.ids import new_id
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.project.seed import cast
from eigenwijs.project.seed.bank import Paid
from eigenwijs.project.seed.setting import SYSTEM, World, moment

PAST, OPEN, SERVED = 150, 35, 60
"""How many days ago each round was made."""
FUND_NAME, FUND_IBAN = "Opleidingsfonds Elektrotechnische Detailhandel", "NL55INGB0900000144"
SCHEME = "nl/elektrotechnische-detailhandel"
GROUPS = (
    Group(
        "a",
        {"nl": "Oproep- en uitzendkrachten", "en": "On-call and agency workers"},
        "contract_kind in [on_call, agency]",
        weight=3,
    ),
    Group(
        "b",
        {"nl": "Minder dan 20 uur per week", "en": "Less than 20 hours a week"},
        "contract_hours_week < 20",
        weight=2,
        share_percent=10,
    ),
    Group("all", {"nl": "Iedereen die niet in een andere groep zit", "en": "Everyone else"}),
)
EVERYONE = Group("all", {"nl": "Iedereen", "en": "Everyone"})
LAW = "Verzonnen voor deze oefensite: aanvragen worden behandeld in de volgorde waarin zij binnenkomen."
ARRIVALS = 4
SAYING_YES = 0.85

Plans = defaultdict[date, list[Callable[[datetime], None]]]


class Rounds:
    """The rounds, as far as they are."""

    def __init__(
        self,
        world: World,
        today: date,
        plans: Plans,
        claimed: Mapping[UUID, Actor],
    ) -> None:
        self.world = world
        self.today = today
        self.claimed = claimed
        self.drawn = random.Random("rounds")  # noqa: S311 — who enters an invented round, not secrets
        self.adults: set[UUID] = set()
        for number, days_ago, entrants, personas in (
            (1, PAST, 90, ("fatma", "daan", "joanna")),
            (2, SERVED, 8, ("daan",)),
            (3, OPEN, 40, ("fatma",)),
        ):
            made_on = today - timedelta(days=days_ago)
            plans[made_on].append(partial(self._make, plans, number, entrants, personas))

    def receipts(self, today: date) -> list[Paid]:
        """Return what the fund pays for rounds that wait for their money."""
        return [
            Paid(one.rules.pot, True, FUND_NAME, FUND_IBAN, f"Ronde {one.reference}")
            for one in drawn_rounds.rounds()
            if one.funded_at is None and one.made_at.date() < today
        ]

    def live(self, at: datetime) -> None:
        """Let pass what the clock sets in motion."""
        draws.list_due(by=SYSTEM, at=at)
        draws.lapse_due(by=SYSTEM, at=at)
        draws.remind_of_deadlines(by=SYSTEM, at=at)
        self._say_yes(at)

    def _make(
        self, plans: Plans, number: int, count: int, personas: Sequence[str], at: datetime
    ) -> None:
        assert self.world.sector_fund is not None  # noqa: S101 — for the type checker
        rules = _rules(number, local_date(at), new_id(at))
        iris = self._as(self.world.staff["iris"], at)
        draws.make_round(rules=rules, payer_id=self.world.sector_fund, by=iris, at=at)
        of = rules.round_id
        opens, closes = rules.opens_on, rules.closes_on
        plans[opens - timedelta(days=1)].append(
            lambda then: draws.publish_round(round_id=of, by=self._as(iris, then), at=then)
        )
        plans[opens + timedelta(days=3)].append(lambda then: self._enter(of, count, personas, then))
        plans[closes + timedelta(days=1)].append(
            lambda then: draws.list_tickets(round_id=of, by=SYSTEM, at=then)
        )
        plans[closes + timedelta(days=3)].append(lambda then: self._draw(of, then))
        if rules.first_come:
            plans[closes + timedelta(days=5)].append(lambda then: self._arrive(rules, then))

    def _enter(self, round_id: UUID, count: int, personas: Sequence[str], at: datetime) -> None:
        """Some workers enter, and some personas."""
        files = {
            job.person_id
            for employer in cast.EMPLOYERS
            for job in people.employments_of_employer(self.world.employers[employer.key])
        }
        chosen = self.drawn.sample(sorted(files), min(count, len(files)))
        chosen += [self._person(self.world.staff[key]) for key in personas]
        for person_id in chosen:
            try:
                draws.enter(round_id=round_id, person_id=person_id, by=SYSTEM, at=at)
            except draws.UnableToEnter:
                continue  # younger than eighteen
            self.adults.add(person_id)

    def _draw(self, round_id: UUID, at: datetime) -> None:
        iris = self._as(self.world.staff["iris"], at)
        value = self.drawn.randbytes(32).hex()
        draws.enter_beacon(round_id=round_id, value=value, by=iris, at=at)
        draws.reveal(round_id=round_id, by=iris, at=at + timedelta(minutes=5))

    def _arrive(self, rules: RoundRules, at: datetime) -> None:
        """Some who did not wait ask for what was left."""
        waited = {person_id for _place, person_id in drawn_rounds.open_places(rules.round_id)}
        came = self.drawn.sample(sorted(self.adults - waited), ARRIVALS)
        claims = [Claim(person_id, rules.most, SYSTEM, at) for person_id in came]
        draws.claim_many(round_id=rules.round_id, claims=claims, at=at)

    def _say_yes(self, at: datetime) -> None:
        """Most winners say yes to what waits for them; who has no login does so at the desk."""
        for one in drawn_rounds.published_rounds():
            if one.state is not RoundState.DRAWN:
                continue
            for place_id, person_id in drawn_rounds.open_places(one.id):
                says = random.Random(place_id.int).random()  # noqa: S311 — once for each place
                if says < SAYING_YES:
                    own = self.claimed.get(person_id)
                    by = own or self._as(self.world.staff["hanneke"], at)
                    draws.accept_place(place_id=place_id, by=by, at=at)

    def _as(self, actor: Actor, at: datetime) -> Actor:
        return Actor(
            ActorKind.PERSON,
            actor.person_id,
            actor.role,
            actor.organisation_id,
            second_proof_at=at,
        )

    def _person(self, actor: Actor) -> UUID:
        assert actor.person_id is not None  # noqa: S101 — for the type checker
        return actor.person_id


def _rules(number: int, made_on: date, round_id: UUID) -> RoundRules:
    """€ 6.000 for requests of € 300; opens two weeks later, for five weeks. The second in order of arrival."""
    opens = made_on + timedelta(days=14)
    closes = opens + timedelta(days=35)
    falls_at = moment(closes + timedelta(days=3), 9)
    is_served = number == 2
    return RoundRules(
        round_id=round_id,
        title={"nl": f"Leerronde {number}", "en": f"Learning round {number}"},
        who={
            "nl": "Iedereen van 18 jaar of ouder met een leerrekening",
            "en": "Everyone of 18 years or older with a learning account",
        },
        when="age >= 18",
        payer="",
        scheme=SCHEME,
        scheme_hash="",
        pot=Money(600_000),
        least=Money(30_000),
        most=Money(30_000),
        opens_on=opens,
        closes_on=closes,
        groups=(EVERYONE,) if is_served else GROUPS,
        fit=Fit.SKIP if is_served else Fit.CLOSE,
        reserve_places=10,
        carry_over=CarryOver(0, 0) if is_served else CarryOver(step=1, most=3),
        accept_days=28,
        reserve_until=closes + timedelta(days=120),
        beacon=Beacon("drand quicknet", "demo", falls_at),
        first_come=FirstCome(moment(closes + timedelta(days=3), 12), LAW) if is_served else None,
    )
