"""A scheme's text into a checked scheme, or all its faults at once. Pure; no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from eigenwijs.kernel.errors import DomainError, Fault
from eigenwijs.schemes import blocks
from eigenwijs.schemes.binding import UnableToCompile
from eigenwijs.schemes.block import Sourced
from eigenwijs.schemes.blocks import Credit, Scheme
from eigenwijs.schemes.ceiling_checks import ceiling_faults
from eigenwijs.schemes.compiling import prove_it_runs
from eigenwijs.schemes.expressions import Expression, UnreadableExpression, names_in, parse
from eigenwijs.schemes.facts import PERSON_FACTS, SPEND_FACTS, Kind
from eigenwijs.schemes.formula_checks import MOST_EUROS, FormulaChecks, below_zero, measured
from eigenwijs.schemes.integer_form import TooLarge
from eigenwijs.schemes.kinds import (
    Measured,
    WrongExpression,
    measure,
    unknown_label,
    unknown_name,
)
from eigenwijs.schemes.reading import Path, label, read_document
from eigenwijs.schemes.spend_blocks import Exemption
from eigenwijs.schemes.structure import block_faults, formula_faults, structural_faults
from eigenwijs.schemes.time_checks import closed_facts

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


class _Checker(FormulaChecks):
    """The checks that look across blocks: names, kinds, sources, blocks that need each other."""

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
        if self.scheme.advance:
            yield from self.cases(("advance", "most"), self.scheme.advance.most, names)
        yield from self.spending(measured(SPEND_FACTS) | self.figures())
        yield from self.absent(names)
        yield from ceiling_faults(self.document, self.scheme)

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
            if name in PERSON_FACTS or name in SPEND_FACTS:
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
        yield from self.extras(path, credit, names)
        if credit.prorate:
            inner: Path = (*path, "prorate")
            yield from self.number((*inner, "by"), credit.prorate.by, names)
            yield from self.number((*inner, "full_from"), credit.prorate.full_from, names)

    def extras(self, path: Path, credit: Credit, names: Mapping[str, Measured]) -> Iterator[Fault]:
        """Each says in one way what it does, and together they keep the amount within its bounds."""
        most = max((self.most(text, names) for text in credit.amounts), default=Fraction(0))
        for index, extra in enumerate(credit.extra):
            here: Path = (*path, "extra", index)
            yield from self.condition((*here, "when"), extra.when, names)
            if (extra.times is None) == (extra.plus is None):
                message = _("Schrijf hier ‘times’ of ‘plus’, precies één.")
                yield self.fault(here, "extra_once", message)
            if extra.times is not None:
                yield from self.number((*here, "times"), extra.times, names)
                most = max(most, most * self.most(extra.times, names))
            if extra.plus is not None:
                yield from self.amount((*here, "plus"), extra.plus, names)
                most += self.most(extra.plus, names)
        if credit.extra and most > MOST_EUROS * 100:
            message = _("Dit bedrag kan te groot worden: hooguit %(most)s %(unit)s.")
            unit = self.scheme.unit
            yield self.fault((*path, "extra"), "too_much", message, most=MOST_EUROS, unit=unit)

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

    def spending(self, names: Mapping[str, Measured]) -> Iterator[Fault]:
        """Names are here the facts of a course and of who buys it."""
        spend = self.scheme.spend
        for index, limit in enumerate(spend.only):
            yield from self.condition(("spend", "only", index, "when"), limit.when, names)
        for name in ("pays", "own", "others_pay_at_least"):
            if block := getattr(spend, name):
                yield from self.cases(("spend", name, "cases"), block.cases, names, of_price=True)
        if spend.own:
            for index, exemption in enumerate(spend.own.unless):
                yield from self.exemption(("spend", "own", "unless", index), exemption, names)

    def exemption(
        self, path: Path, exemption: Exemption, names: Mapping[str, Measured]
    ) -> Iterator[Fault]:
        if (exemption.when is None) == (exemption.others_pay_at_least is None):
            message = _("Schrijf hier ‘when’ of ‘others_pay_at_least’, precies één.")
            yield self.fault(path, "exemption_once", message)
        if exemption.when is not None:
            yield from self.condition((*path, "when"), exemption.when, names)
        if exemption.others_pay_at_least is not None:
            text = exemption.others_pay_at_least
            yield from self.amount((*path, "others_pay_at_least"), text, names, of_price=True)

    def absent(self, names: Mapping[str, Measured]) -> Iterator[Fault]:
        """A fact that can be missing needs one answer, and an answer needs such a fact."""
        closed = closed_facts(self.scheme)
        needed = {
            name
            for name in self.used_names() - closed
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
            if name in closed:
                continue  # it must go, whatever it says
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
                raise below_zero()

        yield from self.expression(path, text, fits)


def _names(text: str) -> frozenset[str]:
    try:
        return names_in(parse(text))
    except UnreadableExpression:
        return frozenset()


def _expressions(scheme: Scheme) -> list[str]:
    return [*scheme.person_expressions, *scheme.spend.expressions]
