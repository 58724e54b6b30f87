"""What a record must be, and how a provider's words become one. Pure: no database, no clock."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from eigenwijs.catalogue.types import (
    LANGUAGES,
    SUBJECTS,
    CourseKind,
    CourseRecord,
    DayPart,
    RunRecord,
)
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.reading import read_cents

MAX_PRICE_CENTS = 10_000_000
MAX_SEATS = 100_000
MAX_CODE = 80

# The longest text of each field, as the tables hold them.
MAX_LENGTHS = {
    "title": 200,
    "description": 10_000,
    "audience": 300,
    "duration": 100,
    "price_note": 200,
    "url": 500,
    "offered_by": 200,
    "place": 100,
}

# Words for a language or a part of the day that a provider may use in a file, in plain Dutch.
LANGUAGE_WORDS = {
    "nederlands": "nl",
    "engels": "en",
    "duits": "de",
    "frans": "fr",
    "spaans": "es",
    "pools": "pl",
    "turks": "tr",
    "arabisch": "ar",
    "oekraiens": "uk",
}
DAY_PART_WORDS = {
    "ochtend": DayPart.MORNING,
    "middag": DayPart.AFTERNOON,
    "avond": DayPart.EVENING,
    "dag": DayPart.DAY,
    "hele dag": DayPart.DAY,
    "weekend": DayPart.WEEKEND,
    "eigen tempo": DayPart.OWN_PACE,
}
COURSE_KIND_WORDS = {
    "cursus": CourseKind.COURSE,
    "basisvaardigheden": CourseKind.BASIC_SKILLS,
    "taal": CourseKind.LANGUAGE,
    "certificaat": CourseKind.CERTIFICATE,
    "loopbaanonderzoek": CourseKind.SKILLS_REVIEW,
    "rijbewijs": CourseKind.DRIVING_LICENCE,
}

_FREE = frozenset({"gratis", "kosteloos"})

_SUBJECT = re.compile(r"\d{2,4}")
_POSTCODE = re.compile(r"([1-9]\d{3})(?:\s?[A-Za-z]{2})?")


def fold(text: str) -> str:
    """Return `text` as it is searched: lower case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def read_price(text: str) -> int | None:
    """Return the one price in euros that `text` says, in cents, or None if it says anything else.

    `€ 1.250,00`, `1250`, `EUR 350,-` and `gratis` are one price. A range, another currency, "vanaf",
    "in overleg", a negative amount and `1.250` (a thousand or one?) are not: never a guess.
    """
    words = text.strip().casefold()
    if words in _FREE:
        return 0
    amount = words.replace("euro", "eur").removesuffix(",--").removesuffix(",-").upper()
    cents = read_cents(amount, line=None, field_name="")
    if isinstance(cents, Fault) or not 0 <= cents <= MAX_PRICE_CENTS:
        return None
    return cents


def read_language(text: str) -> str | None:
    """Return the code of a language given by code or Dutch name, or None if it is neither."""
    word = fold(text)
    return word if word in LANGUAGES else LANGUAGE_WORDS.get(word)


def read_day_part(text: str) -> DayPart | None:
    """Return the part of the day that a Dutch word names, or None."""
    return DAY_PART_WORDS.get(fold(text))


def read_course_kind(text: str) -> CourseKind | None:
    """Return the kind of course that a Dutch word names, or None."""
    return COURSE_KIND_WORDS.get(fold(text))


def read_postcode(text: str) -> str | None:
    """Return the four digits of a Dutch postcode, with or without its letters, or None."""
    match = _POSTCODE.fullmatch(text)
    return match[1] if match else None


def is_subject(code: str) -> bool:
    """Whether `code` is an ISCED-F code of two to four digits in a known broad field."""
    return bool(_SUBJECT.fullmatch(code)) and code[:2] in SUBJECTS


def default_code(title: str, offered_by: str) -> str:
    """Return the code of a course whose provider gave none: the same title is the same course."""
    text = fold(f"{offered_by} {title}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^a-z0-9]+', '-', text)[:60].strip('-')}-{digest}"


def default_run_code(record: RunRecord) -> str:
    """Return the code of a run whose provider gave none: day, place and part of the day."""
    place = "online" if record.is_online else re.sub(r"[^a-z0-9]+", "-", fold(record.place))
    return f"{record.starts_on.isoformat()}-{place[:50]}-{record.day_part}"


def course_faults(record: CourseRecord) -> list[Fault]:
    """Return everything that is wrong with a course record; `field_name` is the record's field."""
    faults = list(_too_long(record))
    if not record.title.strip():
        faults.append(Fault("missing", _("Vul een titel in."), field_name="title"))
    if record.language and record.language not in LANGUAGES:
        message = _("Deze taal kennen we niet. Kies een taal uit de lijst.")
        faults.append(Fault("unknown_language", message, field_name="language"))
    for subject in record.subjects:
        if not is_subject(subject):
            message = _("%(subject)s is geen onderwerp. Kies een code uit de lijst.")
            faults.append(Fault("unknown_subject", message, {"subject": subject}, None, "subjects"))
    if record.url and not _is_web_address(record.url):
        message = _("Dit is geen webadres. Begin met https://.")
        faults.append(Fault("bad_url", message, field_name="url"))
    if record.price_cents is not None:
        faults.extend(_price_faults(record.price_cents))
    return faults


def run_faults(record: RunRecord) -> list[Fault]:
    """Return everything that is wrong with a run record; `field_name` is the record's field."""
    faults = list(_too_long(record))
    if record.ends_on < record.starts_on:
        message = _("De einddatum ligt voor de startdatum. Vul een latere dag in.")
        faults.append(Fault("ends_before_start", message, field_name="ends_on"))
    if not record.is_online and not record.place.strip():
        message = _("Vul een plaats in, of zeg dat de cursus online is.")
        faults.append(Fault("missing_place", message, field_name="place"))
    if record.postcode and read_postcode(record.postcode) != record.postcode:
        message = _("Vul de vier cijfers van een postcode in, bijvoorbeeld 3511.")
        faults.append(Fault("bad_postcode", message, field_name="postcode"))
    if record.language not in LANGUAGES:
        message = _("Kies in welke taal de cursus is.")
        faults.append(Fault("unknown_language", message, field_name="language"))
    if record.seats is not None and not 0 < record.seats <= MAX_SEATS:
        message = _("Vul een aantal plaatsen in van 1 of meer, of laat het leeg: geen maximum.")
        faults.append(Fault("bad_seats", message, field_name="seats"))
    faults.extend(_price_faults(record.price_cents))
    return faults


def _too_long(record: CourseRecord | RunRecord) -> Iterator[Fault]:
    for name, maximum in MAX_LENGTHS.items():
        if len(getattr(record, name, "")) > maximum:
            message = _("Deze tekst is langer dan %(maximum)s tekens. Maak hem korter.")
            yield Fault("too_long", message, {"maximum": maximum}, None, name)


def _price_faults(cents: int) -> Iterator[Fault]:
    if not 0 <= cents <= MAX_PRICE_CENTS:
        message = _("Vul een prijs in van € 0 tot € 100.000.")
        yield Fault("bad_price", message, field_name="price_cents")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in parts.netloc and " " not in text
