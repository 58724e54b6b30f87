"""What the operator fills in for a round whose terms a scheme settles: only what the scheme leaves open."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from eigenwijs.draws.types import AgreedTerms, FirstCome, RoundRules, RoundView
from eigenwijs.kernel.clock import AMSTERDAM
from eigenwijs.web.operator.round_forms import RoundForm

_LEFT_OPEN = (
    "title_nl",
    "title_en",
    "payer",
    "reserve_places",
    "accept_days",
    "beacon_source",
    "beacon_round",
    "beacon_on",
    "beacon_at",
)
_BY_LOT = ("reserve_until",)
_FIRST_COME = ("opens_on", "closes_on", "first_at")


class AgreedRoundForm(RoundForm):
    """The rules of a round in a window of a scheme."""

    def __init__(
        self, data: Any = None, *, agreed: AgreedTerms, of: RoundView | None = None
    ) -> None:
        super().__init__(data, of=of)
        self.agreed = agreed
        left_open = _LEFT_OPEN + (_FIRST_COME if agreed.law else _BY_LOT)
        for name in [name for name in self.fields if name not in left_open]:
            del self.fields[name]
        if agreed.law:
            self.fields["opens_on"].label = _("Eerste dag van de wachtkamer")
            self.fields["closes_on"].label = _("Laatste dag van de wachtkamer")

    def rules(self, round_id: UUID) -> RoundRules:
        """Return the rules that the scheme and the form make together; the form is valid."""
        given, agreed = self.cleaned_data, self.agreed
        return RoundRules(
            round_id=round_id,
            title={"nl": given["title_nl"], "en": given["title_en"]},
            who=agreed.who,
            when=agreed.when,
            payer=self.of.rules.payer if self.of else "",
            scheme=agreed.scheme,
            scheme_hash="",
            pot=agreed.pot,
            least=agreed.least,
            most=agreed.most,
            opens_on=given["opens_on"] if agreed.law else agreed.first_day,
            closes_on=given["closes_on"] if agreed.law else agreed.last_day,
            groups=agreed.groups,
            fit=agreed.fit,
            reserve_places=given["reserve_places"],
            carry_over=agreed.carry_over,
            once_a_year=agreed.once_a_year,
            accept_days=given["accept_days"],
            reserve_until=agreed.last_day if agreed.law else given["reserve_until"],
            beacon=self._beacon(),
            first_come=self._first_come(),
        )

    def _first_come(self) -> FirstCome | None:
        if not self.agreed.law:
            return None
        at = self.cleaned_data["first_at"] or time(12)
        opens_at = datetime.combine(self.agreed.first_day, at, tzinfo=AMSTERDAM)
        return FirstCome(opens_at, self.agreed.law)
