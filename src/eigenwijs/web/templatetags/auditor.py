"""Words of the books for the auditor's templates: `{% load auditor %}`."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import get_language

from eigenwijs.ledger.types import AccountKind, Happened
from eigenwijs.people.types import Role
from eigenwijs.schemes import queries as schemes
from eigenwijs.schemes.types import Step
from eigenwijs.web.auditor import words
from eigenwijs.web.employer.home import DELIVERY_STATES
from eigenwijs.web.notas import REQUEST_STATES

register = template.Library()

_ROLES: dict[str, str | Promise] = {role.value: role.label for role in Role}


@register.filter
def event_word(happened: Happened) -> str | Promise:
    """`{{ line.happened|event_word }}`: Vastgezet voor een boeking."""
    return words.event(happened)


@register.filter
def kind_word(kind: AccountKind) -> str | Promise:
    """`{{ account.kind|kind_word }}`: Buffer van de stichting."""
    return words.KINDS[kind]


@register.filter
def breach_word(code: str) -> str | Promise:
    """`{{ breach.code|breach_word }}`: what is wrong; its code where nobody named it."""
    return words.BREACHES.get(code, code)


@register.filter
def delivery_word(state: str) -> str | Promise:
    """`{{ step.state|delivery_word }}`: verwerkt."""
    return DELIVERY_STATES[state][0]


@register.filter
def request_word(state: str) -> str | Promise:
    """`{{ step.state|request_word }}`: betaald."""
    return REQUEST_STATES[state][0]


@register.filter
def role_word(role: str) -> str | Promise:
    """`{{ who.role|role_word }}`: Financiën."""
    return _ROLES.get(role, role)


@register.filter
def explained(steps: tuple[Step, ...]) -> list[str]:
    """`{{ due.steps|explained }}`: the sentences that the worker reads."""
    return schemes.explain(steps, "nl" if get_language() == "nl" else "en")
