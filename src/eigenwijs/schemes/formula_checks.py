"""What a formula of a scheme must be: a condition, a rate or an amount, within bounds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes.block import Case
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.expressions import Expression, UnreadableExpression, names_in, parse
from eigenwijs.schemes.facts import PERSON_FACTS, SPEND_FACTS, Fact, Kind
from eigenwijs.schemes.kinds import Measured, WrongExpression, check_condition, measure
from eigenwijs.schemes.reading import Document, Path
from eigenwijs.schemes.units import CURRENCIES

MOST_EUROS = 1_000_000


def measured(facts: Mapping[str, Fact]) -> dict[str, Measured]:
    """Return what each fact measures, by name."""
    return {
        fact.name: Measured(fact.kind, fact.low, fact.high, fact.labels, fact.name)
        for fact in facts.values()
    }


def below_zero() -> WrongExpression:
    """Return the error for what could be negative and may not."""
    return WrongExpression(
        "negative",
        _("Dit kan onder nul komen. Trek alleen af wat altijd kleiner is dan waar je van aftrekt."),
    )


@dataclass
class FormulaChecks:
    """The checks of one formula or one list of cases, each with its place in the text."""

    document: Document
    scheme: Scheme

    def fault(self, path: Path, code: str, message: object, **params: object) -> Fault:
        return self.document.fault(path, code, message, **params)

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
        return measured(PERSON_FACTS) | self.figures()

    def number(self, path: Path, text: str, names: Mapping[str, Measured]) -> Iterator[Fault]:
        def is_number(tree: Expression) -> None:
            found = measure(tree, names)
            if found.kind is not Kind.NUMBER:
                raise WrongExpression(
                    "not_a_rate",
                    _("Hier hoort een kaal getal, bijvoorbeeld uren gedeeld door uren."),
                )
            if found.low < 0:
                raise below_zero()

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
        self,
        path: Path,
        text: str,
        names: Mapping[str, Measured],
        of_price: bool = False,
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
                raise below_zero()
            if found.high > MOST_EUROS * 100:
                message = _("Dit bedrag kan te groot worden: hooguit %(most)s %(unit)s.")
                params = {"most": MOST_EUROS, "unit": self.scheme.unit}
                raise WrongExpression("too_much", message, params)

        yield from self.expression(path, text, is_amount)

    def most(self, text: str, names: Mapping[str, Measured]) -> Fraction:
        """Return the most that a formula can give; 0 where it has a fault, which is told elsewhere."""
        try:
            return measure(parse(text), names).high
        except (UnreadableExpression, WrongExpression):
            return Fraction(0)

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
        facts = PERSON_FACTS | SPEND_FACTS
        money = [
            name for name in sorted(names_in(tree) & facts.keys()) if facts[name].kind is Kind.EUR
        ]
        if money and self.counted is Kind.AMOUNT:
            raise WrongExpression(
                "money_fact",
                _("‘%(name)s’ is geld, en deze regeling telt geen geld. Haal het weg."),
                {"name": money[0]},
            )
