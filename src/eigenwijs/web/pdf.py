"""Pages on paper: a typst document of ours, filled with plain values, as an accessible PDF (PDF/UA-1).

Documents stand in `documents` folders and start from `/documents/house.typ`. Values arrive as data,
never as markup: whatever a name holds, it stays text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language

WEB = Path(__file__).parent
FONTS = WEB / "static" / "fonts" / "pdf"


def pdf(document: str, values: Mapping[str, Any]) -> bytes:
    """Return `document` (a path below this room) filled with `values`, in the language in force."""
    data = {"operator": settings.OPERATOR_NAME, "language": get_language() or "nl", **values}
    result = typst.compile(
        str(WEB / document),
        root=str(WEB),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        format="pdf",
        pdf_standards="ua-1",
    )
    return bytes(result)


def pdf_response(document: str, values: Mapping[str, Any], file_name: str) -> HttpResponse:
    """Return the same as a download called `file_name`.pdf."""
    response = HttpResponse(pdf(document, values), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{file_name}.pdf"'
    return response
