"""Who is in the demonstration. All of them are invented; the product says so wherever they appear."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.utils.translation import gettext_noop as _

from eigenwijs.kernel.period import PeriodKind
from eigenwijs.people.types import ContractKind, Role

FOLDER = Path(__file__).parent
FIRST_NAMES = (FOLDER / "first_names.txt").read_text().split("\n")[:-1]
LAST_NAMES = (FOLDER / "last_names.txt").read_text().split("\n")[:-1]


@dataclass(frozen=True)
class Employer:
    """An invented employer: how it pays, under which scheme, and how its payroll program writes."""

    key: str
    name: str
    kvk_number: str
    iban: str
    period_kind: PeriodKind
    scheme: str
    workers: int
    habit: str


EMPLOYERS = (
    Employer(
        "linde", "Supermarkten De Linde", "90000011", "NL87ABNA0900000011",
        PeriodKind.FOUR_WEEKS, "nl/supermarkt", 290, "spreadsheet",
    ),
    Employer(
        "stroom", "Stroom & Zonen Elektro", "90000022", "NL26RABO0900000022",
        PeriodKind.MONTH, "nl/elektrotechnische-detailhandel", 150, "payroll_office",
    ),
    Employer(
        "merel", "Thuiszorg De Merel", "90000033", "NL45INGB0900000033",
        PeriodKind.QUARTER, "nl/gift-werkgever", 60, "english_program",
    ),
)  # fmt: skip

GIVES_HOURS = "stroom"
"""The employer that also takes part in `HOURS`, time to learn at work."""
HOURS = "nl/uren-om-te-leren"

PROVIDERS = {
    "Leerhuis De Brug": ("90000101", "NL69ABNA0900000044"),
    "Vakschool Noordzijde": ("90000102", "NL08RABO0900000055"),
    "Studiehuis Linde": ("90000103", "NL97INGB0900000067"),
    "Zorgacademie Meander": ("90000104", "NL66RABO0900000078"),
    "Horecawerkplaats Zuid": ("90000105", "NL86TRIO0900000089"),
    "Kompas Loopbaan": ("90000106", "NL12ABNA0900000100"),
    "Digitaal Lokaal": ("90000107", "NL48RABO0900000111"),
    "Winkelvak Oost": ("90000108", "NL10SNSB0900000122"),
}
PARTIES = {"workers": "Vakbond Voorbeeld", "employers": "Werkgeversvereniging Voorbeeld"}
# Account numbers that fail the eleven test, so no bank gives them out.
FOUNDATION_IBAN = "NL62TRIO0900000133"


@dataclass(frozen=True)
class Persona:
    """Somebody a visitor of the demonstration can be. `employer` is the key of a worker's employer."""

    key: str
    name: str
    role: Role
    story: str
    organisation: str = ""
    email: str = ""
    birth_date: date | None = None
    personnel_number: str = ""
    contract_kind: ContractKind = ContractKind.PERMANENT
    contract_hours_week: int | None = 3600
    language: str = "nl"
    claims: bool = True
    earlier_job: tuple[str, str] = ("", "")
    """Employer and personnel number of a job that ended this year."""


PERSONAS = (
    Persona(
        "fatma", "Fatma Yilmaz", Role.WORKER,
        _("Werkt in een supermarkt en heeft ook geld van een baan die voorbij is. Zij kan nu een cursus boeken."),
        "linde", "fatma@voorbeeld.example", date(1988, 5, 17), "1001",
        ContractKind.PERMANENT, 2400, earlier_job=("merel", "3002"),
    ),
    Persona(
        "daan", "Daan Verhoeven", Role.WORKER,
        _("Verkoopt en repareert wasmachines. Hij wacht op antwoord van een opleider."),
        "stroom", "daan@voorbeeld.example", date(1979, 11, 2), "2001",
        ContractKind.PERMANENT, 3600,
    ),
    Persona(
        "joanna", "Joanna Kowalczyk", Role.WORKER,
        _("Werkt in een supermarkt en leest Engels."),
        "linde", "joanna@voorbeeld.example", date(1995, 8, 30), "1002",
        ContractKind.FIXED_TERM, 3200, "en",
    ),
    Persona(
        "omar", "Omar Haddad", Role.WORKER,
        _("Oproepkracht in de thuiszorg. Hij wacht op de brief met zijn code. Die print Iris."),
        "merel", "", date(2001, 3, 9), "3001",
        ContractKind.ON_CALL, None, claims=False,
    ),
    Persona(
        "ruud", "Ruud Meijer", Role.EMPLOYER,
        _("Doet de loonadministratie van Supermarkten De Linde."),
        "linde", "ruud@delinde.example",
    ),
    Persona(
        "els", "Els van Dijk", Role.EMPLOYER,
        _("Doet de loonadministratie van Stroom & Zonen Elektro."),
        "stroom", "els@stroom.example",
    ),
    Persona(
        "nadia", "Nadia Idrissi", Role.EMPLOYER,
        _("Doet de loonadministratie van Thuiszorg De Merel."),
        "merel", "nadia@demerel.example",
    ),
    Persona(
        "cem", "Cem Aydin", Role.PROVIDER,
        _("Plant de cursussen van Vakschool Noordzijde en beantwoordt boekingen."),
        "Vakschool Noordzijde", "cem@noordzijde.example",
    ),
    Persona(
        "lotte", "Lotte Brouwer", Role.PROVIDER,
        _("Plant de cursussen van Leerhuis De Brug."),
        "Leerhuis De Brug", "lotte@debrug.example",
    ),
    Persona(
        "ingrid", "Ingrid Postma", Role.FINANCE,
        _("Verwerkt bankafschriften en maakt betalingen klaar."),
        email="ingrid@stichting.example",
    ),
    Persona(
        "samir", "Samir Benali", Role.FINANCE,
        _("Controleert betalingen en geeft ze vrij: vier ogen."),
        email="samir@stichting.example",
    ),
    Persona(
        "wim", "Wim Huisman", Role.NEGOTIATOR,
        _("Onderhandelt voor de vakbond. Hij ziet de afspraken en wie te laat betaalt."),
        "workers", "wim@vakbond.example",
    ),
    Persona(
        "bram", "Bram Kuiper", Role.NEGOTIATOR,
        _("Onderhandelt voor de werkgevers. Hij zit met Wim aan tafel over de cao."),
        "employers", "bram@werkgevers.example",
    ),
    Persona(
        "hanneke", "Hanneke Vos", Role.DESK,
        _("Zit aan het loket en belt mensen die niets laten horen."),
        email="hanneke@loket.example",
    ),
    Persona(
        "kees", "Kees Prins", Role.AUDITOR, _("Controleert de boeken. Hij ziet geen namen."),
        email="kees@controle.example",
    ),
    Persona(
        "iris", "Iris Dekker", Role.OPERATOR, _("Beheert organisaties en rollen, en print de brieven met codes."),
        email="iris@beheer.example",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Worker:
    """Somebody on a payroll. Hours are in hundredths; `monthly_wage` is gross, in cents, full time."""

    personnel_number: str
    name: str
    birth_date: date
    email: str
    contract_kind: ContractKind
    contract_hours_week: int | None
    started_on: date
    ended_on: date | None
    monthly_wage: int


def workers(employer: Employer, today: date) -> list[Worker]:
    """Return the employer's invented workers, its persona first; the same every time."""
    drawn = random.Random(employer.key)  # noqa: S311 — invented people, not secrets
    cast = [
        _persona_worker(persona, number, today)
        for number, persona in sorted(personas_by_number(employer).items())
    ]
    first = int(cast[0].personnel_number) // 1000 * 1000 + 1 + len(cast)
    numbers = range(first, first + employer.workers - len(cast))
    return cast + [_drawn_worker(str(number), drawn, today) for number in numbers]


def personas_by_number(employer: Employer) -> dict[str, Persona]:
    """Return the personas who work or worked for the employer, by personnel number."""
    found = {}
    for persona in PERSONAS:
        if persona.role is Role.WORKER and persona.organisation == employer.key:
            found[persona.personnel_number] = persona
        if persona.earlier_job[0] == employer.key:
            found[persona.earlier_job[1]] = persona
    return found


def _persona_worker(persona: Persona, number: str, today: date) -> Worker:
    assert persona.birth_date is not None  # noqa: S101 — for the type checker
    is_over = number == persona.earlier_job[1]
    return Worker(
        personnel_number=number,
        name=persona.name,
        birth_date=persona.birth_date,
        email=persona.email,
        contract_kind=persona.contract_kind,
        contract_hours_week=persona.contract_hours_week,
        started_on=today - timedelta(days=1200),
        ended_on=today - timedelta(days=100) if is_over else None,
        monthly_wage=265000,
    )


def _drawn_worker(number: str, drawn: random.Random, today: date) -> Worker:
    kind = drawn.choices(list(ContractKind), weights=[55, 25, 14, 6])[0]
    hours = (
        None
        if kind is ContractKind.ON_CALL
        else drawn.choice([800, 1200, 1600, 2400, 3200, 3600, 3800])
    )
    started = today - timedelta(days=drawn.randrange(30, 4000))
    leaves = drawn.random() < 0.08
    name = f"{drawn.choice(FIRST_NAMES)} {drawn.choice(LAST_NAMES)}"
    return Worker(
        personnel_number=number,
        name=name,
        birth_date=today - timedelta(days=drawn.randrange(17 * 365, 66 * 365)),
        email=f"werknemer{number}@voorbeeld.example" if drawn.random() < 0.7 else "",
        contract_kind=kind,
        contract_hours_week=hours,
        started_on=started,
        ended_on=today - timedelta(days=drawn.randrange(5, 300)) if leaves else None,
        monthly_wage=drawn.randrange(215000, 385000, 500),
    )
