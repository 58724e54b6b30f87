"""The clocks of an order, as clauses. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.clause_parts import clause
from eigenwijs.schemes.order_blocks import CancelStep, Withdrawal
from eigenwijs.schemes.types import Clause


def clocks(scheme: Scheme) -> Iterator[Clause]:
    """Say when a provider answers and what stopping costs; nothing where the scheme leaves that open."""
    orders = scheme.orders
    if orders is None:
        return
    yield clause(
        orders,
        gettext(
            "Dit geldt als geld van deze afspraak een deel van een cursus betaalt. Is iets anders beter voor "
            "jou, dan geldt dat."
        ),
    )
    if answer := orders.answer:
        yield clause(
            answer,
            ngettext(
                "De opleider zegt binnen %(days)s werkdag ja of nee.",
                "De opleider zegt binnen %(days)s werkdagen ja of nee.",
                answer.working_days,
            )
            % {"days": answer.working_days},
        )
    if accept := orders.accept:
        yield clause(
            accept,
            ngettext(
                "Stelt de opleider een andere start voor, dan heb je %(days)s werkdag om ja of nee te zeggen.",
                "Stelt de opleider een andere start voor, dan heb je %(days)s werkdagen om ja of nee te zeggen.",
                accept.working_days,
            )
            % {"days": accept.working_days},
            gettext(
                "Zeg je niets, dan gaat het niet door. Dat kost niets en je geld is weer vrij."
            ),
        )
    if term := orders.withdraw:
        yield clause(term, *_withdrawal(term))
    if cancel := orders.cancel:
        yield clause(
            cancel,
            gettext(
                "Stop je na de bedenktijd en voor de start? Dan geldt het laagste dat klopt, zonder delen van "
                "een cent:"
            ),
            *(sentence for step in cancel.steps for sentence in _step(step)),
        )


def _withdrawal(term: Withdrawal) -> Iterator[str]:
    if term.days is not None:
        yield gettext("Zegt de opleider ja, dan heb je nog %(days)s dagen bedenktijd.") % {
            "days": term.days
        }
    if term.working_days is not None:
        yield gettext("Zegt de opleider ja, dan heb je nog %(days)s werkdagen bedenktijd.") % {
            "days": term.working_days
        }


def _step(step: CancelStep) -> Iterator[str]:
    if step.days_before is not None:
        text = ngettext(
            "%(days)s dag of meer voor de start: %(percent)s procent van de prijs.",
            "%(days)s dagen of meer voor de start: %(percent)s procent van de prijs.",
            step.days_before,
        )
        yield text % {"days": step.days_before, "percent": step.percent}
    if step.working_days_before is not None:
        text = ngettext(
            "%(days)s werkdag of meer voor de start: %(percent)s procent van de prijs.",
            "%(days)s werkdagen of meer voor de start: %(percent)s procent van de prijs.",
            step.working_days_before,
        )
        yield text % {"days": step.working_days_before, "percent": step.percent}
