"""No form says Django's own words: every message tells in our voice what to fill in."""

from __future__ import annotations

import gettext
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import django
from django import forms
from django.utils.translation import override

from eigenwijs import web
from tests.architecture.source import assert_none


def form_classes() -> list[type[forms.BaseForm]]:
    """Every form of a module of ours."""
    for module in pkgutil.walk_packages(web.__path__, "eigenwijs.web."):
        if module.name.rsplit(".")[-1] != "migrations":
            importlib.import_module(module.name)
    found, waiting = [], list(forms.BaseForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("eigenwijs."):
            found.append(form)
    return sorted(set(found), key=lambda form: (form.__module__, form.__qualname__))


def django_words() -> frozenset[str]:
    """Everything that Django itself says, in Dutch and in English."""
    path = Path(django.__file__).parent / "conf/locale/nl/LC_MESSAGES/django.mo"
    with path.open("rb") as stream:
        catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    sources = (key[0] if isinstance(key, tuple) else key for key in catalog)
    return frozenset([*filter(None, sources), *filter(None, catalog.values())])


def faults(name: str, field: forms.Field, known: frozenset[str]) -> Iterator[str]:
    """Name every message of a field that is Django's."""
    for code, message in field.error_messages.items():
        if str(message) in known:
            yield f"{name}: {code}: {message}"
    for validator in field.validators:
        code = getattr(validator, "code", "invalid")
        if code not in field.error_messages and str(getattr(validator, "message", "")) in known:
            yield f"{name}: {code}: {validator.message}"


def test_no_form_speaks_django() -> None:
    classes, known = form_classes(), django_words()
    assert len(classes) > 30
    with override("nl"):
        assert_none(
            fault
            for form in classes
            for name, field in form.base_fields.items()
            for fault in faults(f"{form.__module__}.{form.__qualname__}.{name}", field, known)
        )


def test_a_planted_message_of_django_is_found() -> None:
    class Planted(forms.IntegerField):
        default_error_messages = {"invalid": "Enter a whole number."}  # noqa: RUF012

    assert list(faults("planted", Planted(), django_words()))


def test_a_field_says_what_to_fill_in() -> None:
    class Form(forms.Form):
        day = forms.DateField(label="Dag")
        hours = forms.IntegerField()

    form = Form({"day": "", "hours": "veel"})
    with override("nl"):
        assert form.errors["day"] == ["Vul een datum in, bijvoorbeeld 17-05-1990."]
        assert form.errors["hours"] == ["Vul een heel getal in, bijvoorbeeld 25."]
