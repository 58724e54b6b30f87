"""What templates need beyond Django: amounts and dates as people write them, and form controls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from html import unescape

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.html import conditional_escape, escape, format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.period import Period
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import BETWEEN_PLACES
from eigenwijs.schemes.types import in_unit as write_in_unit

register = template.Library()

_HEAD = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROW_OR_CELL = re.compile(r"<(tr|th|td)\b([^>]*)>")


@register.filter
def money(amount: Money) -> str:
    """`{{ amount|money }}`: € 1.250,00."""
    return wording.money(amount)


@register.filter
def signed(amount: Money) -> str:
    """`{{ amount|signed }}`: + € 1.250,00."""
    return wording.money(amount, signed=True)


@register.filter
def day(value: date | datetime) -> str:
    """`{{ value|day }}`: 3 maart 2027."""
    return wording.day(value)


@register.filter
def moment(value: datetime) -> str:
    """`{{ value|moment }}`: 3 maart 2027, 14:05."""
    return wording.moment(value)


@register.filter
def period(value: Period) -> str:
    """`{{ value|period }}`: maart 2026."""
    return wording.period(value)


@register.filter
def hours(hundredths: int) -> str:
    """`{{ value|hours }}`: 24 uur."""
    return wording.hours(hundredths)


@register.filter
def iban(value: str) -> str:
    """`{{ value|iban }}`: NL91 ABNA 0417 1643 00."""
    return wording.iban(value)


@register.filter
def in_unit(amount: Money | int, unit: str) -> str:
    """`{{ total.amount|in_unit:total.unit }}`: € 175,00, 25 uur or 2,5 dagen; a bare number is hundredths."""
    return write_in_unit(amount if isinstance(amount, int) else amount.cents, unit)


@register.filter
def grouped(number: int) -> str:
    """`{{ count|grouped }}`: 1.250."""
    return wording.grouped(number)


@register.filter
def localised(texts: Mapping[str, str]) -> str:
    """`{{ pot.title|localised }}`: the text in the language of the page, else in English."""
    return texts.get(get_language() or "nl", texts["en"])


@register.filter
def place(article: str) -> str:
    """`{{ reason.article|place }}`: artikel 4; an address on the web becomes a link with words."""
    return format_html_join(
        BETWEEN_PLACES, "{}", ((_place(one),) for one in article.split(BETWEEN_PLACES))
    )


def _place(article: str) -> str:
    words = schemes.place(article)
    if not article.startswith(("https://", "http://")):
        return words
    text = gettext("Lees het op %(site)s") % {"site": words}
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', article, text)


@register.filter
def control(field: BoundField) -> str:
    """Which of the five looks a form field has."""
    widget = field.field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Select):
        return "select"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    return "file" if isinstance(widget, forms.FileInput) else "textbox"


@register.filter
def lead_in(label: str) -> str:
    """`{{ field.label|lead_in }}`: a label before its message; a question needs no colon."""
    return label if label.endswith("?") else f"{label.removesuffix('.')}:"


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The form field's control with the classes of its look; ids and aria are Django's own."""
    look = control(field)
    classes = [str(field.field.widget.attrs.get("class", ""))]
    if look in ("textbox", "textarea", "select"):
        variant = {"textbox": "html-input", "textarea": "html-textarea", "select": "html-select"}
        classes += [f"utrecht-{look}", f"utrecht-{look}--{variant[look]}"]
    if field.errors and look in ("textbox", "textarea", "select"):
        classes.append(f"utrecht-{look}--invalid")
    if isinstance(field.field, (forms.DateField, forms.DecimalField, forms.IntegerField)):
        classes.append("field--short")
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """`{% query page=2 %}`: this page's own query string with some values changed, or dropped."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            values.pop(name, None)
        else:
            values[name] = str(value)
    return f"?{values.urlencode()}"


@register.filter
def labelled(rows: str, head: str) -> SafeString:
    """`{{ slot|labelled:head }}`: the rows of a table, each cell with the head of its column.

    A narrow window shows a row as a card, with the label beside the value. The roles are those that
    the elements have already: some browsers forget them where the style is no longer a table's.
    """
    labels = [escape(unescape(strip_tags(cell)).strip()) for cell in _HEAD.findall(head)]
    column = 0

    def dress(found: re.Match[str]) -> str:
        nonlocal column
        tag, attributes = found.groups()
        if tag == "tr":
            column = 0
            return f'<tr role="row"{attributes}>'
        if 'scope="col"' in attributes:
            return f'<th role="columnheader"{attributes}>'
        label = labels[column] if column < len(labels) and "colspan=" not in attributes else ""
        span = re.search(r'colspan="(\d+)"', attributes)
        column += int(span[1]) if span else 1
        role = "rowheader" if tag == "th" else "cell"
        return f'<{tag} role="{role}" data-label="{label}"{attributes}>'

    return SafeString(_ROW_OR_CELL.sub(dress, conditional_escape(rows)))
