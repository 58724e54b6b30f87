"""On a narrow screen a row of a staff table is a card: each cell carries the label of its column."""

from __future__ import annotations

from html.parser import HTMLParser

from django.utils.safestring import SafeString

from eigenwijs.web.templatetags.eigenwijs import labelled

HEAD = '<th scope="col">Nota</th><th scope="col" class="number">Bedrag, in "euro"</th>'


class Cells(HTMLParser):
    """The role and the label of every row and cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("tr", "th", "td"):
            self.found.append((tag, given.get("role") or "", given.get("data-label")))


def dressed(rows: str, head: str = HEAD) -> list[tuple[str, str, str | None]]:
    return Cells(labelled(SafeString(rows), head)).found


def test_every_cell_carries_the_label_of_its_column() -> None:
    rows = '<tr><th scope="row">12</th><td class="number">€ 5,00</td></tr>'
    row = [("tr", "row", None), ("th", "rowheader", "Nota"), ("td", "cell", 'Bedrag, in "euro"')]
    assert dressed(rows * 2) == row * 2


def test_the_head_has_roles_and_no_labels() -> None:
    assert dressed(HEAD, "") == [("th", "columnheader", None)] * 2


def test_a_cell_over_several_columns_has_no_label_and_is_counted() -> None:
    head = '<th scope="col">Nota</th>' + HEAD
    foot = '<tr><th scope="row" colspan="2">Samen</th><td>€ 5,00</td></tr>'
    assert dressed(foot, head)[1:] == [
        ("th", "rowheader", ""),
        ("td", "cell", 'Bedrag, in "euro"'),
    ]


def test_a_text_that_is_not_safe_is_escaped() -> None:
    assert "<script" not in labelled("<script>", "")
