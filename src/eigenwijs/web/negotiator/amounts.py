"""Large amounts and shares, as people read them."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from eigenwijs.simulation.types import Figure

A_THOUSAND_EUROS = 10**5
A_MILLION_EUROS = 10**8


def percent(share: float) -> str:
    """Return a share in whole per cents; what is not nothing or all is never told as such."""
    if 0 < share < 0.01:
        return _("minder dan 1")
    if 0.99 < share < 1:
        return _("meer dan 99")
    return str(round(100 * share))


def large(cents: float) -> str:
    """Return a large amount: € 12,3 miljoen, or in thousands below a million."""
    if not cents:
        return _("niets")
    if cents < A_THOUSAND_EUROS:
        return _("minder dan € 1.000")
    if cents < A_MILLION_EUROS:
        return _("€ %(amount)s") % {"amount": _thousands(cents)}
    return _("€ %(amount)s miljoen") % {"amount": _millions(cents)}


def with_band(figure: Figure) -> str:
    """Return a large amount with its band, where there is one."""
    if figure.low is None or figure.high is None or not figure.high:
        return large(figure.value)
    all_three = (figure.value, figure.low, figure.high)
    tell = large
    if min(all_three) >= A_MILLION_EUROS:
        tell = _millions
    elif min(all_three) >= A_THOUSAND_EUROS and max(all_three) < A_MILLION_EUROS:
        tell = _thousands
    return _("%(amount)s (%(low)s tot %(high)s)") % {
        "amount": large(figure.value),
        "low": tell(figure.low),
        "high": tell(figure.high),
    }


def _millions(cents: float) -> str:
    return number_format(round(cents / A_MILLION_EUROS, 1), 1, force_grouping=True)


def _thousands(cents: float) -> str:
    return number_format(round(cents / A_THOUSAND_EUROS) * 1000, 0, force_grouping=True)
