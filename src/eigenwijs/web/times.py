"""Words for days on which people learn, the same for them and for their employers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from eigenwijs.budgets.types import TimeRefusal

TIME_STATES = {
    "asked": (_("wacht op antwoord"), "wait"),
    "stands": (_("gaat door"), "good"),
    "refused": (_("kan niet doorgaan"), "bad"),
    "withdrawn": (_("ingetrokken"), "wait"),
}
TIME_REFUSALS = {
    TimeRefusal.TOO_FEW: _("Er zijn die dag te weinig mensen voor het werk"),
    TimeRefusal.URGENT: _("Er is die dag werk dat niet kan wachten"),
}
