"""The course file: its columns, how a line is read, and how it is written.

One line is a course, with one run if it has a start date; more lines with the same course code are
more runs of it. What cannot be read is a fault and refuses the file; a price that is not one amount in
euros is a warning: the course comes in without a price, and its run does not come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from eigenwijs.audit.operations import Tell, quiet
from eigenwijs.catalogue import rules
from eigenwijs.catalogue.types import COURSE_FIELDS, CourseKind, CourseRecord, DayPart, RunRecord
from eigenwijs.kernel.delimited import MAX_FAULTS, Row, Table, more_faults, read_table, read_text
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.reading import read_date, read_whole_number, read_yes_no

# The columns of the template, in order, with other names that lists in the wild use.
COLUMNS: dict[str, tuple[str, ...]] = {
    "cursuscode": ("code",),
    "titel": ("title", "cursus", "naam"),
    "beschrijving": ("omschrijving", "description"),
    "doelgroep": (),
    "duur": ("tijdsduur",),
    "onderwerp": ("onderwerpen", "isced"),
    "taal": (),
    "prijs": ("kosten", "prijs incl. btw", "prijs in euro"),
    "link": ("url", "website"),
    "aanbieder": (),
    "startcode": (),
    "startdatum": ("start",),
    "einddatum": ("eind",),
    "dagdeel": (),
    "plaats": ("locatie",),
    "postcode": (),
    "online": (),
    "plaatsen": ("aantal plaatsen",),
    "soort": ("soort cursus",),
}
TEMPLATE_HEADER = tuple(COLUMNS)

_COLUMN_OF = {name: column for column, others in COLUMNS.items() for name in (column, *others)}

# Which column a field of a record came from, for the faults that the record's own rules find.
COLUMN_OF_FIELD = {
    "title": "titel",
    "description": "beschrijving",
    "audience": "doelgroep",
    "duration": "duur",
    "language": "taal",
    "subjects": "onderwerp",
    "price_cents": "prijs",
    "price_note": "prijs",
    "url": "link",
    "offered_by": "aanbieder",
    "starts_on": "startdatum",
    "ends_on": "einddatum",
    "place": "plaats",
    "is_online": "online",
    "postcode": "postcode",
    "day_part": "dagdeel",
    "seats": "plaatsen",
    "kind": "soort",
}
_RUN_COLUMNS = ("einddatum", "dagdeel", "plaats", "postcode", "plaatsen")

_KIND_WORDS = {kind: word for word, kind in rules.COURSE_KIND_WORDS.items()}

_TOLD_EVERY = 1_000

# What lists write where they have nothing to say.
_NOTHING = frozenset({"", "-", "n.v.t.", "nvt"})


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Reader(Protocol[T_co]):
    """A reader of one cell, as in `kernel.reading`."""

    def __call__(self, text: str, *, line: int | None, field_name: str) -> T_co | Fault: ...


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course of the file, by its code, from its first line."""

    line: int
    code: str
    record: CourseRecord


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of the file, by its course's code and its own."""

    line: int
    course_code: str
    code: str
    record: RunRecord


@dataclass(slots=True)
class CourseFile:
    """What a course file says, and what is wrong with it.

    Without `says_kinds` it has no column for kinds of course: known courses keep theirs.
    """

    lines: int = 0
    says_kinds: bool = False
    courses: dict[str, CourseLine] = field(default_factory=dict)
    runs: dict[tuple[str, str], RunLine] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def read_course_file(content: bytes, on: date, tell: Tell = quiet) -> CourseFile:
    """Read a course file as delivered on the day `on`; all faults and warnings at once.

    Runs that started on or before `on` are left out with a warning.
    """
    table = read_table(content, allow_cp1252=True)
    result = CourseFile(
        lines=len(table.rows), faults=list(table.faults), warnings=list(table.warnings)
    )
    places = _places(table, result)
    if places is None:
        return result
    result.says_kinds = "soort" in places
    for count, row in enumerate(table.rows):
        if count % _TOLD_EVERY == 0:
            tell(count)
        if len(result.faults) >= MAX_FAULTS:
            result.faults.append(more_faults(row.line))
            break
        _Line(row, table.header, places, result).read(on)
    tell(len(table.rows))
    return result


def write_course_file(
    courses: Sequence[tuple[str, CourseRecord]], runs: Mapping[str, Sequence[tuple[str, RunRecord]]]
) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a file that would bring in these courses and runs, the header first.

    `courses` are code and record; `runs` are, by course code, run code and record.
    """
    yield TEMPLATE_HEADER
    for code, record in courses:
        if not runs.get(code):
            yield (
                *_course_cells(code, record, None),
                *_run_cells("", None),
                _KIND_WORDS[record.kind],
            )
        for run_code, run in runs.get(code, ()):
            cells = (*_course_cells(code, record, run), *_run_cells(run_code, run))
            yield (*cells, _KIND_WORDS[record.kind])


def _course_cells(code: str, record: CourseRecord, run: RunRecord | None) -> tuple[str, ...]:
    cents = run.price_cents if run else record.price_cents
    return (
        code,
        record.title,
        record.description,
        record.audience,
        record.duration,
        " ".join(record.subjects),
        (run.language if run else "") or record.language,
        record.price_note if cents is None else f"{cents // 100},{cents % 100:02d}",
        record.url,
        record.offered_by,
    )


def _run_cells(code: str, run: RunRecord | None) -> tuple[str, ...]:
    if run is None:
        return ("",) * 8
    words = {day_part: word for word, day_part in reversed(rules.DAY_PART_WORDS.items())}
    return (
        code,
        run.starts_on.isoformat(),
        run.ends_on.isoformat(),
        words[run.day_part],
        run.place,
        run.postcode,
        "ja" if run.is_online else "nee",
        "" if run.seats is None else str(run.seats),
    )


def _places(table: Table, result: CourseFile) -> dict[str, int] | None:
    """Where each known column stands; None if the file cannot be read."""
    places: dict[str, int] = {}
    for place, name in enumerate(table.header):
        column = _COLUMN_OF.get(rules.fold(name))
        if column is None:
            message = _("Deze kolom kennen we niet. We slaan hem over.")
            result.warnings.append(
                Fault("unknown_column", message, line=table.header_line, field_name=name)
            )
        elif column in places:
            message = _("Deze kolom en de kolom %(other)s zeggen hetzelfde. Haal er een weg.")
            params = {"other": table.header[places[column]]}
            result.faults.append(
                Fault("same_column_twice", message, params, table.header_line, name)
            )
        else:
            places[column] = place
    if not table.header:
        return None
    if "titel" not in places:
        message = _("De kolom titel ontbreekt. Geef elke cursus een titel.")
        result.faults.append(
            Fault("missing_column", message, line=table.header_line, field_name="titel")
        )
        return None
    if "prijs" not in places:
        message = _("Er is geen kolom prijs. Deze cursussen kan niemand boeken.")
        result.warnings.append(
            Fault("no_price_column", message, line=table.header_line, field_name="prijs")
        )
    return places


class _Line:
    """One line while it is read: its cells by column, and where its faults go."""

    def __init__(
        self, row: Row, header: Sequence[str], places: Mapping[str, int], result: CourseFile
    ) -> None:
        self.row = row
        self.header = header
        self.places = places
        self.result = result

    def read(self, on: date) -> None:
        """Add this line's course and run to the result, or its faults."""
        before = len(self.result.faults)
        course = self._course()
        run = self._run(course, on) if self.cell("startdatum") else None
        if not run and any(self.cell(column) for column in _RUN_COLUMNS):
            self._say_run_left_out()
        if len(self.result.faults) > before:
            return
        code = self.cell("cursuscode") or rules.default_code(course.title, course.offered_by)
        self._add_course(CourseLine(self.row.line, code, course))
        if run:
            run_code = self.cell("startcode") or rules.default_run_code(run)
            self._add_run(RunLine(self.row.line, code, run_code, run))

    def cell(self, column: str) -> str:
        """The text in a column, empty where the file has no such column or says nothing."""
        place = self.places.get(column)
        text = read_text(self.row.cells[place]) if place is not None else ""
        return "" if text.casefold() in _NOTHING else text

    def fault(self, column: str, code: str, message: object, **params: object) -> None:
        """Refuse the file for this cell."""
        self.result.faults.append(Fault(code, message, params, self.row.line, self._name(column)))

    def warn(self, column: str, code: str, message: object, **params: object) -> None:
        """Say something about this cell that refuses nothing."""
        if len(self.result.warnings) < MAX_FAULTS:
            self.result.warnings.append(
                Fault(code, message, params, self.row.line, self._name(column))
            )

    def _name(self, column: str) -> str:
        place = self.places.get(column)
        return column if place is None else self.header[place]

    def _course(self) -> CourseRecord:
        for column in ("cursuscode", "startcode"):
            if len(self.cell(column)) > rules.MAX_CODE:
                message = _("Deze code is langer dan %(maximum)s tekens. Maak hem korter.")
                self.fault(column, "too_long", message, maximum=rules.MAX_CODE)
        price = self._price()
        record = CourseRecord(
            title=self.cell("titel"),
            description=self.cell("beschrijving"),
            audience=self.cell("doelgroep"),
            duration=self.cell("duur"),
            language=self._word("taal", rules.read_language) or "",
            subjects=tuple(self.cell("onderwerp").replace(",", " ").split()),
            price_cents=price,
            price_note=self.cell("prijs") if price is None else "",
            url=self.cell("link"),
            offered_by=self.cell("aanbieder"),
            kind=self._word("soort", rules.read_course_kind) or CourseKind.COURSE,
        )
        self._add_faults(rules.course_faults(record))
        return record

    def _price(self) -> int | None:
        """The price in cents, or None with a warning."""
        place = self.places.get("prijs")
        if place is None:
            return None
        text = self.row.cells[place]
        cents = rules.read_price(text)
        if cents is None:
            message = _(
                "Hier staat niet één prijs in euro: “%(text)s”. De cursus komt erin zonder prijs en "
                "niemand kan hem boeken. Vul één bedrag in, bijvoorbeeld 350,00."
            )
            self.warn("prijs", "no_single_price", message, text=text[:60])
        return cents

    def _run(self, course: CourseRecord, on: date) -> RunRecord | None:
        starts_on = self._value("startdatum", read_date)
        ends_on = self._value("einddatum", read_date) or starts_on
        day_part = self._word("dagdeel", rules.read_day_part)
        postcode = self._word("postcode", rules.read_postcode)
        is_online = self._value("online", read_yes_no)
        seats = self._value("plaatsen", read_whole_number)
        if not self.cell("dagdeel"):
            message = _("Vul een dagdeel in: ochtend, middag, avond, dag, weekend of eigen tempo.")
            self.fault("dagdeel", "missing", message)
        if starts_on is None or ends_on is None or day_part is None:
            return None
        if starts_on <= on:
            message = _("Deze start is al geweest. We nemen hem niet op.")
            self.warn("startdatum", "started_already", message)
            return None
        record = RunRecord(
            starts_on=starts_on,
            ends_on=ends_on,
            price_cents=course.price_cents or 0,
            place=self.cell("plaats"),
            postcode=postcode or "",
            is_online=bool(is_online),
            day_part=DayPart(day_part),
            language=course.language,
            seats=seats,
        )
        self._add_faults(rules.run_faults(record))
        return None if course.price_cents is None else record

    def _value(self, column: str, read: _Reader[T]) -> T | None:
        """What a cell says; None where it is empty or has a fault."""
        text = self.cell(column)
        if not text:
            return None
        value = read(text, line=self.row.line, field_name=self._name(column))
        if isinstance(value, Fault):
            self.result.faults.append(value)
            return None
        return value

    def _word(self, column: str, read: Callable[[str], T | None]) -> T | None:
        text = self.cell(column)
        if not text:
            return None
        value = read(text)
        if value is None:
            message = _("Dit kennen we niet: “%(text)s”. Schrijf bijvoorbeeld: %(examples)s.")
            self.fault(column, "unknown_word", message, text=text[:60], examples=_EXAMPLES[column])
        return value

    def _say_run_left_out(self) -> None:
        if not self.cell("startdatum"):
            message = _("Er is geen startdatum. We nemen de cursus op, zonder start.")
            self.warn("startdatum", "no_start", message)

    def _add_faults(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            if fault.code == "unknown_language" and self.cell("taal"):
                continue  # the cell has its own fault already, or the course's record has
            column = COLUMN_OF_FIELD[fault.field_name]
            self.fault(column, fault.code, fault.message, **fault.params)

    def _add_course(self, new: CourseLine) -> None:
        known = self.result.courses.setdefault(new.code, new)
        if known is new:
            return
        # Runs of one course may differ in price and language; the first line is the course's own.
        same = replace(
            new.record,
            price_cents=known.record.price_cents,
            price_note=known.record.price_note,
            language=known.record.language,
        )
        for name in COURSE_FIELDS:
            if getattr(same, name) != getattr(known.record, name):
                message = _(
                    "Op regel %(line)s staat deze cursus met iets anders in deze kolom. "
                    "Maak ze gelijk, of geef een andere cursuscode."
                )
                self.fault(COLUMN_OF_FIELD[name], "course_differs", message, line=known.line)

    def _add_run(self, new: RunLine) -> None:
        known = self.result.runs.setdefault((new.course_code, new.code), new)
        if known is not new:
            message = _("Deze start staat ook op regel %(line)s. Haal er een weg.")
            self.fault("startdatum", "same_run_twice", message, line=known.line)


_EXAMPLES = {
    "taal": "nl, en, Nederlands",
    "dagdeel": "ochtend, middag, avond, dag, weekend, eigen tempo",
    "postcode": "3511, 3511 AB",
    "soort": ", ".join(rules.COURSE_KIND_WORDS),
}
