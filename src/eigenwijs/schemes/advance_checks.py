"""What is wrong in a scheme that lets people use coming amounts now."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel.errors import Fault
from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.reading import Document
from eigenwijs.schemes.types import ADVANCE


def advance_faults(document: Document, scheme: Scheme) -> Iterator[Fault]:
    """Name what an advance does not go with: what comes ahead would break it, or never comes."""
    for index, credit in enumerate(scheme.credit):
        if credit.id == ADVANCE:
            yield document.fault(
                ("credit", index, "id"),
                "advance_taken",
                _("‘advance’ is het woord voor een voorschot. Geef dit bedrag een andere naam."),
            )
    if scheme.advance is None:
        return
    if all(credit.per == "once" for credit in scheme.credit):
        yield document.fault(
            ("advance",),
            "advance_never_comes",
            _(
                "Deze regeling geeft geld één keer. Daarna komt er niets waar een voorschot van af kan gaan: "
                "haal advance weg."
            ),
        )
    if scheme.cap and scheme.cap.ever:
        yield document.fault(
            ("advance",),
            "advance_and_ever",
            _(
                "Een voorschot kan hoger zijn dan wat deze regeling in totaal nog geeft. Haal advance "
                "weg, of cap.ever."
            ),
        )
    if not scheme.portable:
        yield document.fault(
            ("advance",),
            "advance_not_kept",
            _(
                "Wie een voorschot kreeg, houdt het na de baan. In deze regeling houd je geld na een "
                "baan niet: haal advance weg, of schrijf portable: true."
            ),
        )
    if scheme.ceiling:
        yield document.fault(
            ("advance",),
            "advance_in_round",
            _(
                "Geld uit een ronde komt niet ieder jaar. Daarop kan geen voorschot: haal advance weg."
            ),
        )
