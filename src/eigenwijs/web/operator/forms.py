"""The operator's forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.people import queries
from eigenwijs.people.types import OrganisationKind, Role

STAFF_ROLES = [role for role in Role if role.is_staff]


class OrganisationFilter(forms.Form):
    """Which organisations to show."""

    words = forms.CharField(label=_("Naam of KvK-nummer"), required=False)
    kind = forms.ChoiceField(
        label=_("Soort"),
        required=False,
        choices=[("", _("Alle soorten")), *((kind.value, kind.label) for kind in OrganisationKind)],
    )


class OrganisationForm(forms.Form):
    """The facts of one organisation."""

    name = forms.CharField(label=_("Naam"), max_length=200)
    kvk_number = forms.CharField(
        label=_("KvK-nummer"), help_text=_("Acht cijfers."), required=False, max_length=20
    )
    address = forms.CharField(
        label=_("Adres"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        error_messages={"invalid": _("Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl.")},
    )


class NewOrganisationForm(OrganisationForm):
    """A new one: its kind never changes afterwards."""

    kind = forms.ChoiceField(
        label=_("Soort"),
        choices=[(kind.value, kind.label) for kind in OrganisationKind],
        widget=forms.RadioSelect,
    )
    field_order = ("kind", "name", "kvk_number", "address", "email")


class ChangeOrganisationForm(OrganisationForm):
    """An existing one."""

    is_active = forms.BooleanField(label=_("Doet mee"), required=False)


class RoleFilter(forms.Form):
    """Which roles to show."""

    role = forms.ChoiceField(
        label=_("Rol"),
        required=False,
        choices=[("", _("Alle rollen")), *((role.value, role.label) for role in STAFF_ROLES)],
    )


class GrantForm(forms.Form):
    """Somebody gets a role."""

    name = forms.CharField(label=_("Naam"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail van het werk"),
        help_text=_("Hiermee logt deze persoon in, samen met een passkey of een app met codes."),
        error_messages={"invalid": _("Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl.")},
    )
    role = forms.ChoiceField(
        label=_("Rol"),
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        widget=forms.RadioSelect,
    )
    organisation_id = forms.TypedChoiceField(
        label=_("Voor welke organisatie?"),
        help_text=_("Alleen bij werkgever, opleider en cao-partij."),
        required=False,
        coerce=UUID,
        empty_value=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {
            OrganisationKind.EMPLOYER,
            OrganisationKind.PROVIDER,
            OrganisationKind.AGREEMENT_PARTY,
        }
        shown = [one for one in queries.organisations() if one.kind in kinds]
        self.fields["organisation_id"].choices = [  # type: ignore[attr-defined]
            ("", _("Geen")),
            *((one.id, f"{one.name} ({one.kind.label})") for one in shown),
        ]
