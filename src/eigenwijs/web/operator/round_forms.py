"""What the operator fills in for a round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from eigenwijs.draws.types import (
    Beacon,
    CarryOver,
    FirstCome,
    Fit,
    Group,
    RoundRules,
    RoundView,
)
from eigenwijs.kernel.clock import AMSTERDAM
from eigenwijs.kernel.money import Money
from eigenwijs.people import queries as people
from eigenwijs.people.types import OrganisationKind
from eigenwijs.schemes import queries as schemes
from eigenwijs.web.operator.participations import DATES
from eigenwijs.web.provider.forms import PriceField, price_text
from eigenwijs.web.rounds import FITS
from eigenwijs.web.templatetags.eigenwijs import localised

EVERYONE = "all"
EVERYONE_TITLE = {"nl": "Iedereen die niet in een andere groep zit", "en": "Everyone else"}
GROUPS = ("a", "b", "c")
_DATE_HELP = _("Bijvoorbeeld 01-03-2026.")
# Code of a refusal → the field that it is about.
FIELD_OF = {
    "title_missing": "title_nl",
    "who_missing": "who_nl",
    "not_a_fund": "payer",
    "not_in_force": "scheme",
    "not_portable": "scheme",
    "wrong_pot": "pot",
    "wrong_amounts": "most",
    "wrong_window": "closes_on",
    "too_late": "opens_on",
    "wrong_reserve_until": "reserve_until",
    "wrong_accept_days": "accept_days",
    "wrong_reserve_places": "reserve_places",
    "wrong_weight": "weight_all",
    "wrong_share": "share_all",
    "wrong_carry_over": "carry_step",
    "wrong_beacon": "beacon_on",
    "law_missing": "law",
    "wrong_opening": "first_on",
    "wrong_first_come": "law",
    "other_order": "law",
    "other_window": "opens_on",
    "other_pot": "pot",
    "other_amounts": "most",
    "other_who": "who_nl",
    "other_groups": "group_a_nl",
    "other_fit": "fit",
    "other_bad_luck": "carry_step",
    "window_taken": "opens_on",
}


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, help_text=_DATE_HELP, input_formats=DATES, **more)


def _text(label: Any, length: int = 200, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, **more)


def _number(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, **more)


class RoundForm(forms.Form):
    """All rules of a round. Payer and pot are asked once: the payer pays that amount."""

    title_nl = _text(_("Naam, in het Nederlands"))
    title_en = _text(_("Naam, in het Engels"))
    payer = forms.TypedChoiceField(label=_("Wie betaalt"), coerce=UUID)
    scheme = forms.ChoiceField(
        label=_("Regeling"),
        help_text=_("Het gewonnen geld krijgt de voorwaarden van deze regeling."),
    )
    pot = PriceField(label=_("Te verdelen, in euro"))
    least = PriceField(label=_("Het minste dat iemand kan vragen, in euro"))
    most = PriceField(
        label=_("Het meeste dat iemand kan vragen, in euro"),
        help_text=_("Hetzelfde als het minste: dan krijgt iedere winnaar dat bedrag."),
    )
    opens_on = _day(_("Eerste dag om mee te doen"))
    closes_on = _day(_("Laatste dag om mee te doen"))
    who_nl = _text(_("Voor wie, in het Nederlands"), 300)
    who_en = _text(_("Voor wie, in het Engels"), 300)
    when = _text(
        _("Voorwaarde om mee te doen"),
        500,
        required=False,
        help_text=_(
            "Feiten: contract_kind, contract_hours_week, age. Bijvoorbeeld: age >= 18. Leeg is iedereen."
        ),
    )

    def __init__(self, data: Any = None, *, of: RoundView | None = None) -> None:
        super().__init__(data, initial=initial(of.rules) if of else {})
        self.of = of
        for name in GROUPS:
            self._add_group(name)
        self.fields["weight_all"] = _number(
            _("Iedereen in geen andere groep: telt … keer"), initial=1
        )
        self.fields["share_all"] = _number(
            _("Iedereen in geen andere groep: eigen deel in procenten"), initial=0
        )
        self._add_rest()
        if of:
            del self.fields["payer"], self.fields["pot"]
        else:
            funds = people.organisations(OrganisationKind.PAYER)
            self.fields["payer"].choices = [(one.id, one.name) for one in funds]  # type: ignore[attr-defined]
        known = {one.scheme: one.title for one in schemes.all_versions() if one.valid_from}
        self.fields["scheme"].choices = [  # type: ignore[attr-defined]
            (name, localised(title)) for name, title in known.items()
        ]

    def _add_group(self, name: str) -> None:
        label = {"name": name.upper()}
        self.fields[f"group_{name}_nl"] = _text(
            _("Groep %(name)s: naam in het Nederlands") % label, required=False
        )
        self.fields[f"group_{name}_en"] = _text(
            _("Groep %(name)s: naam in het Engels") % label, required=False
        )
        self.fields[f"group_{name}_when"] = _text(
            _("Groep %(name)s: voorwaarde") % label, 500, required=False
        )
        self.fields[f"weight_{name}"] = _number(
            _("Groep %(name)s: telt … keer") % label, required=False
        )
        self.fields[f"share_{name}"] = _number(
            _("Groep %(name)s: eigen deel in procenten") % label, required=False
        )

    def _add_rest(self) -> None:
        self.fields["fit"] = forms.ChoiceField(
            label=_("Past een aanvraag niet meer in het geld?"),
            choices=[(fit.value, words) for fit, words in FITS.items()],
            widget=forms.RadioSelect,
            initial=Fit.CLOSE.value,
        )
        self.fields["reserve_places"] = _number(_("Plaatsen op de wachtlijst"), initial=100)
        self.fields["reserve_until"] = _day(_("Laatste dag van de wachtlijst"))
        self.fields["accept_days"] = _number(_("Dagen om ja te zeggen"), initial=28)
        self.fields["carry_step"] = _number(
            _("Pech: zoveel keer extra per ronde zonder geluk"), initial=1
        )
        self.fields["carry_most"] = _number(_("Pech: voor hooguit zoveel rondes"), initial=3)
        self.fields["beacon_source"] = _text(
            _("Openbaar getal: wie publiceert het"),
            required=False,
            help_text=_("Leeg is zonder openbaar getal. Dan kan de beheerder sturen."),
        )
        self.fields["beacon_round"] = _text(_("Openbaar getal: welk nummer"), 60, required=False)
        self.fields["beacon_on"] = _day(_("Openbaar getal: valt op"), required=False)
        self.fields["beacon_at"] = forms.TimeField(
            label=_("Openbaar getal: hoe laat"),
            help_text=_("Bijvoorbeeld 12:00."),
            required=False,
            initial="12:00",
        )

        self.fields["law"] = _text(
            _("Volgorde van aankomst: de tekst van de wet die dat eist"),
            1_000,
            required=False,
            help_text=_(
                "Leeg is een loting. Anders is de tijd om mee te doen een wachtkamer: wie wacht, komt het "
                "eerst, in gelote volgorde. Daarna op volgorde van aankomst."
            ),
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields["first_on"] = _day(_("Volgorde van aankomst: opent op"), required=False)
        self.fields["first_at"] = forms.TimeField(
            label=_("Volgorde van aankomst: hoe laat"),
            help_text=_("Bijvoorbeeld 12:00."),
            required=False,
            initial="12:00",
        )

    def clean(self) -> dict[str, Any]:
        """A beacon is whole or not there; so is a group, and the order of arrival."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("beacon_source") and not (
            cleaned.get("beacon_on") and cleaned.get("beacon_at")
        ):
            self.add_error("beacon_on", _("Vul in wanneer het openbare getal valt."))
        if bool(cleaned.get("law")) != bool(cleaned.get("first_on")):
            self.add_error(
                "first_on" if cleaned.get("law") else "law",
                _("Vul de tekst van de wet in, en wanneer de ronde opent. Of geen van beide."),
            )
        for name in GROUPS:
            whole = [cleaned.get(f"group_{name}_{part}") for part in ("nl", "en", "when")]
            if any(whole) and not all(whole):
                self.add_error(
                    f"group_{name}_nl", _("Geef de groep een naam in twee talen en een voorwaarde.")
                )
        return cleaned

    def rules(self, round_id: UUID) -> RoundRules:
        """Return the rules that were filled in; the form is valid."""
        given = self.cleaned_data
        before = self.of.rules if self.of else None
        return RoundRules(
            round_id=round_id,
            title={"nl": given["title_nl"], "en": given["title_en"]},
            who={"nl": given["who_nl"], "en": given["who_en"]},
            when=given["when"],
            payer=before.payer if before else "",
            scheme=given["scheme"],
            scheme_hash="",
            pot=before.pot if before else Money(given["pot"]),
            least=Money(given["least"]),
            most=Money(given["most"]),
            opens_on=given["opens_on"],
            closes_on=given["closes_on"],
            groups=tuple(self._groups()),
            fit=Fit(given["fit"]),
            reserve_places=given["reserve_places"],
            carry_over=CarryOver(given["carry_step"], given["carry_most"]),
            accept_days=given["accept_days"],
            reserve_until=given["reserve_until"],
            beacon=self._beacon(),
            first_come=self._first_come(),
        )

    def _groups(self) -> Iterable[Group]:
        given = self.cleaned_data
        for name in GROUPS:
            if given[f"group_{name}_when"]:
                yield Group(
                    name,
                    {"nl": given[f"group_{name}_nl"], "en": given[f"group_{name}_en"]},
                    given[f"group_{name}_when"],
                    given[f"weight_{name}"] or 1,
                    given[f"share_{name}"] or 0,
                )
        yield Group(EVERYONE, EVERYONE_TITLE, "", given["weight_all"], given["share_all"])

    def _beacon(self) -> Beacon | None:
        given = self.cleaned_data
        if not given["beacon_source"]:
            return None
        on, at = given["beacon_on"], given["beacon_at"] or time(12)
        falls_at = datetime.combine(on, at, tzinfo=AMSTERDAM)
        return Beacon(given["beacon_source"], given["beacon_round"], falls_at)

    def _first_come(self) -> FirstCome | None:
        given = self.cleaned_data
        if not given["law"]:
            return None
        on, at = given["first_on"], given["first_at"] or time(12)
        return FirstCome(datetime.combine(on, at, tzinfo=AMSTERDAM), given["law"])


def initial(of: RoundRules) -> dict[str, Any]:
    """Return the rules as the form shows them."""
    shown: dict[str, Any] = {
        "title_nl": of.title["nl"],
        "title_en": of.title["en"],
        "who_nl": of.who["nl"],
        "who_en": of.who["en"],
        "when": of.when,
        "scheme": of.scheme,
        "least": price_text(of.least.cents),
        "most": price_text(of.most.cents),
        "opens_on": of.opens_on,
        "closes_on": of.closes_on,
        "fit": of.fit.value,
        "reserve_places": of.reserve_places,
        "reserve_until": of.reserve_until,
        "accept_days": of.accept_days,
        "carry_step": of.carry_over.step,
        "carry_most": of.carry_over.most,
    }
    for group in of.groups:
        shown |= {
            f"weight_{group.id}": group.weight,
            f"share_{group.id}": group.share_percent,
        }
        if group.when:
            texts = asdict(group)["title"]
            shown |= {
                f"group_{group.id}_nl": texts["nl"],
                f"group_{group.id}_en": texts["en"],
                f"group_{group.id}_when": group.when,
            }
    if of.beacon:
        falls = of.beacon.falls_at.astimezone(AMSTERDAM)
        shown |= {
            "beacon_source": of.beacon.source,
            "beacon_round": of.beacon.round,
            "beacon_on": falls.date(),
            "beacon_at": falls.time(),
        }
    if of.first_come:
        opens = of.first_come.opens_at.astimezone(AMSTERDAM)
        shown |= {
            "law": of.first_come.law,
            "first_on": opens.date(),
            "first_at": opens.time(),
        }
    return shown


class BeaconForm(forms.Form):
    """The value of the beacon, as it was published."""

    value = forms.CharField(
        label=_("Het openbare getal"),
        help_text=_(
            "Neem het precies over. Iedereen kan zien of het klopt, en dat jij het invulde."
        ),
        max_length=200,
    )


class WithdrawForm(forms.Form):
    """Why a published round is withdrawn."""

    reason_nl = forms.CharField(
        label=_("Waarom, in het Nederlands"),
        help_text=_("Eén of twee zinnen. Iedereen leest ze, en wie meedoet krijgt ze als bericht."),
        max_length=500,
    )
    reason_en = forms.CharField(label=_("Waarom, in het Engels"), max_length=500)

    @property
    def reason(self) -> dict[str, str]:
        """The reason by language; the form is valid."""
        return {language: self.cleaned_data[f"reason_{language}"] for language in ("nl", "en")}


class TicketListForm(forms.Form):
    """A list of tickets to try rules on."""

    file = forms.FileField(
        label=_("Een lijst van jezelf"),
        help_text=_("Een CSV-bestand van hoogstens 25 MB. We bewaren er niets van."),
        error_messages={"required": _("Kies een bestand."), "empty": _("Dit bestand is leeg.")},
    )


class DryRunForm(forms.Form):
    """Among whose tickets to try."""

    past = forms.TypedChoiceField(label=_("Probeer het op een eerdere ronde"), coerce=UUID)

    def __init__(self, data: Any, *, past: Iterable[RoundView]) -> None:
        super().__init__(data)
        self.fields["past"].choices = [  # type: ignore[attr-defined]
            (one.id, f"{localised(one.rules.title)} ({one.number})") for one in past
        ]
