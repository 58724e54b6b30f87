"""A payroll file is read the same from every maker, and every fault is named at its line and field."""

from __future__ import annotations

import csv
import inspect
import io
import itertools
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn

from eigenwijs.contributions import payroll_file, payroll_sought
from eigenwijs.contributions import payroll_row as row_reader
from eigenwijs.contributions.payroll_columns import (
    COLUMNS,
    CONTRACT_WORDS,
    JOB_WORDS,
    KEY_OF_NAME,
    PROGRAMME_WORDS,
    plain,
)
from eigenwijs.contributions.payroll_file import read_payroll_file, template
from eigenwijs.contributions.payroll_row import PayrollRow
from eigenwijs.kernel import delimited, reading
from eigenwijs.kernel.delimited import MAX_FAULTS
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import ContractKind
from tests.factories.payroll_files import (
    ENGLISH_PROGRAM,
    HABITS,
    PAYROLL_OFFICE,
    SPREADSHEET,
    Habit,
    payroll_row,
    write_payroll_file,
)

MARCH = Period(2026, 3)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "payroll-file.md"


def with_cells(**cells: str) -> bytes:
    """A file of one good row in which some cells, by the header's name, are replaced."""
    text = write_payroll_file([payroll_row()]).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(header)
    writer.writerow(
        [cells.get(name.replace(" ", "_"), cell) for name, cell in zip(header, row, strict=True)]
    )
    return out.getvalue().encode()


def faults_of(content: bytes, period: Period = MARCH) -> list[tuple[str, int | None, str]]:
    answer = read_payroll_file(content, period)
    assert not (answer.faults and answer.rows), "a faulty file gives no rows"
    assert all(str(fault) and "%(" not in str(fault) for fault in answer.faults)
    return [(fault.code, fault.line, fault.field_name) for fault in answer.faults]


# What good files give


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_every_makers_file_gives_the_same_facts(habit: Habit) -> None:
    rows = [
        payroll_row(line=2),
        payroll_row(line=3, employment_number=2, contract_kind=ContractKind.ON_CALL),
        payroll_row(
            line=4, personnel_number="007", email="", gross_wage=None, ended_on=date(2026, 3, 31)
        ),
    ]
    answer = read_payroll_file(write_payroll_file(rows, habit), MARCH)
    assert answer.faults == ()
    assert answer.rows == tuple(rows)


def test_extra_columns_are_ignored_and_named() -> None:
    answer = read_payroll_file(write_payroll_file([payroll_row()], PAYROLL_OFFICE), MARCH)
    assert answer.ignored_columns == ("Kostenplaats", "Periode", "IBAN")


def test_the_order_of_columns_means_nothing() -> None:
    turned = replace(SPREADSHEET, columns=dict(reversed(list(SPREADSHEET.columns.items()))))
    rows = (payroll_row(),)
    assert read_payroll_file(write_payroll_file(rows, turned), MARCH).rows == rows


@pytest.mark.parametrize(
    ("columns", "cells", "name"),
    [
        ("Naam", "Sanne de Vries", "Sanne de Vries"),
        ("Naam;Voornaam;Tussenvoegsel", "Vries;Sanne;de", "Sanne de Vries"),
        ("Naam;Voornaam;Tussenvoegsel", "Sanne de Vries;Sanne;de", "Sanne de Vries"),
        ("Achternaam;Voorletters;Roepnaam", "Ali;A.;Ali", "Ali Ali"),
        ("Achternaam;Tussenvoegsel;Voorletters", "de Vries;de;S.", "S. de Vries"),
        ("Geboortenaam;Achternaam;Voornaam", "Bos;Vries;Sanne", "Sanne Vries"),
        ("Geboortenaam", "Bos", "Bos"),
    ],
)
def test_a_name_comes_from_whatever_columns_hold_it(columns: str, cells: str, name: str) -> None:
    rest = "Personeelsnummer;Geboortedatum;Soort contract;Contracturen;Betaalde uren;In dienst"
    content = f"{columns};{rest}\n{cells};1;03-02-1991;vast;32;138;01-09-2019\n".encode()
    (row,) = read_payroll_file(content, MARCH).rows
    assert row.name == name


def test_the_private_address_goes_before_the_other() -> None:
    habit = replace(SPREADSHEET, columns={**SPREADSHEET.columns, "private_email": "E-mail privé"})
    content = write_payroll_file([payroll_row(email="thuis@voorbeeld.example")], habit)
    (row,) = read_payroll_file(content.replace(b"thuis", b"werk", 1), MARCH).rows
    assert row.email == "thuis@voorbeeld.example"


def test_on_call_work_has_no_contract_hours() -> None:
    for hours in ("", "0", "0,00"):
        (row,) = read_payroll_file(
            with_cells(Soort_contract="nulurencontract", Contracturen_per_week=hours), MARCH
        ).rows
        assert row.contract_hours_week is None


def test_the_three_facts_that_schemes_ask_stay_apart() -> None:
    (row,) = read_payroll_file(
        with_cells(
            Contracturen_per_week="12,5", Betaalde_uren="60", Soort_contract="bepaalde tijd"
        ),
        MARCH,
    ).rows
    assert row.contract_hours_week == 1250
    assert row.paid_hours_period == 6000
    assert row.contract_kind is ContractKind.FIXED_TERM
    assert row.gross_wage == Money(284510)


def test_the_template_is_a_good_file() -> None:
    answer = read_payroll_file(template(), MARCH)
    assert (answer.faults, answer.ignored_columns) == ((), ())
    assert answer.rows[0].name == "Sanne de Vries"


words = st.text(st.characters(categories=["L"]), min_size=1, max_size=8).filter(
    lambda word: word.isalpha() and word == word.strip()
)
hours = st.integers(0, 16_800)


@st.composite
def payroll_rows(draw: st.DrawFn) -> list[PayrollRow]:
    identities = draw(
        st.lists(
            st.tuples(st.text("0123456789ABz-", min_size=1, max_size=7).filter(lambda n: n[0] != "-"),
                      st.integers(1, 9999)),
            min_size=1, max_size=6, unique=True,
        )
    )  # fmt: skip
    rows = []
    for line, (number, employment) in enumerate(identities, 2):
        kind = draw(st.sampled_from(ContractKind))
        started_on = draw(st.dates(date(1960, 1, 1), MARCH.end))
        rows.append(
            PayrollRow(
                line=line,
                personnel_number=number,
                employment_number=employment,
                name=" ".join(draw(st.lists(words, min_size=1, max_size=3))),
                birth_date=draw(st.dates(date(1930, 1, 1), date(1959, 12, 31))),
                email=draw(st.sampled_from(["", "a@voorbeeld.example", "b.c+d@voorbeeld.example"])),
                contract_kind=kind,
                contract_hours_week=None
                if kind is ContractKind.ON_CALL
                else draw(st.integers(1, 16_800)),
                paid_hours_period=draw(hours),
                started_on=started_on,
                ended_on=draw(st.none() | st.dates(started_on, date(2099, 1, 1))),
                gross_wage=draw(st.none() | st.builds(Money, st.integers(0, 10**8))),
            )
        )
    return rows


@given(payroll_rows(), st.sampled_from(HABITS))
def test_any_file_written_in_any_makers_habits_reads_back_the_same_rows(
    rows: list[PayrollRow], habit: Habit
) -> None:
    answer = read_payroll_file(write_payroll_file(rows, habit), MARCH)
    assert answer.faults == ()
    assert answer.rows == tuple(rows)


# What bad files get: one test a case


def test_wrong_columns() -> None:
    faults = faults_of(b"Product;Prijs\nFiets;100\n")
    required = {column.advised for column in COLUMNS if column.required} | {"Achternaam"}
    assert {code for code, _, _ in faults} == {"missing_column"}
    assert {name for _, _, name in faults} == required


def test_two_columns_with_one_meaning() -> None:
    content = write_payroll_file([payroll_row()]).replace(b"Afdeling", b"Uren per week")
    assert faults_of(content) == [("same_meaning_twice", 1, "Uren per week")]


def test_extra_columns() -> None:
    content = write_payroll_file([payroll_row()], replace(SPREADSHEET, extra={"Schoenmaat": "43"}))
    answer = read_payroll_file(content, MARCH)
    assert len(answer.rows) == 1
    assert answer.ignored_columns == ("Schoenmaat",)


def test_unknown_contract_kind() -> None:
    (fault,) = read_payroll_file(with_cells(Soort_contract="vsat contract"), MARCH).faults
    assert (fault.code, fault.line, fault.field_name) == (
        "unknown_contract_kind",
        2,
        "Soort contract",
    )
    assert fault.params["nearest"] == "vast"
    (fault,) = read_payroll_file(with_cells(Soort_contract="xyz"), MARCH).faults
    assert fault.params["nearest"] == "vast, tijdelijk, oproep, uitzend"


@pytest.mark.parametrize("column", ["Geboortedatum", "In dienst", "Uit dienst"])
def test_31_02(column: str) -> None:
    content = with_cells(**{column.replace(" ", "_"): "31-02-2026"})
    assert faults_of(content) == [("no_such_day", 2, column)]


@pytest.mark.parametrize("column", ["Contracturen per week", "Betaalde uren"])
def test_negative_hours(column: str) -> None:
    content = with_cells(**{column.replace(" ", "_"): "-5,00"})
    assert faults_of(content) == [("negative_hours", 2, column)]


def test_more_hours_than_there_are() -> None:
    assert faults_of(with_cells(Contracturen_per_week="3200")) == [
        ("too_many_hours", 2, "Contracturen per week")
    ]
    assert faults_of(with_cells(Betaalde_uren="744,00")) == []
    assert faults_of(with_cells(Betaalde_uren="744,01")) == [("too_many_hours", 2, "Betaalde uren")]
    four_weeks = Period.parse("2026-P03")
    assert faults_of(with_cells(Betaalde_uren="672,01"), four_weeks) == [
        ("too_many_hours", 2, "Betaalde uren")
    ]


def test_contract_hours_that_do_not_fit_the_contract() -> None:
    assert faults_of(with_cells(Contracturen_per_week="")) == [
        ("missing_contract_hours", 2, "Contracturen per week")
    ]
    assert faults_of(with_cells(Contracturen_per_week="0")) == [
        ("missing_contract_hours", 2, "Contracturen per week")
    ]
    assert faults_of(with_cells(Soort_contract="oproep", Contracturen_per_week="12")) == [
        ("hours_for_on_call", 2, "Contracturen per week")
    ]


def test_duplicate_person() -> None:
    rows = [payroll_row(), payroll_row(personnel_number="2"), payroll_row(name="Iemand Anders")]
    (fault,) = read_payroll_file(write_payroll_file(rows), MARCH).faults
    assert (fault.code, fault.line, fault.field_name) == ("duplicate_person", 4, "Personeelsnummer")
    assert fault.params == {"first_line": 2}


def test_a_duplicate_of_a_row_with_another_fault_is_named_too() -> None:
    rows = [payroll_row(name="1"), payroll_row()]
    assert [code for code, _, _ in faults_of(write_payroll_file(rows))] == [
        "missing_name",
        "duplicate_person",
    ]


def test_likeness_is_no_identity() -> None:
    rows = [payroll_row(), payroll_row(line=3, personnel_number="10483")]
    assert len(read_payroll_file(write_payroll_file(rows), MARCH).rows) == 2


def test_same_file_twice() -> None:
    content = write_payroll_file([payroll_row()])
    assert read_payroll_file(content, MARCH) == read_payroll_file(content, MARCH)


def _numbers(count: int) -> list[str]:
    passing = (
        f"{number:09d}" for number in itertools.count(111_222_330) if bsn.is_valid(f"{number:09d}")
    )
    return list(itertools.islice(passing, count))


@pytest.mark.parametrize("name", ["BSN", "Burgerservicenummer", "Sofi-nummer", "bsn nr.", "B.S.N."])
def test_a_bsn_column_is_refused_by_its_name(name: str) -> None:
    content = write_payroll_file([payroll_row()], replace(SPREADSHEET, extra={name: ""}))
    assert faults_of(content) == [("citizen_number", 1, name)]


@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize("column", ["Personeelsnummer", "Kenmerk"])
def test_a_bsn_column_under_another_name_is_refused_by_its_values(column: str, count: int) -> None:
    numbers = _numbers(count)
    rows = [payroll_row(personnel_number=number) for number in numbers]
    content = write_payroll_file(rows, replace(SPREADSHEET, extra={}))
    if column == "Kenmerk":
        content = content.replace(b"Personeelsnummer", b"Kenmerk").replace(
            b"Dienstverband", b"Persnr"
        )
        content = b"".join(
            line.replace(b";1;", b";%d;" % number, 1)
            for number, line in enumerate(content.splitlines(keepends=True))
        )
    assert ("citizen_number", 1, column) in faults_of(content)


def test_no_fault_or_note_repeats_a_citizen_number() -> None:
    numbers = _numbers(20)
    answer = read_payroll_file(
        write_payroll_file([payroll_row(personnel_number=number) for number in numbers]), MARCH
    )
    assert answer.rows == ()
    assert not any(number in repr(answer) for number in numbers)


def test_nearly_all_is_enough_and_fewer_is_not() -> None:
    numbers = [*_numbers(18), "1", "2"]
    content = write_payroll_file([payroll_row(personnel_number=number) for number in numbers])
    assert ("citizen_number", 1, "Personeelsnummer") in faults_of(content)
    numbers = [*_numbers(17), "1", "2", "3"]
    content = write_payroll_file([payroll_row(personnel_number=number) for number in numbers])
    assert faults_of(content) == []


def test_dates_and_one_number_for_all_are_no_citizen_numbers() -> None:
    dates = [day for day in ("19910203", "19910214", "19910225", "19800101") if bsn.is_valid(day)]
    assert dates, "at least one of these dates passes the eleven test"
    rows = [payroll_row(personnel_number=str(number)) for number in range(20)]
    extra = {"Peildatum": dates[0], "Fiscaal nummer werkgever": _numbers(1)[0]}
    assert faults_of(write_payroll_file(rows, replace(SPREADSHEET, extra=extra))) == []


def test_not_utf8() -> None:
    content = write_payroll_file([payroll_row(name="Zoë Wit")], PAYROLL_OFFICE)
    assert faults_of(content.decode().encode("cp1252")) == [("not_utf8", 1, "")]


def test_a_spreadsheet_renamed_to_csv() -> None:
    assert faults_of(b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml") == [
        ("spreadsheet", None, "")
    ]


def test_formulas_in_cells() -> None:
    assert faults_of(with_cells(Naam='=HYPERLINK("http://x";"Sanne")')) == [("formula", 2, "Naam")]


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("Personeelsnummer", "", "missing"),
        ("Personeelsnummer", "1,23457E+11", "shortened_number"),
        ("Personeelsnummer", "x" * 31, "too_long"),
        ("Dienstverband", "vast", "not_a_number"),
        ("Dienstverband", "0", "number_out_of_range"),
        ("Dienstverband", "1,5", "not_whole"),
        ("Naam", "", "missing_name"),
        ("Naam", "...", "missing_name"),
        ("Naam", "x" * 201, "too_long"),
        ("Geboortedatum", "", "missing"),
        ("Geboortedatum", "03/02/1991", "not_a_date"),
        ("Geboortedatum", "01-09-2019", "born_after_start"),
        ("E-mail", "sanne bij voorbeeld", "not_an_email"),
        ("Soort contract", "", "missing"),
        ("Contracturen per week", "veel", "not_a_number"),
        ("Contracturen per week", "36,6667", "too_precise"),
        ("Betaalde uren", "1.234", "ambiguous_number"),
        ("Betaalde uren", "", "missing"),
        ("In dienst", "01-04-2026", "starts_after_period"),
        ("Uit dienst", "31-08-2019", "ends_before_start"),
        ("Bruto loon", "-1", "negative_wage"),
        ("Bruto loon", "1000000,01", "too_high_wage"),
        ("Bruto loon", "geheim", "not_a_number"),
    ],
)
def test_every_other_wrong_cell_is_named(column: str, text: str, code: str) -> None:
    content = with_cells(**{column.replace(" ", "_"): text})
    assert faults_of(content) == [(code, 2, column)]


def test_all_faults_at_once_in_the_order_of_the_lines() -> None:
    lines = write_payroll_file(
        [payroll_row(personnel_number=str(n)) for n in range(4)]
    ).splitlines()
    lines[1] = lines[1].replace(b"vast", b"vats").replace(b"03-02-1991", b"31-02-1991")
    lines[2] += b";teveel"
    lines[4] = lines[4].replace(b"138,67", b"-1").replace(b"Sanne de Vries", b"=1+1+A1")
    codes = [(code, line) for code, line, _ in faults_of(b"\n".join(lines))]
    assert codes == [
        ("unknown_contract_kind", 2),
        ("no_such_day", 2),
        ("wrong_number_of_cells", 3),
        ("formula", 5),
        ("negative_hours", 5),
    ]


def test_a_file_of_faults_stops_at_a_thousand() -> None:
    rows = [payroll_row(personnel_number=str(number), name="?") for number in range(2_000)]
    faults = faults_of(write_payroll_file(rows))
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1][0] == "more_faults"


def test_100_000_lines() -> None:
    header, row = write_payroll_file([payroll_row()], ENGLISH_PROGRAM).splitlines(keepends=True)
    rows = (row.replace(b"10482", b"P%d" % number) for number in range(100_000))
    answer = read_payroll_file(header + b"".join(rows), MARCH)
    assert answer.faults == ()
    assert len({row.personnel_number for row in answer.rows}) == 100_000
    assert answer.rows[-1].line == 100_001


# The tables and the document


def test_no_name_means_two_columns_and_no_word_two_kinds() -> None:
    names = [plain(name) for column in COLUMNS for name in (column.advised, *column.synonyms)]
    assert len(names) == len(set(names)) == len(KEY_OF_NAME)
    contract_words = [plain(word) for known in CONTRACT_WORDS.values() for word in known]
    assert len(contract_words) == len(set(contract_words))


def test_the_document_names_every_column_and_word() -> None:
    text = DOCUMENT.read_text()
    for column in COLUMNS:
        assert f"| {column.advised} |" in text
        assert ", ".join(column.synonyms) in text
    for known in (*CONTRACT_WORDS.values(), *JOB_WORDS.values(), *PROGRAMME_WORDS.values()):
        assert f"| {', '.join(known)} |" in text


def test_the_document_names_every_fault_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([a-z0-9_]+)`", DOCUMENT.read_text(), re.MULTILINE))
    assert documented == _codes_in_source()


def _codes_in_source() -> set[str]:
    """Every code that the reader of payroll files, and what it calls, can put in a fault."""
    source = "".join(
        map(inspect.getsource, (payroll_file, row_reader, payroll_sought, delimited, reading))
    )
    found = set(re.findall(r'Fault\(\s*"([a-z0-9_]+)"|refuse\(\s*[^,]+,\s*"([a-z0-9_]+)"', source))
    found |= {("", code) for _, code, _ in delimited._OTHER_FORMATS}
    return {first or second for first, second in found} - {"read_as_cp1252", "not_yes_or_no"}


def test_the_template_in_the_documents_is_the_template() -> None:
    assert DOCUMENT.with_name("payroll-file-template.csv").read_bytes() == template()
