"""What is wrong in how money ends with a job or goes back to an employer."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.reading import Document


def job_end_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    """Name what a scheme that people keep after a job cannot say, and a `false` that says nothing."""
    if scheme.portable:
        yield from _kept_after_a_job(document, scheme)
        return
    if scheme.ceiling:
        yield document.fault(
            ("ceiling",),
            "round_without_job",
            _(
                "Geld uit een ronde komt niet van een baan. Het kan er niet mee eindigen en niet terug "
                "naar een werkgever: schrijf portable: true."
            ),
        )
    elif not (scheme.ends_with_job or scheme.goes_back_to_employer):
        yield document.fault(
            ("portable",),
            "portable_useless",
            _(
                "portable: false hoort bij expiry.months_after_job of bij reversion.to: employer. "
                "Zonder een van die twee gaat geld mee: schrijf portable: true."
            ),
        )


def _kept_after_a_job(document: Document, scheme: Scheme) -> Iterator[Fault]:
    if scheme.ends_with_job:
        yield document.fault(
            ("expiry", "months_after_job"),
            "ends_with_job",
            _(
                "Deze regeling neem je mee naar ander werk (portable: true). Het geld kan dus niet "
                "eindigen na een baan. Kies een ander einde."
            ),
        )
    if scheme.goes_back_to_employer:
        yield document.fault(
            ("reversion", "to"),
            "reverts_to_employer",
            _(
                "Deze regeling neem je mee naar ander werk (portable: true). Het geld kan dus niet "
                "terug naar de werkgever. Mag wel: sector_fund, state."
            ),
        )
