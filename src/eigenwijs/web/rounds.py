"""What pages of several audiences say about rounds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext, gettext_lazy, ngettext

from eigenwijs.draws.types import ClassLine, Fit, PlaceView, RoundState, RoundView
from eigenwijs.kernel.clock import local_date

_STATES = {
    RoundState.DRAFT: (gettext_lazy("In voorbereiding"), "neutral"),
    RoundState.DISCARDED: (gettext_lazy("Gaat niet door"), "bad"),
    RoundState.WITHDRAWN: (gettext_lazy("Ingetrokken"), "bad"),
    RoundState.LISTED: (gettext_lazy("Gesloten, wacht op het openbare getal"), "wait"),
    RoundState.FALLEN: (gettext_lazy("Het openbare getal is er"), "wait"),
    RoundState.DRAWN: (gettext_lazy("Geloot"), "good"),
    RoundState.SETTLED: (gettext_lazy("Afgerond"), "good"),
}
FITS = {
    Fit.CLOSE: gettext_lazy("Dan stopt de loting. Wat over is, gaat naar de wachtlijst."),
    Fit.SKIP: gettext_lazy("Die slaan we over. Een kleinere aanvraag daarna kan nog wel passen."),
    Fit.PARTIAL: gettext_lazy("Die krijgt wat er nog over is."),
}


def state_words(of: RoundView, at: datetime) -> tuple[object, str]:
    """Return how far a round is at a moment, and the look of it."""
    if of.state is RoundState.PUBLISHED:
        if of.is_open(at):
            return gettext("Open: meedoen kan"), "good"
        if at >= of.closes_at:
            return gettext("Gesloten, wacht op de lijst met tickets"), "wait"
        return gettext("Opent nog"), "wait"
    if of.state is RoundState.LISTED and of.rules.beacon is None:
        return gettext("Gesloten, wacht op de loting"), "wait"
    return _STATES[of.state]


def result_on(of: RoundView) -> date:
    """Return the first day on which the result can be there."""
    return local_date(of.rules.beacon.falls_at if of.rules.beacon else of.closes_at)


def last_day(place: PlaceView) -> date:
    """Return the last day on which a place can be accepted."""
    return local_date(place.expires_at - timedelta(seconds=1))


def odds(chance: float) -> str:
    """Return a chance as people say it: ongeveer 7 op 10."""
    tenths = round(chance * 10)
    if chance >= 1:
        return gettext("10 op 10: er is nu genoeg voor iedereen")
    if tenths == 0:
        return gettext("minder dan 1 op 20") if chance < 0.05 else gettext("ongeveer 1 op 20")
    if tenths == 10:
        return gettext("meer dan 9 op 10")
    return gettext("ongeveer %(tenths)s op 10") % {"tenths": tenths}


def class_words(line: ClassLine) -> str:
    """Return what a class adds to the name of its group: how much bad luck it carries over."""
    if not line.losses:
        return ""
    return ngettext(
        "%(count)s keer eerder niet gewonnen", "%(count)s keer eerder niet gewonnen", line.losses
    ) % {"count": line.losses}
