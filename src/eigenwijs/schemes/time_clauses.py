"""What is said of time to learn, in place of what is said of money."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from eigenwijs.schemes.types import Clause
from eigenwijs.schemes.units import DAYS_TO_ANSWER


def given() -> Iterator[Clause]:
    """Say when time comes."""
    yield Clause(
        gettext(
            "Het komt erbij met elke loonperiode die je werkgever aanlevert. Niemand hoeft ervoor te betalen."
        )
    )


def taken() -> Iterator[Clause]:
    """Say how time is taken."""
    yield Clause(
        gettext(
            "Je kiest zelf op welke dag je leert. Je werkgever ziet die dag en hoeveel tijd, niet waarvoor."
        )
    )
    answered = ngettext(
        "Je werkgever kan alleen om een zware reden nee zeggen, binnen %(count)s dag. "
        "Zegt je werkgever niets, dan gaat je dag door.",
        "Je werkgever kan alleen om een zware reden nee zeggen, binnen %(count)s dagen. "
        "Zegt je werkgever niets, dan gaat je dag door.",
        DAYS_TO_ANSWER,
    )
    yield Clause(answered % {"count": DAYS_TO_ANSWER})
    yield Clause(
        gettext("Je kunt de tijd opnemen bij elke werkgever die aan deze afspraak meedoet.")
    )


def ended() -> Iterator[Clause]:
    """Say what becomes of time that ends."""
    yield Clause(gettext("Wat je op de laatste dag nog niet opnam, vervalt. Niemand krijgt het."))
