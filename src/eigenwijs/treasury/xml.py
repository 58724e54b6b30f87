"""Reading XML that somebody else made, without trusting it.

Bank files have no use for a document type, entities or another encoding than UTF-8, so all three
are refused before the parser sees them: entity bombs and reads of other files cannot happen.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _
from lxml import etree

from eigenwijs.kernel.errors import Fault

MAX_BYTES = 20_000_000
_DOCUMENT_TYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


def read_document(content: bytes, messages: tuple[str, ...]) -> etree._Element | Fault:
    """Return the root of an ISO 20022 document that is one of `messages`, or what is wrong.

    `messages` are names such as ``camt.053.001.08``. Fault codes: too_large, not_utf8,
    document_type, broken_xml, wrong_message.
    """
    if len(content) > MAX_BYTES:
        return Fault(
            "too_large",
            _("Het bestand is te groot: meer dan %(megabytes)d MB. Splits het in de bank per dag."),
            {"megabytes": MAX_BYTES // 1_000_000},
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(
            "not_utf8",
            _("Het bestand is geen UTF-8. Download het opnieuw bij de bank, als XML."),
            line=content.count(b"\n", 0, error.start) + 1,
        )
    if found := _DOCUMENT_TYPE.search(text):
        return Fault(
            "document_type",
            _(
                "Het bestand heeft een DOCTYPE of ENTITY. Een bank zet die er niet in. "
                "Gebruik dit bestand niet en meld het aan de beheerder."
            ),
            line=text.count("\n", 0, found.start()) + 1,
        )
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        return Fault(
            "broken_xml",
            _(
                "Dit is geen heel XML-bestand: het breekt af of klopt niet op regel %(line)d. Download "
                "het opnieuw bij de bank."
            ),
            {"line": error.lineno or 1},
            line=error.lineno or 1,
        )
    found_message = etree.QName(root).namespace or ""
    if found_message.removeprefix(_NAMESPACE) not in messages:
        return Fault(
            "wrong_message",
            _("Dit is %(found)s. Kies bij de bank het formaat %(wanted)s."),
            {"found": found_message or root.tag, "wanted": " / ".join(messages)},
            line=1,
        )
    _drop_namespaces(root)
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _drop_namespaces(root: etree._Element) -> None:
    """Leave local names only, so that every version is read with the same paths."""
    for element in root.iter("*"):
        element.tag = etree.QName(element).localname


def text_at(element: etree._Element, *paths: str) -> str:
    """Return the stripped text at the first of `paths` that has any, else an empty string."""
    for path in paths:
        found = (element.findtext(path) or "").strip()
        if found:
            return found
    return ""


def too_long(text: str, longest: int, line: int, name: str) -> Fault | None:
    """Return the fault of a value that is longer than the standard allows, or None."""
    if len(text) <= longest:
        return None
    return Fault(
        "too_long",
        _(
            "'%(value)s…' is langer dan %(longest)d tekens. Download het bestand opnieuw of "
            "vraag het de bank."
        ),
        {"value": text[:longest], "longest": longest},
        line,
        name,
    )


def line_of(element: etree._Element) -> int:
    """Return the line of the file on which `element` starts."""
    line: int | None = element.sourceline  # type: ignore[assignment]
    return line or 1
