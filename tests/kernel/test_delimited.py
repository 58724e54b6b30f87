"""Delimited text as people deliver it: same rows whatever the habit, every fault with its line."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenwijs.kernel import delimited
from eigenwijs.kernel.delimited import read_table, read_text, write_table

BOM = b"\xef\xbb\xbf"


def faults_of(content: bytes, **options: object) -> list[tuple[str, int | None, str]]:
    table = read_table(content, **options)  # type: ignore[arg-type]
    return [(fault.code, fault.line, fault.field_name) for fault in table.faults]


def rows_of(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    table = read_table(content)
    assert table.faults == ()
    return [(row.line, row.cells) for row in table.rows]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", BOM])
def test_delimiter_line_ending_and_byte_order_mark_change_nothing(
    delimiter: str, ending: str, mark: bytes
) -> None:
    lines = ["naam;uren", "Zoë de Wit;36", "Ali;12"]
    content = mark + ending.join(line.replace(";", delimiter) for line in lines).encode()
    table = read_table(content)
    assert table.header == ("naam", "uren")
    assert [(row.line, row.cells) for row in table.rows] == [
        (2, ("Zoë de Wit", "36")),
        (3, ("Ali", "12")),
    ]


def test_the_delimiter_is_the_one_that_splits_the_header() -> None:
    assert rows_of(b'"a, met komma";b\n1,5;2,5\n') == [(2, ("1,5", "2,5"))]


def test_the_delimiter_line_of_excel_is_believed_and_is_no_header() -> None:
    table = read_table(b"sep=,\r\nnaam;of;zo,uren\r\nx,1\r\n")
    assert table.header == ("naam;of;zo", "uren")
    assert (table.header_line, table.rows[0].line) == (2, 3)


def test_line_numbers_are_right_after_line_ends_inside_cells() -> None:
    content = b'naam;adres\n"Jan";"Straat 1\nUtrecht"\n\nPiet;"a\r\nb\r\nc"\nKees;d\n'
    assert [line for line, _ in rows_of(content)] == [2, 5, 8]


def test_lines_without_text_and_empty_cells_at_the_end_are_left_out() -> None:
    content = b"\n;;\nnaam;uren;;\nJan;36;;\n;;;\n \nPiet;12\n"
    assert rows_of(content) == [(4, ("Jan", "36")), (7, ("Piet", "12"))]


def test_white_space_around_cells_is_no_content() -> None:
    table = read_table(" naam  van ;uren\n\tJan\u00a0; 36 \n".encode())
    assert table.header == ("naam van", "uren")
    assert table.rows[0].cells == ("Jan", "36")


@pytest.mark.parametrize("content", [b"", BOM, b" \r\n\n", b"\x1a"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert faults_of(content) == [("empty_file", None, "")]


@pytest.mark.parametrize("content", [b";;;\n", b'"";""\n', b"sep=;\n"])
def test_a_file_without_column_names_is_refused(content: bytes) -> None:
    assert [code for code, _, _ in faults_of(content)] == ["no_columns"]


def test_a_file_with_only_a_header_is_refused() -> None:
    assert faults_of(b"naam;uren\n\n;\n") == [("no_rows", None, "")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "spreadsheet"),
        (b"%PDF-1.7\n%\xe2\xe3", "not_delimited_text"),
        (b"{\\rtf1\\ansi}", "not_delimited_text"),
        (b"<html><table><tr><td>naam</td></tr></table>", "not_delimited_text"),
        (b"\n<!DOCTYPE html>", "not_delimited_text"),
        (BOM + b'<?xml version="1.0"?><Workbook/>', "not_delimited_text"),
    ],
)
def test_a_spreadsheet_or_other_document_renamed_to_csv_is_named(content: bytes, code: str) -> None:
    assert faults_of(content) == [(code, None, "")]


def test_binary_content_is_refused_with_its_place() -> None:
    table = read_table(b"naam;uren\nJa\x00n;3\n")
    assert [(fault.code, fault.line, fault.params) for fault in table.faults] == [
        ("not_text", 2, {"byte": 3})
    ]


def test_text_that_is_not_utf8_is_refused_with_its_place() -> None:
    content = "naam;uren\r\nZoë;36\r\n".encode("cp1252")
    for marked in (content, BOM + content):
        table = read_table(marked)
        assert [(fault.code, fault.line, fault.params) for fault in table.faults] == [
            ("not_utf8", 2, {"byte": 3})
        ]


def test_windows_text_is_read_with_a_warning_only_where_the_caller_allows_it() -> None:
    content = "naam;uren\nZoë – €;36\n".encode("cp1252")
    table = read_table(content, allow_cp1252=True)
    assert table.faults == ()
    assert [(warning.code, warning.line) for warning in table.warnings] == [("read_as_cp1252", 2)]
    assert table.rows[0].cells == ("Zoë – €", "36")


def test_windows_text_is_never_read_behind_a_utf8_mark_or_with_undefined_bytes() -> None:
    marked = BOM + "naam\nZoë\n".encode("cp1252")
    assert faults_of(marked, allow_cp1252=True) == [("not_utf8", 2, "")]
    assert faults_of(b"naam\n\x81\n", allow_cp1252=True) == [("not_utf8", 2, "")]


def test_utf16_of_excels_unicode_text_is_refused_as_not_utf8() -> None:
    assert faults_of("naam\turen\nJan\t3\n".encode("utf-16")) == [("not_utf8", 1, "")]


def test_a_dos_end_of_file_sign_is_no_content() -> None:
    assert rows_of(b"naam;uren\r\nJan;3\r\n\x1a") == [(2, ("Jan", "3"))]


def test_every_ragged_row_is_a_fault_with_its_line() -> None:
    content = b"naam;uren\nJan;3\nPiet\nKees;3;4\n"
    assert faults_of(content) == [
        ("wrong_number_of_cells", 3, ""),
        ("wrong_number_of_cells", 4, ""),
    ]


def test_too_few_cells_and_too_many_have_a_remedy_of_their_own() -> None:
    few, many = read_table(b"naam;uren\nPiet\nKees;3;4\n").faults
    assert "Is het bestand niet af?" in str(few)
    assert "tussen aanhalingstekens" in str(many)


def test_duplicate_and_nameless_columns_are_all_named() -> None:
    assert faults_of(b"Naam;uren;;NAAM ;Uren\n1;2;3;4;5\n") == [
        ("nameless_column", 1, ""),
        ("duplicate_column", 1, "NAAM"),
        ("duplicate_column", 1, "Uren"),
    ]


def test_wrong_quotes_hide_no_other_faults() -> None:
    content = b'naam;uren\n"Jan;3\nPiet\n"Kees"x;4\nJaap;"5"\nEva\n'
    assert faults_of(content) == [
        ("bad_quoting", 2, ""),
        ("wrong_number_of_cells", 3, ""),
        ("bad_quoting", 4, ""),
        ("wrong_number_of_cells", 6, ""),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "=HYPERLINK(1)",
        "+SOM(A1)",
        "-A1",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "-1+cmd",
        "\uff1d1",
        "=",
        "-2+3*x",
    ],
)
def test_a_formula_in_a_cell_is_a_fault_with_line_and_column(cell: str) -> None:
    content = f'naam;uren\nJan;3\n"{cell}";4\n'.encode()
    assert faults_of(content) == [("formula", 3, "naam")]


@pytest.mark.parametrize(
    "cell", ["-5,00", "-1.234,56", "+31 6 12345678", "+5", "-", "- 5,00", "-€ 5,00"]
)
def test_a_signed_number_is_no_formula(cell: str) -> None:
    assert rows_of(f"naam;uren\nJan;{cell}\n".encode()) == [(2, ("Jan", cell))]


def test_text_that_lost_its_letters_before_is_a_fault() -> None:
    assert faults_of("naam;uren\nZo\ufffd;3\n".encode()) == [("damaged_text", 2, "naam")]


def test_sizes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults_of(b"naam\nJan\n", max_bytes=8) == [("too_large", None, "")]
    assert faults_of(b"naam\nJan\nPiet\n", max_rows=1) == [("too_many_rows", 3, "")]
    assert faults_of(b"naam\n" + b"x" * (delimited.MAX_LINE + 1)) == [("line_too_long", 2, "")]
    wide = ";".join(f"k{number}" for number in range(delimited.MAX_COLUMNS + 1)).encode()
    assert faults_of(wide + b"\n") == [("too_many_columns", 1, "")]


def test_reading_stops_after_a_thousand_faults_and_says_so() -> None:
    faults = faults_of(b"naam;uren\n" + b"x\n" * 5_000)
    assert len(faults) == delimited.MAX_FAULTS + 1
    assert faults[-1] == ("more_faults", delimited.MAX_FAULTS + 2, "")


def test_every_message_can_be_shown() -> None:
    contents = [
        b"",
        b"PK\x03\x04",
        b"a\n\x00",
        b"a\n\xff",
        b'a;b\n1\n=1;2\n"x;1\n',
        b"a;;a\n",
        b"a\n",
    ]
    for content in contents:
        for fault in read_table(content).faults:
            assert "%(" not in str(fault)
            assert str(fault)


cells = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd=+-@＝＋－＠"
    ),
    max_size=12,
) | st.sampled_from(["a;b", "a,b", 'zei "ja"', "een\ntwee", "\t", "12,50"])
rows = st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8)


@given(
    rows=rows,
    delimiter=st.sampled_from([";", ",", "\t"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    mark=st.sampled_from([b"", BOM]),
)
def test_what_was_written_is_what_is_read(
    rows: list[tuple[str, ...]], delimiter: str, ending: str, quoting: int, mark: bytes
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["nr", "a", "b", "c"])
    for number, row in enumerate(rows, 1):
        writer.writerow([str(number), *row])
    table = read_table(mark + out.getvalue().encode())
    assert table.faults == ()
    written = [(str(number), *map(str.strip, row)) for number, row in enumerate(rows, 1)]
    assert [row.cells for row in table.rows] == written


@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_the_reader_stumble(content: bytes) -> None:
    table = read_table(content, allow_cp1252=True)
    assert table.rows or table.faults
    assert all(len(row.cells) == len(table.header) for row in table.rows)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+31 6", "-5", "@SUM(A1)", "\t=1", "gewoon", "", 'met ";" en\nregel', "'="]
)
def test_written_table_runs_nothing_and_is_read_back(cell: str) -> None:
    content = write_table([("naam", "waarde"), ("a", cell)])
    assert content.startswith(b"\xef\xbb\xbf")
    table = read_table(content)
    assert table.faults == ()
    written = table.rows[0].cells[1]
    assert written[:1] not in tuple("=+-@\t")
    assert read_text(written) == cell.strip() or read_text(written) == cell
