"""What is wrong in the build of a text: keys, types, and formulas that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes.advance_checks import advance_faults
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.conditions import Milestone
from eigenwijs.schemes.expressions import UnreadableExpression, names_in, parse
from eigenwijs.schemes.facts import CONFIDED_FACTS, PERSON_FACTS, SPEND_FACTS, Kind
from eigenwijs.schemes.job_end_checks import job_end_faults
from eigenwijs.schemes.kinds import Measured, WrongExpression, look_up, nearest
from eigenwijs.schemes.reading import Document, Path, formulas, label
from eigenwijs.schemes.time_checks import closed_facts, time_faults
from eigenwijs.schemes.units import TIME_UNITS
from eigenwijs.schemes.values import PROBLEMS

_PROBLEMS: dict[str, object] = {
    **PROBLEMS,
    "missing": _("‘%(field)s’ ontbreekt."),
    "extra_forbidden": _("‘%(field)s’ bestaat hier niet. Mag wel: %(allowed)s."),
    "literal_error": _("‘%(text)s’ mag hier niet. Mag wel: %(allowed)s."),
    "enum": _("‘%(text)s’ mag hier niet. Mag wel: %(allowed)s."),
    "string_pattern_mismatch": _(
        "‘%(text)s’ is geen goede naam. Gebruik kleine letters en cijfers, zoals in %(example)s."
    ),
    "string_too_short": _("Hier hoort tekst."),
    "string_too_long": _("Deze tekst is te lang: hooguit %(most)s tekens."),
    "string_type": _("Hier hoort tekst, geen lijst of blok."),
    "list_type": _("Hier hoort een lijst: [a, b] of regels die met een streepje beginnen."),
    "too_short": _("Hier hoort minstens één regel."),
    "int_parsing": _("‘%(text)s’ is geen heel getal. Schrijf bijvoorbeeld 12."),
    "greater_than_equal": _("‘%(text)s’ is te klein: minstens %(least)s."),
    "less_than_equal": _("‘%(text)s’ is te groot: hooguit %(most)s."),
    "not_a_period": _("‘%(text)s’ is geen periode. Schrijf 2026-03, 2026-P03, 2026-Q1 of 2026."),
    "not_a_block": _("Hier hoort een blok met deze namen: %(allowed)s."),
    "other": _("‘%(text)s’ mag hier niet."),
}
_PROBLEMS_WITH_NEAREST: dict[str, object] = {
    "extra_forbidden": _(
        "‘%(field)s’ bestaat hier niet. Bedoel je ‘%(nearest)s’? Mag wel: %(allowed)s."
    ),
    **dict.fromkeys(
        ("literal_error", "enum"),
        _("‘%(text)s’ mag hier niet. Bedoel je ‘%(nearest)s’? Mag wel: %(allowed)s."),
    ),
}
_ONE_PROBLEM = {
    **dict.fromkeys(("model_type", "dict_type", "model_attributes_type"), "not_a_block"),
    **dict.fromkeys(("int_type", "int_from_float", "int_parsing_size"), "int_parsing"),
}
"""What pydantic calls differently and people need not."""


def structural_faults(
    document: Document, error: ValidationError, model: type[BaseModel]
) -> Iterator[Fault]:
    """Put what pydantic refuses in our own words, with line and block."""
    for item in error.errors(include_url=False):
        path: Path = tuple(part for part in item["loc"] if part != "[key]")
        context = item.get("ctx", {})
        kind, field = _ONE_PROBLEM.get(item["type"], item["type"]), str(path[-1]) if path else ""
        text = _short(context.get("text", item["input"]))
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        if kind in ("extra_forbidden", "not_a_block"):
            allowed = _keys_at(model, path[:-1] if kind == "extra_forbidden" else path)
        near = nearest(field if kind == "extra_forbidden" else text, allowed)
        code = kind if kind in _PROBLEMS else "other"
        message = _PROBLEMS_WITH_NEAREST.get(code) if near else None
        yield document.fault(
            path,
            code,
            message or _PROBLEMS[code],
            field=field,
            text=text,
            nearest=near,
            allowed=", ".join(allowed),
            least=context.get("ge", ""),
            most=context.get("le", context.get("max_length", "")),
            example="nl/supermarkt" if "/" in str(context.get("pattern")) else "per_year",
        )


def formula_faults(document: Document, structural: list[Fault]) -> Iterator[Fault]:
    """Also where blocks are wrong, name the formulas that cannot be read or name what is not there."""
    told = {fault.field_name for fault in structural}
    tree = document.tree if isinstance(document.tree, dict) else {}
    parameters = tree.get("parameters")
    names = {*PERSON_FACTS, *SPEND_FACTS, *(parameters if isinstance(parameters, dict) else ())}
    labels = {value for fact in PERSON_FACTS.values() for value in fact.labels}
    known = {name: Measured(Kind.NUMBER) for name in names}
    for path, text in formulas(tree, ()):
        if label(path) in told:
            continue
        try:
            for name in sorted(names_in(parse(text)) - labels):
                look_up(name, known)
        except (UnreadableExpression, WrongExpression) as error:
            yield document.fault(path, error.code, error.message, **error.params)


def block_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    """Name the blocks that need each other, exclude each other or have the same name."""
    for name in (CONFIDED_FACTS - closed_facts(scheme)) & scheme.absent.keys():
        if scheme.absent[name].not_eligible:
            yield document.fault(
                ("absent", name),
                "absent_confided",
                _(
                    "Wie niets vertelt over ‘%(name)s’, mag niet buiten de regeling vallen. Schrijf "
                    "‘use’ in plaats van ‘not_eligible’."
                ),
                name=name,
            )
    yield from _unit_faults(document, scheme)
    yield from _again_faults(document, scheme)
    yield from _reference_faults(document, scheme)
    yield from _credited_faults(document, scheme)
    yield from _orders_faults(document, scheme)
    yield from _milestone_faults(document, scheme)
    yield from _completion_faults(document, scheme)
    yield from _expiry_faults(document, scheme)
    yield from job_end_faults(document, scheme)
    yield from advance_faults(document, scheme)
    yield from time_faults(document, scheme)
    if scheme.expiry and not scheme.reversion and scheme.unit not in TIME_UNITS:
        yield document.fault(
            ("expiry",),
            "reversion_missing",
            _("Geld dat vervalt gaat ergens heen. Zeg het met reversion."),
        )
    if scheme.reversion and not scheme.expiry:
        yield document.fault(
            ("reversion",), "expiry_missing", _("reversion werkt alleen samen met expiry.")
        )
    identifiers: dict[Path, list[str]] = {
        ("credit",): [credit.id for credit in scheme.credit],
        ("eligible",): [rule.id for rule in scheme.eligible],
        ("spend", "only"): [limit.id for limit in scheme.spend.only],
    }
    if scheme.spend.own:
        identifiers["spend", "own", "unless"] = [one.id for one in scheme.spend.own.unless]
    if scheme.ceiling:
        identifiers["ceiling", "groups"] = [group.id for group in scheme.ceiling.groups]
    for index, credit in enumerate(scheme.credit):
        identifiers["credit", index, "extra"] = [extra.id for extra in credit.extra]
    for path, names in identifiers.items():
        for index, name in _doubles(names):
            message = _("‘%(id)s’ staat er twee keer. Geef elke regel een eigen naam.")
            yield document.fault((*path, index), "twice", message, id=name)
    for key, words in (("periods", scheme.periods), ("signed_by", scheme.signed_by)):
        for index, word in _doubles(words):
            message = _("‘%(key)s’ staat er twee keer. Haal er een weg.")
            yield document.fault((key, index), "twice", message, key=word)


def _doubles(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield what stands in a list before, with its index."""
    for index, name in enumerate(names):
        if name in names[:index]:
            yield index, str(name)


def _reference_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    name = "contract_hours_reference"
    counts = name in scheme.absent or any(name in text for text in scheme.person_expressions)
    if counts and scheme.reference_date is None:
        yield document.fault(
            ("absent", "contract_hours_reference"),
            "reference_date_missing",
            _(
                "De regeling rekent met de uren op een peildatum. Zeg met reference_date welke dag dat is."
            ),
        )
    if scheme.reference_date and not counts:
        yield document.fault(
            ("reference_date",),
            "reference_date_useless",
            _("Geen formule noemt ‘contract_hours_reference’. Haal reference_date weg."),
        )


def _milestone_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    parts = scheme.spend.milestones.parts if scheme.spend.milestones else []
    moments = [part.at for part in parts]
    if moments != [one.value for one in Milestone if one in moments]:
        yield document.fault(
            ("spend", "milestones", "parts"),
            "milestones_order",
            _("Noem elk moment één keer, in deze volgorde: started, halfway, completed."),
        )
    total = sum(part.percent for part in parts)
    if parts and total != 100:
        yield document.fault(
            ("spend", "milestones", "parts"),
            "milestones_hundred",
            _("De delen zijn samen %(total)s procent. Maak er 100 van."),
            total=total,
        )


def _completion_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    milestones = scheme.spend.milestones
    if scheme.spend.completion and not (milestones and milestones.percent_at("completed")):
        yield document.fault(
            ("spend", "completion"),
            "completion_pays_nothing",
            _(
                "Geen deel wordt betaald bij completed. Zeg dat met milestones, of haal completion weg."
            ),
        )


def _again_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    for index, credit in enumerate(scheme.credit):
        if credit.again_after_years is not None and credit.per != "once":
            yield document.fault(
                ("credit", index, "again_after_years"),
                "again_needs_once",
                _("again_after_years hoort bij per: once."),
            )
    if scheme.again_after and scheme.cap and scheme.cap.ever:
        yield document.fault(
            ("cap", "ever"),
            "ever_and_again",
            _("Wat na jaren opnieuw komt, heeft geen hoogste bedrag voor altijd. Haal ever weg."),
        )


def _unit_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    for name, parameter in scheme.parameters.items():
        if parameter.unit == "EUR" != scheme.unit:
            yield document.fault(
                ("parameters", name, "unit"),
                "other_unit",
                _("Deze regeling telt geen euro maar %(unit)s. Schrijf unit: amount."),
                unit=scheme.unit,
            )


def _credited_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    found = scheme.credited
    if found and (found.months_after is None) == (found.next_year_on is None):
        yield document.fault(
            ("credited",),
            "credited_once",
            _(
                "Zeg op één manier wanneer geld op de rekening komt: months_after (maanden na de "
                "periode) of next_year_on (een dag van het jaar daarna)."
            ),
        )


def _orders_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    orders = scheme.orders
    if orders is None:
        return
    if not (orders.answer or orders.accept or orders.withdraw or orders.cancel):
        message = _(
            "Hier staat niets. Schrijf answer, accept, withdraw of cancel, of haal orders weg."
        )
        yield document.fault(("orders",), "orders_empty", message)
    either = _("Schrijf gewone dagen of werkdagen, precies één van de twee.")
    term = orders.withdraw
    if term and (term.days is None) == (term.working_days is None):
        yield document.fault(("orders", "withdraw"), "days_once", either)
    before: dict[bool, tuple[int, int]] = {}
    for index, step in enumerate(orders.cancel.steps if orders.cancel else ()):
        here: Path = ("orders", "cancel", "steps", index)
        if (step.days_before is None) == (step.working_days_before is None):
            yield document.fault(here, "days_once", either)
            continue
        is_working = step.working_days_before is not None
        days, percent = before.get(is_working, (step.days + 1, 0))
        if step.days >= days or step.percent < percent:
            message = _(
                "Later stoppen kost nooit minder: begin met de stap het verst voor de start, en laat het "
                "percentage daarna niet dalen."
            )
            yield document.fault((*here, "percent"), "later_costs_less", message)
        before[is_working] = (step.days, step.percent)


def _expiry_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    expiry = scheme.expiry
    if expiry is None:
        return
    said = [
        expiry.after_months,
        expiry.on,
        expiry.end_of_year_after,
        expiry.at_age,
        expiry.months_after_job,
    ]
    if len([one for one in said if one is not None]) != 1:
        yield document.fault(
            ("expiry",),
            "expiry_once",
            _(
                "Zeg op één manier wanneer geld eindigt: after_months (maanden na het "
                "bijschrijven), on (een dag), end_of_year_after (31 december, zo veel jaar later), "
                "at_age (de dag voor die verjaardag) of months_after_job (maanden na de baan)."
            ),
        )
    elif expiry.on and expiry.on <= scheme.starts:
        yield document.fault(
            ("expiry", "on"),
            "ends_before_start",
            _("Het geld eindigt voor de regeling begint, op %(starts)s. Kies een latere dag."),
            starts=scheme.starts.isoformat(),
        )


def _short(value: object) -> str:
    return str(value)[:60] if isinstance(value, str | int) else "…"


def _keys_at(root: type[BaseModel], path: Path) -> list[str]:
    """Return the keys the block at `path` may have, by walking the types from `root`."""
    model: type[BaseModel] | None = root
    is_place = False  # in a list or dictionary, which has no keys of its own
    for part in path:
        if is_place:
            is_place = False
        elif model is not None:
            field = model.model_fields.get(str(part))
            model, is_place = _inner_model(field.annotation) if field else (None, False)
    return list(model.model_fields) if model is not None else []


def _inner_model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the block within a type, and whether a list or dictionary stands around it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for argument in reversed(get_args(annotation)):
        found, is_inside = _inner_model(argument)
        if found is not None:
            return found, is_inside or get_origin(annotation) in (list, dict)
    return None, False
