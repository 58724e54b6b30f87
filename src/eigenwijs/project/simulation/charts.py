"""Bars as inline SVG, with a title that says the finding and the same figures as a table below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDTH, LABELS, BAR, GAP = 640, 190, 18, 6
ROOM_FOR_FIGURE = 150
PATTERNS = ("url(#solid)", "url(#stripes)", "url(#dots)", "url(#grid)")


@dataclass(frozen=True, slots=True)
class Bars:
    """One row of bars, one for each proposal: figures, how the table has them, and how the bars do."""

    label: str
    figures: tuple[float, ...]
    written: tuple[str, ...]
    short: tuple[str, ...]


def chart(number: int, title: str, series: Sequence[str], rows: Sequence[Bars]) -> SafeString:
    """Return a figure: its finding, the bars, and the table that says the same.

    Proposals differ by letter and pattern, never by colour alone.
    """
    head = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in series))
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (row.label, format_html_join("", "<td>{}</td>", ((one,) for one in row.written)))
            for row in rows
        ),
    )
    return format_html(
        '<figure><figcaption id="t{}">{}</figcaption>'
        '<div class="wide" tabindex="0" role="region" aria-labelledby="t{}">{}'
        "<table><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div></figure>",
        number,
        title,
        number,
        _svg(number, series, rows),
        head,
        body,
    )


def _svg(number: int, series: Sequence[str], rows: Sequence[Bars]) -> SafeString:
    most = max((figure for row in rows for figure in row.figures), default=0) or 1
    parts, top = [], 0
    for row in rows:
        parts.append(format_html('<text x="0" y="{}">{}</text>', top + BAR - 4, _short(row.label)))
        for place, (figure, written) in enumerate(zip(row.figures, row.short, strict=True)):
            length = round(figure / most * (WIDTH - LABELS - ROOM_FOR_FIGURE))
            parts.append(
                format_html(
                    '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="currentColor"/>'
                    '<text x="{}" y="{}">{} {}</text>',
                    LABELS,
                    top,
                    length,
                    BAR - 2,
                    PATTERNS[place % len(PATTERNS)],
                    LABELS + length + 6,
                    top + BAR - 4,
                    chr(ord("A") + place),
                    written,
                )
            )
            top += BAR
        top += GAP
    legend = ", ".join(series)
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="t{} d{}"><desc id="d{}">{}</desc>{}</svg>',
        WIDTH,
        max(top, 1),
        number,
        number,
        number,
        legend,
        mark_safe("".join(parts)),  # noqa: S308  (made by format_html)
    )


def _short(label: str) -> str:
    return label if len(label) <= 24 else label[:23] + "…"


DEFINITIONS = mark_safe(  # a constant of our own
    '<svg class="none" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="solid" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<rect width="4" height="4" fill="#123a5c"/></pattern>'
    '<pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff"/><path d="M0 6 6 0" stroke="#a33b00" stroke-width="2"/>'
    '</pattern><pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.6" fill="#1f5c2e"/></pattern>'
    '<pattern id="grid" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#fff"/><path d="M0 3h6M3 0v6" stroke="#4b2a7b"/></pattern>'
    "</defs></svg>"
)
"""The patterns of the bars; once on a page."""
