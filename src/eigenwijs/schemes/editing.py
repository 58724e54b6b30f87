"""Changing a scheme's text by choices, so that who negotiates need not write YAML. Pure.

The text stays the law: a choice changes the text, with its comments, and the text is checked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from eigenwijs.schemes.blocks import Parameter, Scheme
from eigenwijs.schemes.checking import FaultyScheme, check
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.types import SchemeChoices, SchemeFigure, SchemeRule

_LEFT_OVER = frozenset({"unused", "absent_useless"})
"""Faults that say that a part is no longer needed, as what needed it was left out."""
WIDTH = 4096


class _AllText(VersionedResolver):
    """Numbers and dates stay the text that they are, so that 175.00 does not become 175.0."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Tag:
        as_written = (False, False) if kind is ScalarNode else implicit
        found: Tag = super().resolve(kind, value, as_written)
        return found

    @property
    def versioned_resolver(self) -> dict[str, Any]:
        return {}


def choices(scheme: Scheme, on: date) -> SchemeChoices:
    """Return what can be chosen in a scheme: its figures on a day, its conditions, what money is for, its end.

    Money goes back to the employer only where a text says so already: that is asked for in the text itself.
    """
    figures = []
    first = max(on, scheme.starts)
    for name, parameter in scheme.parameters.items():
        figure = parameter.at(first)
        if figure is not None:
            label = parameter.label.model_dump() if parameter.label else {"nl": name, "en": name}
            later = {
                day.isoformat(): _written(parameter, changed)
                for day in sorted(parameter.values)
                if day > first and (changed := parameter.at(day)) is not None
            }
            value = _written(parameter, figure)
            unit = scheme.unit if parameter.is_amount else parameter.unit
            figures.append(SchemeFigure(name, label, unit, value, later))
    rules = [SchemeRule(one.id, one.when, one.otherwise.model_dump()) for one in scheme.eligible]
    expiry = scheme.expiry
    return SchemeChoices(
        figures=tuple(figures),
        rules=tuple(rules),
        work_related_only=scheme.spend.work_related_only,
        ends=expiry is not None,
        end_months=expiry.after_months if expiry else None,
        returns_to=scheme.reversion.to if scheme.reversion else None,
        receivers=("sector_fund", "state", *(["employer"] if scheme.goes_back_to_employer else [])),
    )


def _written(parameter: Parameter, figure: Any) -> str:
    if parameter.is_amount:
        return f"{int(figure) // 100}.{int(figure) % 100:02d}"
    return str(figure) if figure.denominator == 1 else _decimal(figure)


def _decimal(figure: Any) -> str:
    """Write a fraction with a point where that is exact, else as a fraction."""
    for digits in range(1, 13):
        scaled = figure * 10**digits
        if scaled.denominator == 1:
            whole, rest = divmod(int(scaled), 10**digits)
            return f"{whole}.{rest:0{digits}d}"
    return str(figure)


def with_choices(
    text: str,
    *,
    on: date,
    figures: Mapping[str, str],
    without: frozenset[str],
    end_months: int | None,
    returns_to: str | None = None,
    work_related_only: bool | None = None,
    source: str,
) -> str:
    """Return the text with other figures from a day on, without some conditions, with another end of money.

    `figures` has them by name as they would be written; those that are the same on that day change
    nothing. `end_months` is after how many months money ends, None for never; an end that the text says
    in another way (a day, the end of a year, an age) stays where it is None. `returns_to` is who receives what
    ends, `work_related_only` what money is for; None leaves either as it is. `source` is said for what is
    new. What nobody names any more is left out. Raises FaultyScheme where the new text is no good.
    """
    scheme = check(text)
    yaml = YAML(typ="rt")
    yaml.Resolver = _AllText
    yaml.width = WIDTH
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(text)
    before = {figure.name: figure.value for figure in choices(scheme, on).figures}
    for name, value in figures.items():
        if not _same(value, before.get(name)):
            _change_figure(tree["parameters"][name], max(on, scheme.starts), value, source)
    if without:
        kept = [place for place, rule in enumerate(scheme.eligible) if rule.id not in without]
        for place in reversed(range(len(scheme.eligible))):
            if place not in kept:
                del tree["eligible"][place]
        if not kept and "eligible" in tree:
            del tree["eligible"]
    _change_end(tree, scheme, end_months, source)
    if "reversion" in tree and returns_to not in (None, tree["reversion"]["to"]):
        tree["reversion"]["to"] = returns_to
        if scheme.reversion:
            _agree(tree["reversion"], source)
    if work_related_only not in (None, scheme.spend.work_related_only):
        tree["spend"]["work_related_only"] = "true" if work_related_only else "false"
        _agree(tree["spend"], source)
    _keep_what_ends_no_more(tree)
    return _without_left_overs(yaml, tree)


def _change_figure(parameter: Any, day: date, value: str, source: str) -> None:
    """Give a figure another value from a day on. What was assumed before stays so; the new one was agreed."""
    values = parameter["values"]
    if parameter.pop("status", None):
        why = parameter.pop("why")
        for start, earlier in values.items():
            if isinstance(earlier, str):
                values[start] = {"value": earlier, "status": "inferred", "why": why}
    if any(not isinstance(earlier, str) and "status" in earlier for earlier in values.values()):
        _name_source(parameter, source)  # its article said nothing of this figure
    values[day.isoformat()] = value


def _same(written: str, before: str | None) -> bool:
    """Whether two figures are one number: 175 and 175.00."""
    try:
        return before is not None and exact_number(written) == exact_number(before)
    except ValueError:
        return False


def _change_end(tree: Any, scheme: Scheme, end_months: int | None, source: str) -> None:
    said = scheme.expiry.after_months if scheme.expiry else None
    if end_months == said:
        return
    if end_months is None:
        del tree["expiry"], tree["reversion"]
    elif scheme.expiry is None:
        tree["expiry"] = {"after_months": str(end_months), "source": source}
        tree["reversion"] = {"to": "sector_fund", "source": source}
    else:
        for other in ("on", "end_of_year_after", "at_age", "months_after_job"):
            tree["expiry"].pop(other, None)
        tree["expiry"]["after_months"] = str(end_months)
        _agree(tree["expiry"], source)


def _keep_what_ends_no_more(tree: Any) -> None:
    """Let money go along where nothing ends it with the job any more: `portable` must say so."""
    ends_with_job = "months_after_job" in tree.get("expiry", {})
    if not ends_with_job and tree.get("reversion", {}).get("to") != "employer":
        tree["portable"] = "true"


def _agree(block: Any, source: str) -> None:
    """Say that a changed block comes from the table, after what it had. Nothing of it is assumed any more."""
    was_assumed = block.pop("status", None)
    block.pop("why", None)
    if was_assumed or "article" not in block:
        _name_source(block, source)
    if comment := block.ca.items.pop(
        "why", None
    ):  # what stands after a block hangs on its last key
        block.ca.items[list(block)[-1]] = comment


def _name_source(block: Any, source: str) -> None:
    said = block.get("source")
    if said is None:
        block["source"] = source
    elif source not in said.split("; "):
        block["source"] = f"{said}; {source}"


def _without_left_overs(yaml: YAML, tree: Any) -> str:
    while True:
        written = StringIO()
        yaml.dump(tree, written)
        try:
            check(written.getvalue())
        except FaultyScheme as error:
            left_over = [fault for fault in error.faults if fault.code in _LEFT_OVER]
            if not left_over:
                raise
            for fault in left_over:
                block, name = (fault.field_name or "").split(".")
                del tree[block][name]
                if not tree[block]:
                    del tree[block]
        else:
            return written.getvalue()
