"""The setting of the demonstration: organisations, staff, bank, schemes and courses."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from eigenwijs.catalogue import operations as catalogue
from eigenwijs.catalogue.types import CourseRecord, DayPart, RunRecord
from eigenwijs.kernel.actor import Actor, ActorKind
from eigenwijs.kernel.clock import AMSTERDAM
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.reading import read_cents
from eigenwijs.people import operations as people
from eigenwijs.people.types import OrganisationKind, Role
from eigenwijs.project.seed import cast
from eigenwijs.schemes import operations as schemes
from eigenwijs.schemes.queries import with_choices
from eigenwijs.treasury import operations as treasury

SYSTEM = Actor.system("seed_demo")
ELECTROTECHNICAL = "nl/elektrotechnische-detailhandel"
OPENING = Money(2_500_000)
POSTCODES = {
    "Utrecht": "3511", "Amersfoort": "3811", "Houten": "3991", "Rotterdam": "3011", "Delft": "2611",
    "Enschede": "7511", "Arnhem": "6811", "Nijmegen": "6511", "Eindhoven": "5611", "Tilburg": "5011",
    "Zwolle": "8011", "Groningen": "9711",
}  # fmt: skip
SUBJECTS = {
    "taal": "0231", "rekenen": "0031", "digitaal": "0611", "loopbaan": "0031", "persoonlijk": "0031",
    "logistiek": "1041", "techniek": "0713", "energie": "0713", "detailhandel": "0416", "kantoor": "0415",
    "administratie": "0411", "leidinggeven": "0413", "zorg": "0921", "veiligheid": "1022",
    "gezondheid": "0923", "ondernemen": "0413", "horeca": "1013", "ICT": "0612",
}  # fmt: skip
DAY_PARTS = {
    "ochtend": DayPart.MORNING,
    "middag": DayPart.AFTERNOON,
    "avond": DayPart.EVENING,
    "weekend": DayPart.WEEKEND,
}


@dataclass
class World:
    """Who and what the story made so far, by the names the cast uses."""

    employers: dict[str, UUID] = field(default_factory=dict)
    providers: dict[str, UUID] = field(default_factory=dict)
    staff: dict[str, Actor] = field(default_factory=dict)
    organisation_staff: dict[UUID, Actor] = field(default_factory=dict)
    parties: dict[str, UUID] = field(default_factory=dict)
    sector_fund: UUID | None = None
    bank_account: UUID | None = None
    runs: dict[UUID, RunRecord] = field(default_factory=dict)
    titles: dict[UUID, str] = field(default_factory=dict)


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Return a moment of `day` in Amsterdam."""
    return datetime.combine(day, time(hour, minute), tzinfo=AMSTERDAM)


def organisations(world: World, at: datetime) -> None:
    """Register employers, providers, the sector's fund and the parties to the agreements."""

    def register(kind: OrganisationKind, name: str, kvk_number: str = "") -> UUID:
        return people.register_organisation(
            kind=kind, name=name, kvk_number=kvk_number, by=SYSTEM, at=at
        )

    for employer in cast.EMPLOYERS:
        world.employers[employer.key] = register(
            OrganisationKind.EMPLOYER, employer.name, employer.kvk_number
        )
    for name, (kvk_number, _iban) in cast.PROVIDERS.items():
        world.providers[name] = register(OrganisationKind.PROVIDER, name, kvk_number)
    for side, name in cast.PARTIES.items():
        world.parties[side] = register(OrganisationKind.AGREEMENT_PARTY, name)
    world.sector_fund = register(
        OrganisationKind.PAYER, "Opleidingsfonds Elektrotechnische Detailhandel", "90000201"
    )


def staff(world: World, at: datetime) -> None:
    """Give every persona of the staff a file, a login and a role; workers get theirs on the way."""
    for position, persona in enumerate(cast.PERSONAS):
        in_order = at + timedelta(seconds=position)
        person = people.register_person(
            name=persona.name,
            birth_date=persona.birth_date,
            email=persona.email,
            is_fictional=True,
            persona=persona.story,
            by=SYSTEM,
            at=in_order,
        )
        people.open_login(
            person_id=person,
            email=persona.email or f"{persona.key}@voorbeeld.example",
            by=SYSTEM,
            at=at,
        )
        named = {**world.employers, **world.providers, **world.parties}
        organisation = named.get(persona.organisation)
        if persona.role is Role.WORKER:
            organisation = None
        people.choose_language(person_id=person, language=persona.language, by=SYSTEM, at=at)
        people.grant_role(
            person_id=person, role=persona.role, organisation_id=organisation, by=SYSTEM, at=at
        )
        actor = Actor(ActorKind.PERSON, person, persona.role, organisation, second_proof_at=at)
        world.staff[persona.key] = actor
        if organisation:
            world.organisation_staff[organisation] = actor
    for name, provider in world.providers.items():
        if provider not in world.organisation_staff:
            planner = people.register_person(
                name=f"Planning {name}", is_fictional=True, by=SYSTEM, at=at
            )
            people.grant_role(
                person_id=planner, role=Role.PROVIDER, organisation_id=provider, by=SYSTEM, at=at
            )
            world.organisation_staff[provider] = Actor(
                ActorKind.PERSON, planner, Role.PROVIDER, provider
            )


def bank(world: World, at: datetime) -> None:
    """Open the foundation's account, and the providers' IBANs with a second person's yes."""
    world.bank_account = treasury.open_bank_account(
        iban=cast.FOUNDATION_IBAN,
        holder_name="Stichting Beheer Leerrekeningen",
        bic="TRIONL2U",
        opening=OPENING,
        by=SYSTEM,
        at=at,
    )
    first, second = world.staff["ingrid"], world.staff["samir"]
    for name, (_kvk_number, iban) in cast.PROVIDERS.items():
        account = treasury.register_payee_account(
            payee_id=world.providers[name], iban=iban, holder_name=name, by=first, at=at
        )
        treasury.approve_payee_account(account_id=account, by=second, at=at)


def agreements(world: World, at: datetime) -> None:
    """Load the schemes as files say them, have both sides sign, and let them hold."""
    for employer in cast.EMPLOYERS:
        text = (settings.BASE_DIR / "schemes" / employer.scheme / "scheme.yaml").read_text()
        _let_hold(world, text, at.date() - timedelta(days=60), at)
    hours = (Path(__file__).parent / "hours.yaml").read_text()
    _let_hold(world, hours, at.date() - timedelta(days=60), at)


def next_year(world: World, at: datetime) -> None:
    """Let a version with a higher amount be the law from the next year on, so that people read what changes."""
    starts_on = date(at.year + 1, 1, 1)
    text = with_choices(
        (settings.BASE_DIR / "schemes" / ELECTROTECHNICAL / "scheme.yaml").read_text(),
        on=starts_on,
        figures={"per_year": "200.00"},
        without=frozenset(),
        end_months=36,  # as it is
        source=f"Demonstratie {ELECTROTECHNICAL}",
    )
    _let_hold(world, text, starts_on, at)


def _let_hold(world: World, text: str, valid_from: date, at: datetime) -> None:
    signers = {**world.parties, "employer": world.parties["employers"]}
    version = schemes.load(text=text, by=SYSTEM, at=at)
    for side in version.signed_by:
        schemes.sign(
            version_hash=version.hash,
            side=side,
            organisation_id=signers[side],
            document=f"Demonstratie {version.scheme}",
            by=SYSTEM,
            at=at,
        )
    schemes.activate(version_hash=version.hash, valid_from=valid_from, by=SYSTEM, at=at)


def courses(world: World, at: datetime, today: date) -> None:
    """Register the courses we wrote, with runs over the past year and the months to come."""
    drawn = random.Random("courses")  # noqa: S311 — dates of invented runs, not secrets
    with (Path(__file__).parent / "courses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for row in rows:
        price = read_cents(row["prijs"], line=None, field_name="prijs")
        assert isinstance(price, int)  # noqa: S101 — our own file
        names = [name.strip() for name in row["onderwerpen"].split(",")]
        course = catalogue.register_course(
            provider_id=world.providers[row["aanbieder"]],
            record=CourseRecord(
                title=row["titel"],
                description=row["omschrijving"],
                duration=f"{row['uren']} uur",
                language=row["taal"],
                subjects=tuple(dict.fromkeys(SUBJECTS[name] for name in names)),
                price_cents=price,
            ),
            by=SYSTEM,
            at=at,
        )
        online = row["plaats"] == "online"
        for days in (
            drawn.randrange(-250, -120),
            drawn.randrange(-100, -30),
            drawn.randrange(-17, -3),
            drawn.randrange(16, 75),
            drawn.randrange(80, 150),
        ):
            starts_on = today + timedelta(days=days)
            weeks = 1 + int(row["uren"]) // 8
            record = RunRecord(
                starts_on=starts_on,
                ends_on=starts_on + timedelta(weeks=min(weeks, 30)),
                price_cents=price,
                place="" if online else row["plaats"],
                postcode="" if online else POSTCODES[row["plaats"]],
                is_online=online,
                day_part=DAY_PARTS[row["dagdeel"]],
                language=row["taal"],
                seats=drawn.choice([8, 12, 16]),
            )
            run = catalogue.register_run(course_id=course.id, record=record, by=SYSTEM, at=at)
            world.runs[run.id] = record
            world.titles[run.id] = row["titel"]
