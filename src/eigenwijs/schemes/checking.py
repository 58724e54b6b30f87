"""A scheme's text into a checked scheme, or all its faults at once. Pure; no database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from eigenwijs.kernel.errors import DomainError, Fault
from eigenwijs.schemes import blocks
from eigenwijs.schemes.binding import UnableToCompile
from eigenwijs.schemes.blocks import Case, Credit, Scheme, Sourced
from eigenwijs.schemes.compiling import prove_it_runs
from eigenwijs.schemes.expressions import Expression, UnreadableExpression, names_in, parse
from eigenwijs.schemes.facts import COURSE_FACTS, PERSON_FACTS, Fact, Kind
from eigenwijs.schemes.integer_form import TooLarge
from eigenwijs.schemes.kinds import (
    Measured,
    WrongExpression,
    check_condition,
    measure,
    unknown_label,
    unknown_name,
)
from eigenwijs.schemes.reading import Document, Path, label, read_document
from eigenwijs.schemes.structure import block_faults, formula_faults, structural_faults
from eigenwijs.schemes.units import CURRENCIES

MOST_FAULTS = 100


class FaultyScheme(DomainError):
    """The text is not a scheme that may run; `faults` says what is wrong, in line order.

    All of it, or the first hundred. `in_examples` is whether they are about the worked examples
    instead.
    """

    in_examples = False

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(islice(faults, MOST_FAULTS), key=lambda fault: fault.line or 0))
        super().__init__(
            "faulty_scheme",
            _("In deze regeling staan %(count)s fouten."),
            {"count": len(self.faults)},
        )


def digest(text: str) -> str:
    """Return the hash by which a text is known: sha256 over UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=256)
def check(text: str) -> Scheme:
    """Return the scheme in `text`; raises FaultyScheme with all faults."""
    document = read_document(text)
    if document.faults:
        raise FaultyScheme(document.faults)
    try:
        scheme = Scheme.model_validate(document.tree)
    except ValidationError as error:
        structural = list(islice(structural_faults(document, error, Scheme), MOST_FAULTS))
        formulas = formula_faults(document, structural)
        raise FaultyScheme(chain(structural, formulas)) from None
    faults = list(islice(_Checker(document, scheme).faults(), MOST_FAULTS))
    if faults:
        raise FaultyScheme(faults)
    try:
        prove_it_runs(scheme)
    except (UnableToCompile, TooLarge) as error:
        named = [i for i, one in enumerate(scheme.credit) if one.id == error.params.get("id")]
        path: Path = ("credit", *named)
        raise FaultyScheme(
            [document.fault(path, error.code, error.message, **error.params)]
        ) from None
    return scheme


def inferred_places(scheme: Scheme) -> tuple[str, ...]:
    """Return the places in the scheme that nobody published, as paths with dots."""
    places = [label(path) for path, block in _sourced(scheme, ()) if block.status == "inferred"]
    places += [
        f"parameters.{name}.values.{start.isoformat()}"
        for name, parameter in scheme.parameters.items()
        for start, figure in parameter.values.items()
        if figure.status == "inferred"
    ]
    return tuple(places)


def _sourced(value: object, path: Path) -> Iterator[tuple[Path, Sourced]]:
    """Yield every block in the scheme that must say where it was found."""
    if isinstance(value, Sourced):
        yield path, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _sourced(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _sourced(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _sourced(item, (*path, index))


def _measured(facts: Mapping[str, Fact]) -> dict[str, Measured]:
    return {
        fact.name: Measured(fact.kind, fact.low, fact.high, fact.labels, fact.name)
        for fact in facts.values()
    }


@dataclass
class _Checker:
    """The checks that look across blocks: names, kinds, sources, blocks that need each other."""

    document: Document
    scheme: Scheme

    def fault(self, path: Path, code: str, message: object, **params: object) -> Fault:
        return self.document.fault(path, code, message, **params)

    def faults(self) -> Iterator[Fault]:
        yield from self.sources()
        yield from self.parameters()
        yield from block_faults(self.document, self.scheme)
        names = self.names()
        for index, rule in enumerate(self.scheme.eligible):
            yield from self.condition(("eligible", index, "when"), rule.when, names)
        for index, credit in enumerate(self.scheme.credit):
            yield from self.credit(("credit", index), credit, names)
        yield from self.cap(names)
        course = _measured(COURSE_FACTS) | self.figures()
        for index, limit in enumerate(self.scheme.spend.only):
            yield from self.condition(("spend", "only", index, "when"), limit.when, course)
        if self.scheme.spend.pays:
            pays = self.scheme.spend.pays.cases
            yield from self.cases(("spend", "pays", "cases"), pays, course, of_price=True)
        yield from self.absent(names)

    @property
    def counted(self) -> Kind:
        """What an amount of this scheme is."""
        return Kind.EUR if self.scheme.unit in CURRENCIES else Kind.AMOUNT

    def figures(self) -> dict[str, Measured]:
        kinds = {"hours": Kind.HOURS, "years": Kind.YEARS, "number": Kind.NUMBER}
        result = {}
        for name, parameter in self.scheme.parameters.items():
            scale = 100 if parameter.is_amount else 1
            values = [figure.value * scale for figure in parameter.values.values()]
            kind = self.counted if parameter.is_amount else kinds[parameter.unit]
            result[name] = Measured(kind, min(values), max(values), name=name)
        return result

    def names(self) -> dict[str, Measured]:
        return _measured(PERSON_FACTS) | self.figures()

    def sources(self) -> Iterator[Fault]:
        message = _(
            "Zeg waar dit staat (article of source), of zet er status: inferred en why bij."
        )
        for path, block in _sourced(self.scheme, ()):
            if block.status == "inferred":
                if not block.why:
                    yield self.fault(path, "why_missing", _("Zeg bij status: inferred ook why."))
            elif not (block.article or block.source or self._figures_say_it(block)):
                yield self.fault(path, "source_missing", message)

    def _figures_say_it(self, block: Sourced) -> bool:
        return isinstance(block, blocks.Parameter) and all(
            figure.status == "inferred" for figure in block.values.values()
        )

    def parameters(self) -> Iterator[Fault]:
        used = self.used_names()
        for name, parameter in self.scheme.parameters.items():
            path: Path = ("parameters", name)
            if name in PERSON_FACTS or name in COURSE_FACTS:
                yield self.fault(
                    path,
                    "name_taken",
                    _("‘%(name)s’ is al een feit. Kies een andere naam."),
                    name=name,
                )
            if min(parameter.values) > self.scheme.starts:
                yield self.fault(
                    (*path, "values"),
                    "no_value",
                    _(
                        "‘%(name)s’ heeft nog geen waarde op %(starts)s, als de regeling begint. "
                        "Zet er een waarde bij vanaf die dag."
                    ),
                    name=name,
                    starts=self.scheme.starts.isoformat(),
                )
            if name not in used:
                message = _(
                    "‘%(name)s’ wordt nergens gebruikt. Haal het weg of noem het in een formule."
                )
                yield self.fault(path, "unused", message, name=name)
            for start, figure in parameter.values.items():
                here: Path = (*path, "values", start.isoformat())
                yield from self.figure(here, parameter.is_amount, figure)

    def figure(self, path: Path, is_amount: bool, figure: blocks.Figure) -> Iterator[Fault]:
        if figure.status == "inferred" and not figure.why:
            yield self.fault(path, "why_missing", _("Zeg bij status: inferred ook why."))
        if figure.value < 0:
            yield self.fault(path, "negative", _("Een waarde mag niet onder nul zijn."))
        if is_amount and (figure.value * 100).denominator != 1:
            yield self.fault(path, "part_of_cent", _("Schrijf een bedrag in hele centen."))
        if is_amount and figure.value > MOST_EUROS:
            message = _("Dit bedrag is te groot: hooguit %(most)s %(unit)s.")
            unit = self.scheme.unit
            yield self.fault(path, "too_much", message, most=MOST_EUROS, unit=unit)

    def used_names(self) -> frozenset[str]:
        texts = _expressions(self.scheme)
        return frozenset().union(*(_names(text) for text in texts))

    def credit(self, path: Path, credit: Credit, names: Mapping[str, Measured]) -> Iterator[Fault]:
        yield from self.cases((*path, "cases"), credit.cases, names)
        if (credit.round is None) == (credit.spread is None):
            yield self.fault(
                path,
                "rounding",
                _(
                    "Zeg hoe er wordt afgerond: round (up, down, half_up, half_even) of "
                    "spread: cumulative, precies één van de twee."
                ),
            )
        if credit.spread and credit.per != "year":
            yield self.fault(
                (*path, "spread"),
                "spread_needs_year",
                _("spread: cumulative hoort bij een bedrag per year."),
            )
        if credit.prorate:
            inner: Path = (*path, "prorate")
            yield from self.number((*inner, "by"), credit.prorate.by, names)
            yield from self.number((*inner, "full_from"), credit.prorate.full_from, names)

    def cap(self, names: Mapping[str, Measured]) -> Iterator[Fault]:
        if self.scheme.cap is None:
            return
        if not self.scheme.cap.limits:
            yield self.fault(
                ("cap",),
                "cap_empty",
                _(
                    "Zeg wat het meeste is: balance (op de rekening), year (per jaar) of ever (ooit)."
                ),
            )
        for name, cases in self.scheme.cap.limits.items():
            yield from self.cases(("cap", name), cases, names)

    def number(self, path: Path, text: str, names: Mapping[str, Measured]) -> Iterator[Fault]:
        def is_number(tree: Expression) -> None:
            found = measure(tree, names)
            if found.kind is not Kind.NUMBER:
                raise WrongExpression(
                    "not_a_rate",
                    _("Hier hoort een kaal getal, bijvoorbeeld uren gedeeld door uren."),
                )
            if found.low < 0:
                raise _below_zero()

        yield from self.expression(path, text, is_number)

    def cases(
        self,
        path: Path,
        cases: list[Case],
        names: Mapping[str, Measured],
        *,
        of_price: bool = False,
    ) -> Iterator[Fault]:
        for index, case in enumerate(cases):
            here: Path = (*path, index)
            is_last = index == len(cases) - 1
            if case.otherwise is not None and (case.when or case.amount or not is_last):
                yield self.fault(
                    here,
                    "otherwise_not_last",
                    _("‘otherwise’ staat alleen, als laatste van de lijst."),
                )
            if case.otherwise is None and not (case.when and case.amount):
                yield self.fault(here, "case", _("Een geval heeft ‘when’ en ‘amount’."))
            if is_last and case.otherwise is None:
                yield self.fault(
                    here,
                    "otherwise_missing",
                    _(
                        "De lijst moet eindigen met ‘otherwise’, zodat niemand "
                        "tussen wal en schip valt."
                    ),
                )
            if case.when:
                yield from self.condition((*here, "when"), case.when, names)
            for name in ("amount", "otherwise"):
                text = getattr(case, name)
                if text:
                    yield from self.amount((*here, name), text, names, of_price)

    def amount(
        self, path: Path, text: str, names: Mapping[str, Measured], of_price: bool
    ) -> Iterator[Fault]:
        def is_amount(tree: Expression) -> None:
            found = measure(tree, names)
            is_zero = found.kind is Kind.NUMBER and found.low == found.high == 0
            if found.kind is not self.counted and not is_zero:
                raise WrongExpression(
                    "not_money",
                    _("Hier hoort een bedrag: een parameter met unit: %(unit)s, of 0."),
                    {"unit": "EUR" if self.scheme.unit == "EUR" else "amount"},
                )
            if of_price:  # below zero it pays nothing, and never more than the price
                return
            if found.low < 0:
                raise _below_zero()
            if found.high > MOST_EUROS * 100:
                message = _("Dit bedrag kan te groot worden: hooguit %(most)s %(unit)s.")
                params = {"most": MOST_EUROS, "unit": self.scheme.unit}
                raise WrongExpression("too_much", message, params)

        yield from self.expression(path, text, is_amount)

    def condition(self, path: Path, text: str, names: Mapping[str, Measured]) -> Iterator[Fault]:
        yield from self.expression(path, text, lambda tree: check_condition(tree, names))

    def expression(
        self, path: Path, text: str, check_tree: Callable[[Expression], object]
    ) -> Iterator[Fault]:
        try:
            tree = parse(text)
            self.refuse_money(tree)
            check_tree(tree)
        except (UnreadableExpression, WrongExpression) as error:
            yield self.fault(path, error.code, error.message, **error.params)

    def refuse_money(self, tree: Expression) -> None:
        """A scheme that counts hours or days says nothing of a wage or a price."""
        facts = PERSON_FACTS | COURSE_FACTS
        money = [
            name for name in sorted(names_in(tree) & facts.keys()) if facts[name].kind is Kind.EUR
        ]
        if money and self.counted is Kind.AMOUNT:
            raise WrongExpression(
                "money_fact",
                _("‘%(name)s’ is geld, en deze regeling telt geen geld. Haal het weg."),
                {"name": money[0]},
            )

    def absent(self, names: Mapping[str, Measured]) -> Iterator[Fault]:
        """A fact that can be missing needs one answer, and an answer needs such a fact."""
        needed = {
            name
            for name in self.used_names()
            if name in PERSON_FACTS and PERSON_FACTS[name].may_be_absent
        }
        for name in sorted(needed - self.scheme.absent.keys()):
            yield self.fault(
                ("absent",),
                "absent_missing",
                _(
                    "‘%(name)s’ kan ontbreken: niet iedereen heeft het. Zeg bij absent wat er dan gebeurt."
                ),
                name=name,
            )
        certain = {
            name: measured
            for name, measured in names.items()
            if name not in PERSON_FACTS or not PERSON_FACTS[name].may_be_absent
        }
        for name, rule in self.scheme.absent.items():
            path: Path = ("absent", name)
            if name not in PERSON_FACTS:
                facts = {fact.name for fact in PERSON_FACTS.values() if fact.may_be_absent}
                error = unknown_name(name, facts)
                yield self.fault(path, error.code, error.message, **error.params)
            elif name not in needed:
                yield self.fault(
                    path,
                    "absent_useless",
                    _("‘%(name)s’ kan niet ontbreken of wordt niet gebruikt. Haal het weg."),
                    name=name,
                )
            elif (rule.use is None) == (rule.not_eligible is None):
                yield self.fault(
                    path, "absent_answer", _("Schrijf hier ‘use’ of ‘not_eligible’, precies één.")
                )
            elif rule.use:
                yield from self.replacement((*path, "use"), rule.use, name, certain)

    def replacement(
        self, path: Path, text: str, name: str, names: Mapping[str, Measured]
    ) -> Iterator[Fault]:
        fact = PERSON_FACTS[name]

        def fits(tree: Expression) -> None:
            if fact.kind is Kind.LABEL:
                if text not in fact.labels:
                    raise unknown_label(text, name, fact.labels)
                return
            found = measure(tree, names)
            if found.kind is not fact.kind:
                raise WrongExpression(
                    "kinds_differ",
                    _("Dit is niet dezelfde soort waarde als ‘%(name)s’."),
                    {"name": name},
                )
            if found.low < 0:
                raise _below_zero()

        yield from self.expression(path, text, fits)


MOST_EUROS = 1_000_000


def _below_zero() -> WrongExpression:
    return WrongExpression(
        "negative",
        _("Dit kan onder nul komen. Trek alleen af wat altijd kleiner is dan waar je van aftrekt."),
    )


def _names(text: str) -> frozenset[str]:
    try:
        return names_in(parse(text))
    except UnreadableExpression:
        return frozenset()


def _expressions(scheme: Scheme) -> list[str]:
    pays = scheme.spend.pays.cases if scheme.spend.pays else []
    return [
        *scheme.person_expressions,
        *(limit.when for limit in scheme.spend.only),
        *(text for case in pays for text in (case.when, case.amount, case.otherwise) if text),
    ]
