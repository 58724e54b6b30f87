"""The columns and words that payroll programs use, as data.

`docs/reference/payroll-file.md` shows these tables; a test keeps them the same. Names are compared
without capitals, accents, spaces and marks, so "E-mail adres" is here as "emailadres".
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from eigenwijs.people.types import ContractKind


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of a row: our name for it, the column name we advise, and the other names we know."""

    key: str
    advised: str
    synonyms: tuple[str, ...]
    required: bool = False
    example: str = ""


COLUMNS = (
    Column(
        "personnel_number",
        "Personeelsnummer",
        (
            "personeelsnr", "persnummer", "persnr", "werknemersnummer", "werknemernummer",
            "werknemernr", "werknemersnr", "medewerkernummer", "medewerkersnummer", "medewerkernr",
            "medewerkercode", "registratienummer", "personnel number", "employee number",
            "employee id",
        ),
        required=True,
        example="10482",
    ),
    Column(
        "employment_number",
        "Dienstverbandnummer",
        (
            "dienstverband", "dienstverbandnr", "dvnr", "dv", "volgnummer dienstverband",
            "employment number",
        ),
        example="1",
    ),
    Column(
        "full_name",
        "Naam",
        ("volledige naam", "naam medewerker", "naam werknemer", "medewerkernaam", "werknemernaam",
         "full name", "name"),
    ),
    Column(
        "last_name",
        "Achternaam",
        ("familienaam", "last name", "surname"),
        example="Vries",
    ),
    Column("birth_name", "Geboortenaam", ("birth name",)),
    Column("prefix", "Tussenvoegsel", ("tussenvoegsels", "voorvoegsel", "voorvoegsels", "tv", "prefix"),
           example="de"),
    Column("call_name", "Roepnaam", ()),
    Column("first_name", "Voornaam", ("voornamen", "first name", "given name"), example="Sanne"),
    Column("initials", "Voorletters", ("voorletter", "initialen", "initials")),
    Column(
        "birth_date",
        "Geboortedatum",
        ("gebdatum", "gebdat", "geboren", "geboren op", "date of birth", "birth date"),
        required=True,
        example="03-02-1991",
    ),
    Column(
        "private_email",
        "E-mail privé",
        ("privé e-mail", "privé e-mailadres", "e-mailadres privé", "private email"),
    ),
    Column(
        "email",
        "E-mail",
        ("e-mailadres", "mail", "mailadres", "email address"),
        example="sanne.devries@voorbeeld.example",
    ),
    Column(
        "contract_kind",
        "Soort contract",
        (
            "contractsoort", "contracttype", "type contract", "contractvorm", "contract",
            "soort dienstverband", "type dienstverband", "soort arbeidscontract",
            "soort arbeidsovereenkomst", "bepaalde/onbepaalde tijd", "contract kind",
        ),
        required=True,
        example="vast",
    ),
    Column(
        "contract_hours_week",
        "Contracturen per week",
        (
            "contracturen", "contracturen p/w", "contracturen week", "uren per week", "uren p/w",
            "uren/week", "weekuren", "arbeidsuren per week", "gemiddelde uren per week",
            "contract hours per week", "contract hours", "hours per week",
        ),
        required=True,
        example="32,00",
    ),
    Column(
        "paid_hours_period",
        "Betaalde uren",
        (
            "betaalde uren periode", "uitbetaalde uren", "verloonde uren", "aantal verloonde uren",
            "verloonde uren periode", "paid hours",
        ),
        required=True,
        example="138,67",
    ),
    Column(
        "started_on",
        "In dienst",
        (
            "datum in dienst", "in dienst datum", "in dienst sinds", "in dienst per",
            "indiensttreding", "datum indiensttreding", "begindatum dienstverband",
            "startdatum dienstverband", "start date",
        ),
        required=True,
        example="01-09-2019",
    ),
    Column(
        "ended_on",
        "Uit dienst",
        (
            "datum uit dienst", "uit dienst datum", "uit dienst per", "uitdiensttreding",
            "datum uitdiensttreding", "einddatum dienstverband", "end date",
        ),
    ),
    Column(
        "gross_wage",
        "Bruto loon",
        ("brutoloon periode", "bruto salaris", "bruto", "gross wage", "gross salary"),
        example="2.845,10",
    ),
    Column(
        "contract_hours_reference",
        "Contracturen op peildatum",
        ("uren op peildatum", "contracturen peildatum", "contract hours on reference date"),
    ),
    Column(
        "full_time_hours_week",
        "Uren volle werkweek",
        ("fulltime uren", "voltijduren", "uren voltijd", "fulltime uren per week", "full-time hours"),
    ),
    Column(
        "leave_hours_period",
        "Ingeruild verlof",
        ("ingeruilde verlofuren", "verlofuren ingeruild", "verkochte verlofuren", "exchanged leave"),
    ),
    Column(
        "hourly_wage",
        "Uurloon",
        ("bruto uurloon", "uurloon bruto", "hourly wage"),
    ),
    Column(
        "job_kind",
        "Soort baan",
        ("baansoort", "job kind"),
    ),
    Column(
        "training_programme",
        "Leerprogramma",
        ("opleidingsprogramma", "doet mee met leerprogramma", "training programme"),
    ),
)  # fmt: skip

JOB_WORDS: dict[str, tuple[str, ...]] = {
    "ordinary": ("gewoon", "regulier", "ordinary"),
    "student": (
        "student", "studentenbaan", "bijbaan naast studie", "vakantiekracht", "vakantiewerk",
        "holiday work",
    ),
    "subsidised": ("gesubsidieerd", "gesubsidieerde baan", "participatiebaan", "subsidised"),
}  # fmt: skip
PROGRAMME_WORDS: dict[str, tuple[str, ...]] = {
    "joins": ("ja", "j", "doet mee", "yes", "y"),
    "does_not_join": ("nee", "n", "doet niet mee", "no"),
}

# The citizen service number may not be in the file: it is refused by name and by content.
CITIZEN_NUMBER_NAMES = (
    "bsn", "bsnnr", "bsn-nummer", "burgerservicenummer", "burgerservicenr", "sofinummer", "sofinr",
    "sofi", "sofi-nummer", "citizen service number",
)  # fmt: skip

CONTRACT_WORDS: dict[ContractKind, tuple[str, ...]] = {
    ContractKind.PERMANENT: (
        "vast", "vast contract", "vast dienstverband", "onbepaald", "onbepaalde tijd",
        "voor onbepaalde tijd", "contract voor onbepaalde tijd", "permanent",
    ),
    ContractKind.FIXED_TERM: (
        "tijdelijk", "tijdelijk contract", "tijdelijk dienstverband", "bepaald", "bepaalde tijd",
        "voor bepaalde tijd", "contract voor bepaalde tijd", "jaarcontract", "fixed term",
        "temporary",
    ),
    ContractKind.ON_CALL: (
        "oproep", "oproepcontract", "oproepkracht", "oproepovereenkomst", "nul uren",
        "nulurencontract", "0-uren", "0-urencontract", "on call", "zero hours",
    ),
    ContractKind.AGENCY: (
        "uitzend", "uitzendcontract", "uitzendkracht", "uitzendovereenkomst", "agency",
    ),
}  # fmt: skip


def plain(text: str) -> str:
    """Return `text` in small letters and digits only, without accents, spaces and marks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


KEY_OF_NAME = {
    plain(name): column.key for column in COLUMNS for name in (column.advised, *column.synonyms)
}
COLUMN_OF_KEY = {column.key: column for column in COLUMNS}
_CITIZEN_NUMBERS = frozenset(map(plain, CITIZEN_NUMBER_NAMES))
_KIND_OF_WORD = {plain(word): kind for kind, words in CONTRACT_WORDS.items() for word in words}


def is_citizen_number(name: str) -> bool:
    """Whether a column of this name holds citizen service numbers."""
    return plain(name) in _CITIZEN_NUMBERS


@lru_cache(maxsize=256)
def contract_kind(word: str) -> ContractKind | None:
    """Return the kind of contract that `word` names, or None."""
    return _KIND_OF_WORD.get(plain(word))


def nearest_contract_word(word: str) -> str:
    """Return the word we know that is most like `word`; the advised words if none is like it."""
    near = get_close_matches(plain(word), _KIND_OF_WORD, n=1, cutoff=0.6)
    if not near:
        return ", ".join(words[0] for words in CONTRACT_WORDS.values())
    return CONTRACT_WORDS[_KIND_OF_WORD[near[0]]][0]
