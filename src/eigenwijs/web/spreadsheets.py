"""Lists as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from eigenwijs.kernel.delimited import write_table
from eigenwijs.kernel.money import Money


def decimal(amount: Money) -> str:
    """An amount as a cell, and as somebody would type it: 1250,00."""
    euros, cents = divmod(abs(amount.cents), 100)
    return f"{'-' if amount.cents < 0 else ''}{euros},{cents:02d}"


def spreadsheet(name: str, lines: Iterable[Sequence[object]]) -> HttpResponse:
    """Hand out `lines`, the heads first, as the file `name`.csv that a Dutch spreadsheet opens."""
    content = write_table([str(cell) for cell in line] for line in lines)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
