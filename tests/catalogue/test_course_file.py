"""Course files as people deliver them; each test is named after what is wrong with the file."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from django.utils.translation import override

from eigenwijs.catalogue.course_file import TEMPLATE_HEADER, CourseFile, read_course_file
from eigenwijs.catalogue.types import DayPart

TODAY = date(2026, 11, 23)

# The columns, and the kinds of price, of a real list of courses found on the web; the rows are ours.
MESSY_LIST = """\
Aanbieder,Titel,Doelgroep,Tijdsduur,Kosten,Link
Zorghuis,Slim werken in de zorg,Algemeen,60-75 minuten,In overleg,https://voorbeeld.nl/slim
Artsenblad,Netwerkmiddag,Algemeen,3 uur 45 min,€0,https://voorbeeld.nl/netwerk
Europees Lab,Machine learning & microben,Overig,4 dagen,€350-€750,https://voorbeeld.nl/lab
Ziekenhuis Oost,Kunstmatige intelligentie,Algemeen,n.v.t.,n.v.t.,https://voorbeeld.nl/ki
Academie,Van plan naar praktijk,Overig,1 dag,€795,https://voorbeeld.nl/plan
Overzee,AI Programme,Overig,6 weken,£2300,https://voorbeeld.nl/oxford
Beeld,"Imaging, basis",Radiologie,~18 uur,$980,https://voorbeeld.nl/beeld
"""


def template(*lines: str) -> bytes:
    return "\r\n".join([";".join(TEMPLATE_HEADER), *lines]).encode()


def line(**cells: str) -> str:
    usual = {
        "cursuscode": "LAS1",
        "titel": "Lassen voor beginners",
        "taal": "nl",
        "prijs": "350,00",
        "startdatum": "01-03-2027",
        "dagdeel": "avond",
        "plaats": "Zwolle",
        "plaatsen": "12",
    }
    return ";".join((usual | cells).get(column, "") for column in TEMPLATE_HEADER)


def faults(file: CourseFile) -> list[tuple[int | None, str, str]]:
    return [(fault.line, fault.field_name, fault.code) for fault in file.faults]


def warnings(file: CourseFile) -> list[tuple[int | None, str, str]]:
    return [(fault.line, fault.field_name, fault.code) for fault in file.warnings]


def test_template_line_becomes_a_course_and_a_run() -> None:
    file = read_course_file(
        template(line(onderwerp="0715 07", einddatum="2027-04-19", postcode="8011 AB")), TODAY
    )
    assert (file.faults, file.warnings, file.lines) == ([], [], 1)
    course = file.courses["LAS1"].record
    assert (course.title, course.price_cents, course.subjects) == (
        "Lassen voor beginners",
        35_000,
        ("0715", "07"),
    )
    (run,) = file.runs.values()
    assert run.record.starts_on == date(2027, 3, 1)
    assert run.record.ends_on == date(2027, 4, 19)
    assert run.record.price_cents == 35_000
    assert run.record.day_part is DayPart.EVENING
    assert (run.record.place, run.record.postcode, run.record.seats) == ("Zwolle", "8011", 12)


def test_messy_list_brings_in_every_course_and_guesses_no_price() -> None:
    file = read_course_file(MESSY_LIST.encode(), TODAY)
    assert file.faults == []
    prices = {one.record.offered_by: one.record.price_cents for one in file.courses.values()}
    assert prices == {
        "Zorghuis": None,
        "Artsenblad": 0,
        "Europees Lab": None,
        "Ziekenhuis Oost": None,
        "Academie": 79_500,
        "Overzee": None,
        "Beeld": None,
    }
    assert warnings(file) == [(number, "Kosten", "no_single_price") for number in (2, 4, 5, 7, 8)]
    notes = {one.record.offered_by: one.record.price_note for one in file.courses.values()}
    assert notes["Europees Lab"] == "€350-€750"
    assert notes["Academie"] == ""
    assert file.runs == {}


def test_price_that_is_no_price_leaves_the_run_out_and_says_so() -> None:
    file = read_course_file(template(line(prijs="vanaf 350")), TODAY)
    assert faults(file) == []
    assert warnings(file) == [(2, "prijs", "no_single_price")]
    assert file.courses["LAS1"].record.price_cents is None
    assert file.runs == {}
    with override("nl"):
        assert "vanaf 350" in str(file.warnings[0])


def test_wrong_columns_are_named() -> None:
    file = read_course_file(b"naam van de cursus;prijs\nLassen;350", TODAY)
    assert faults(file) == [(1, "titel", "missing_column")]
    assert warnings(file) == [(1, "naam van de cursus", "unknown_column")]


def test_extra_columns_are_skipped_with_a_warning() -> None:
    file = read_course_file(b"titel;prijs;intern nr\nLassen;350,00;7", TODAY)
    assert faults(file) == []
    assert warnings(file) == [(1, "intern nr", "unknown_column")]
    assert len(file.courses) == 1


def test_two_columns_for_one_thing() -> None:
    file = read_course_file(b"titel;prijs;kosten\nLassen;350,00;400,00", TODAY)
    assert faults(file) == [(1, "kosten", "same_column_twice")]


def test_no_price_column_is_said_once() -> None:
    file = read_course_file(b"titel\nLassen\nVerplegen", TODAY)
    assert warnings(file) == [(1, "prijs", "no_price_column")]
    assert len(file.courses) == 2


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"titel": ""}, "titel", "missing"),
        ({"startdatum": "31-02-2027"}, "startdatum", "no_such_day"),
        ({"startdatum": "volgende week"}, "startdatum", "not_a_date"),
        ({"einddatum": "01-02-2027"}, "einddatum", "ends_before_start"),
        ({"dagdeel": "nacht"}, "dagdeel", "unknown_word"),
        ({"dagdeel": ""}, "dagdeel", "missing"),
        ({"taal": "klingon"}, "taal", "unknown_word"),
        ({"taal": ""}, "taal", "unknown_language"),
        ({"plaats": ""}, "plaats", "missing_place"),
        ({"postcode": "80111"}, "postcode", "unknown_word"),
        ({"online": "misschien"}, "online", "not_yes_or_no"),
        ({"plaatsen": "twaalf"}, "plaatsen", "not_a_number"),
        ({"plaatsen": "-3"}, "plaatsen", "bad_seats"),
        ({"onderwerp": "99"}, "onderwerp", "unknown_subject"),
        ({"link": "roc"}, "link", "bad_url"),
        ({"cursuscode": "x" * 81}, "cursuscode", "too_long"),
        ({"titel": '=HYPERLINK("http://kwaad.nl")'}, "titel", "formula"),
        ({"beschrijving": "@SUM(A1)"}, "beschrijving", "formula"),
    ],
)
def test_faulty_cell_is_named_by_line_and_column(
    cells: dict[str, str], column: str, code: str
) -> None:
    quoted = {name: f'"{value.replace(chr(34), chr(34) * 2)}"' for name, value in cells.items()}
    file = read_course_file(template(line(cursuscode="A"), line(**quoted)), TODAY)
    assert faults(file) == [(3, column, code)]


def test_all_faults_come_at_once() -> None:
    file = read_course_file(
        template(line(titel="", startdatum="31-02-2027"), line(dagdeel="nacht")), TODAY
    )
    assert faults(file) == [
        (2, "titel", "missing"),
        (2, "startdatum", "no_such_day"),
        (3, "dagdeel", "unknown_word"),
    ]


def test_start_that_has_been_is_left_out_with_a_warning() -> None:
    file = read_course_file(template(line(startdatum="23-11-2026")), TODAY)
    assert (faults(file), warnings(file)) == ([], [(2, "startdatum", "started_already")])
    assert (len(file.courses), len(file.runs)) == (1, 0)


def test_place_without_a_start_date_is_left_out_with_a_warning() -> None:
    file = read_course_file(template(line(startdatum="")), TODAY)
    assert (faults(file), warnings(file)) == ([], [(2, "startdatum", "no_start")])


def test_more_lines_of_one_course_are_more_runs() -> None:
    file = read_course_file(template(line(), line(startdatum="01-09-2027", prijs="375,00")), TODAY)
    assert file.faults == []
    assert len(file.courses) == 1
    assert [run.record.price_cents for run in file.runs.values()] == [35_000, 37_500]


def test_same_course_with_another_title() -> None:
    file = read_course_file(
        template(line(), line(titel="Lassen gevorderd", startdatum="01-09-2027")), TODAY
    )
    assert faults(file) == [(3, "titel", "course_differs")]


def test_duplicate_run() -> None:
    assert faults(read_course_file(template(line(), line()), TODAY)) == [
        (3, "startdatum", "same_run_twice")
    ]


def test_commas_and_a_byte_order_mark() -> None:
    file = read_course_file('\ufefftitel,prijs\nLassen,"350,00"'.encode(), TODAY)
    assert file.faults == []
    assert next(iter(file.courses.values())).record.price_cents == 35_000


def test_not_utf8_is_read_as_windows_1252_with_a_warning() -> None:
    file = read_course_file("titel;prijs\nCoördineren;€ 5,00".encode("cp1252"), TODAY)
    assert file.faults == []
    assert [fault.code for fault in file.warnings] == ["read_as_cp1252"]
    (course,) = file.courses.values()
    assert (course.record.title, course.record.price_cents) == ("Coördineren", 500)


def test_spreadsheet_renamed_to_csv() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    file = read_course_file(content.getvalue(), TODAY)
    assert [fault.code for fault in file.faults] == ["spreadsheet"]
    assert file.courses == {}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"titel;prijs\n"])
def test_empty_file(content: bytes) -> None:
    assert len(read_course_file(content, TODAY).faults) == 1


def test_thousands_of_faults_stop_with_one_that_says_so() -> None:
    file = read_course_file(template(*[line(titel="")] * 3000), TODAY)
    assert len(file.faults) < 1010
    assert file.faults[-1].code == "more_faults"
