"""Where each role can go: the links under the name at the top of every page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VISITOR = ""

# Role → (what it says, name of the address). The first is the role's own home page.
LINKS: dict[str, tuple[tuple[str | Promise, str], ...]] = {
    VISITOR: (
        (_("Zo werkt het"), "public:home"),
        (_("Cursussen"), "worker:courses"),
        (_("Regelingen"), "public:schemes"),
        (_("Lotingen"), "public:rounds"),
        (_("Beloften"), "public:promises"),
    ),
    "worker": (
        (_("Start"), "worker:home"),
        (_("Rekening"), "worker:account"),
        (_("Cursussen"), "worker:courses"),
        (_("Boekingen"), "worker:bookings"),
        (_("Rondes"), "worker:rounds"),
        (_("Berichten"), "worker:messages"),
        (_("Gegevens"), "my_data:data"),
    ),
    "finance": (
        (_("Overzicht"), "finance:home"),
        (_("Afschriften"), "finance:statements"),
        (_("Werklijst"), "finance:work_list"),
        (_("Ontvangsten"), "finance:receipts"),
        (_("Nota’s voor fondsen"), "finance:notas"),
        (_("Betalen"), "finance:payable"),
        (_("Verlopen geld"), "finance:lapsed"),
        (_("Betaalbatches"), "finance:batches"),
        (_("Rekeningnummers"), "finance:payee_accounts"),
        (_("Maanden"), "finance:months"),
        (_("Bewijs"), "finance:proof"),
    ),
    "desk": (
        (_("Werklijst"), "desk:work_list"),
        (_("Inloggen helpen"), "desk_people:find"),
        (_("Herstelbrieven"), "letters:recoveries"),
    ),
    "operator": (
        (_("Organisaties"), "operator:organisations"),
        (_("Regelingen"), "operator:schemes"),
        (_("Bijschrijven"), "operator:crediting"),
        (_("Verdeelrondes"), "operator:rounds"),
        (_("Rollen"), "operator:roles"),
        (_("Brieven"), "operator:letters"),
        (_("Herstelbrieven"), "letters:recoveries"),
    ),
    "provider": (
        (_("Vandaag"), "provider:home"),
        (_("Boekingen"), "provider:bookings"),
        (_("Mijn cursussen"), "provider:courses"),
        (_("Aanleveren"), "provider:deliver"),
        (_("Uitbetalingen"), "provider:payouts"),
    ),
    "employer": (
        (_("Start"), "employer:home"),
        (_("Aanleveren"), "employer:upload"),
        (_("Nota’s"), "employer:requests"),
        (_("Tijd om te leren"), "employer:time"),
    ),
    "auditor": (
        (_("De boeken"), "auditor:home"),
        (_("Bewijs"), "auditor:proof"),
        (_("Geld volgen"), "auditor:money"),
        (_("Spoor"), "auditor:trail"),
        (_("Lotingen"), "public:rounds"),
    ),
    "negotiator": ((_("Onze regelingen"), "negotiator:home"),),
}


@dataclass(frozen=True)
class Link:
    """One link of the menu; `here` marks the page itself or one below it."""

    label: str | Promise
    url: str
    here: bool


def links_for(request: HttpRequest, role: str) -> list[Link]:
    """Return the menu of `role` (empty: a visitor) as seen from this page."""
    links = []
    for label, name in LINKS.get(role, LINKS[VISITOR]):
        try:
            links.append((label, reverse(name)))
        except NoReverseMatch:
            continue
    home = links[0][1] if links else ""
    # Booking is a part of looking for a course, under an address of its own.
    path = reverse("worker:courses") if request.path.startswith("/boeken/") else request.path
    below = [url for _label, url in links if path == url or (url != home and path.startswith(url))]
    here = max(below, key=len, default=None)
    return [Link(label, url, url == here) for label, url in links]


def home_of(role: str) -> str:
    """Return the address of the role's own home page, or of the public one."""
    for _label, name in LINKS.get(role, ()):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return reverse("public:home")
