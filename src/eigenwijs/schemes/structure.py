"""What is wrong in the build of a text: keys, types, and formulas that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes import blocks
from eigenwijs.schemes.expressions import UnreadableExpression, names_in, parse
from eigenwijs.schemes.facts import COURSE_FACTS, PERSON_FACTS, Kind
from eigenwijs.schemes.kinds import Measured, WrongExpression, look_up, nearest
from eigenwijs.schemes.reading import Document, Path, Tree

_PROBLEMS: dict[str, object] = {
    **blocks.PROBLEMS,
    "missing": _("‘%(field)s’ ontbreekt."),
    "extra_forbidden": _("‘%(field)s’ bestaat hier niet. Mag wel: %(allowed)s."),
    "extra_nearest": _(
        "‘%(field)s’ bestaat hier niet. Bedoel je ‘%(nearest)s’? Mag wel: %(allowed)s."
    ),
    "literal_error": _("‘%(text)s’ mag hier niet. Mag wel: %(allowed)s."),
    "enum": _("‘%(text)s’ mag hier niet. Mag wel: %(allowed)s."),
    "string_pattern_mismatch": _(
        "‘%(text)s’ is geen goede naam. Gebruik kleine letters, cijfers en het teken dat hier past."
    ),
    "string_too_short": _("Hier hoort tekst."),
    "string_too_long": _("Deze tekst is te lang."),
    "string_type": _("Hier hoort tekst, geen lijst of blok."),
    "list_type": _("Hier hoort een lijst: [a, b] of regels die met een streepje beginnen."),
    "too_short": _("Hier hoort minstens één regel."),
    "int_parsing": _("‘%(text)s’ is geen heel getal."),
    "greater_than_equal": _("‘%(text)s’ is te klein: minstens %(least)s."),
    "less_than_equal": _("‘%(text)s’ is te groot: hooguit %(most)s."),
    "not_a_period": _("‘%(text)s’ is geen periode. Schrijf 2026-03, 2026-P03, 2026-Q1 of 2026."),
    "not_a_block": _("Hier hoort een blok met deze namen: %(allowed)s."),
    "other": _("‘%(text)s’ mag hier niet."),
}


def structural_faults(
    document: Document, error: ValidationError, model: type[BaseModel]
) -> Iterator[Fault]:
    """Put what pydantic refuses in our own words, with line and block."""
    for item in error.errors(include_url=False):
        path: Path = tuple(part for part in item["loc"] if part != "[key]")
        context = item.get("ctx", {})
        kind, field = item["type"], str(path[-1]) if path else ""
        params: dict[str, object] = {
            "field": field,
            "text": _short(context.get("text", item["input"])),
            "nearest": "",
            "allowed": context.get("expected", ""),
            "least": context.get("ge", ""),
            "most": context.get("le", ""),
        }
        if kind == "extra_forbidden":
            allowed = _keys_at(model, path[:-1])
            near = nearest(field, allowed)
            params |= {"allowed": ", ".join(allowed), "nearest": near}
            kind = "extra_nearest" if near else kind
        elif kind in ("model_type", "dict_type", "model_attributes_type"):
            kind, params["allowed"] = "not_a_block", ", ".join(_keys_at(model, path))
        code = kind if kind in _PROBLEMS else "other"
        yield Fault(code, _PROBLEMS[code], params, document.line(path), label(path))


def formula_faults(document: Document, structural: list[Fault]) -> Iterator[Fault]:
    """Also where blocks are wrong, name the formulas that cannot be read or name what is not there."""
    told = {fault.field_name for fault in structural}
    tree = document.tree if isinstance(document.tree, dict) else {}
    parameters = tree.get("parameters")
    names = {*PERSON_FACTS, *COURSE_FACTS, *(parameters if isinstance(parameters, dict) else ())}
    labels = {value for fact in PERSON_FACTS.values() for value in fact.labels}
    known = {name: Measured(Kind.NUMBER) for name in names}
    for path, text in _formulas(tree, ()):
        if label(path) in told:
            continue
        try:
            for name in sorted(names_in(parse(text)) - labels):
                look_up(name, known)
        except (UnreadableExpression, WrongExpression) as error:
            yield Fault(error.code, error.message, error.params, document.line(path), label(path))


def _formulas(tree: Tree, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the texts that stand where a formula belongs."""
    if isinstance(tree, str):
        if path and path[-1] in ("when", "amount", "otherwise", "by", "full_from", "use"):
            yield path, tree
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from _formulas(item, (*path, index))
    else:
        for key, item in tree.items():
            yield from _formulas(item, (*path, key))


def _short(value: object) -> str:
    return str(value)[:60] if isinstance(value, str | int) else "…"


def label(path: Path) -> str:
    """Write a path as names and places with dots, places counting from 1."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in path)


def _keys_at(root: type[BaseModel], path: Path) -> list[str]:
    """Return the keys the block at `path` may have, by walking the types from `root`."""
    model: Any = root
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = field.annotation if field else None
        model = _inner_model(model)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []


def _inner_model(annotation: Any) -> Any:
    """Return the block within ``X | None``, ``list[X]``, ``dict[K, X]`` or an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in reversed(getattr(annotation, "__args__", ())):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None
