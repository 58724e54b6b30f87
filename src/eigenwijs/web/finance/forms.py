"""Finance's forms. What was typed stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money, sum_money
from eigenwijs.kernel.period import Period
from eigenwijs.kernel.reading import read_cents
from eigenwijs.treasury.types import (
    BankAccountView,
    EntryView,
    ExpectedReceipt,
    PayableOrder,
    PaymentOrderView,
    ReceiptState,
)
from eigenwijs.web.spreadsheets import decimal

MOST_ROWS = 9


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent in with a form, even if that is nothing; None for a visit."""
    return request.POST if request.method == "POST" else None


class EuroField(forms.CharField):
    """An amount as people write it (1.250,00), read exactly; None when it is empty."""

    def __init__(self, **arguments: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "field--short"})
        super().__init__(widget=widget, max_length=20, **arguments)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        cents = read_cents(text, line=None, field_name=str(self.label or ""))
        if isinstance(cents, Fault):
            raise forms.ValidationError(str(cents))
        return Money(cents)


class FileForm(forms.Form):
    """A file from the bank."""

    file = forms.FileField(
        label=_("Bestand van de bank"),
        widget=forms.FileInput(attrs={"accept": ".xml,application/xml,text/xml"}),
        error_messages={
            "required": _("Kies een bestand."),
            "empty": _("Dit bestand is leeg. Download het opnieuw bij de bank."),
        },
    )


class AssignForm(forms.Form):
    """Divide what is open of an entry over payment references: one a row, empty rows don't count.

    `proposals` are filled in where all of them can be paid.
    """

    def __init__(
        self, data: Any = None, *, entry: EntryView, proposals: Sequence[ExpectedReceipt] = ()
    ) -> None:
        super().__init__(data, prefix="assign")
        self.rows = min(len(proposals) + 1, MOST_ROWS)
        wanted = [one for one in proposals if one.open]
        # Which of several comes up short is for the person to say, so then nothing is filled in.
        if len(wanted) > 1 and sum_money(one.open for one in wanted) > entry.open:
            wanted = []
        for row in range(self.rows):
            reference, amount = "", ""
            if row < len(wanted):
                reference = wanted[row].reference
                amount = decimal(min(entry.open, wanted[row].open))
            self.fields[f"reference_{row}"] = forms.CharField(
                label=_("Betalingskenmerk %(number)d") % {"number": row + 1},
                required=False,
                max_length=40,
                initial=reference,
            )
            self.fields[f"amount_{row}"] = EuroField(
                label=_("Bedrag %(number)d") % {"number": row + 1}, required=False, initial=amount
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for row in range(self.rows):
            reference, amount = f"reference_{row}", f"amount_{row}"
            if cleaned.get(reference) and amount in cleaned and cleaned[amount] is None:
                self.add_error(amount, _("Vul ook het bedrag in."))
            if cleaned.get(amount) is not None and not cleaned.get(reference):
                self.add_error(reference, _("Vul ook het betalingskenmerk in."))
        return cleaned

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each row: reference and amount."""
        return [(self[f"reference_{row}"], self[f"amount_{row}"]) for row in range(self.rows)]

    @property
    def parts(self) -> list[tuple[str, Money]]:
        """The filled rows."""
        return [
            ("".join(str(self.cleaned_data[f"reference_{row}"]).split()).upper(), amount)
            for row in range(self.rows)
            if (amount := self.cleaned_data.get(f"amount_{row}")) is not None
        ]


class OrdersForm(forms.Form):
    """Say which payments of ours an entry is."""

    orders = forms.TypedMultipleChoiceField(
        label=_("Welke betalingen van ons zijn dit?"),
        help_text=_("Samen moeten ze precies het bedrag van de boeking zijn."),
        widget=forms.CheckboxSelectMultiple,
        coerce=UUID,
        required=False,
    )
    offsets = forms.TypedMultipleChoiceField(
        label=_("Gaf de bank een deel terug?"),
        help_text=_(
            "Kies dit als de bank een betaling weigerde, toch de hele batch afschreef en dat deel "
            "teruggaf. Het telt mee in het bedrag van de boeking."
        ),
        widget=forms.CheckboxSelectMultiple,
        coerce=UUID,
        required=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        orders: Sequence[PaymentOrderView],
        offsets: Sequence[EntryView],
    ) -> None:
        super().__init__(data, prefix="orders")
        if not orders:
            del self.fields["orders"]
        if not offsets:
            del self.fields["offsets"]
        self._offer("orders", [(order.id, _order_words(order)) for order in orders])
        self._offer("offsets", [(entry.id, _entry_words(entry)) for entry in offsets])

    def _offer(self, name: str, choices: list[tuple[UUID, str]]) -> None:
        if choices:
            field = cast("forms.TypedMultipleChoiceField", self.fields[name])
            field.choices = [(str(identifier), words) for identifier, words in choices]

    def clean(self) -> dict[str, Any]:
        """Ask for at least one choice."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("orders") and not cleaned.get("offsets"):
            self.add_error(next(iter(self.fields)), _("Kies ten minste één betaling."))
        return cleaned


def _order_words(order: PaymentOrderView) -> str:
    return f"{wording.money(order.amount)}, {order.holder_name}, {order.reference}"


def _entry_words(entry: EntryView) -> str:
    words = f"{entry.counterparty_name} {entry.remittance[:60]}".strip() or entry.end_to_end_id
    return f"{wording.day(entry.booked_on)}, {wording.money(entry.amount)}, {words}"


class OriginalForm(forms.Form):
    """Say which receipt the bank took back."""

    original = forms.TypedChoiceField(
        label=_("Welke ontvangst haalt de bank terug?"),
        widget=forms.RadioSelect,
        coerce=UUID,
        error_messages={"required": _("Kies één ontvangst.")},
    )

    def __init__(self, data: Any = None, *, originals: Iterable[EntryView]) -> None:
        super().__init__(data, prefix="original")
        cast("forms.TypedChoiceField", self.fields["original"]).choices = [
            (str(entry.id), _entry_words(entry)) for entry in originals
        ]


class ReceiptFilterForm(forms.Form):
    """Which expected receipts to show; without a choice those that still wait for money."""

    state = forms.ChoiceField(
        label=_("Laat zien"),
        required=False,
        choices=[
            ("", _("Nog niet helemaal betaald")),
            *((state.value, state.label) for state in ReceiptState),
            ("all", _("Alles")),
        ],
    )

    def states(self) -> tuple[ReceiptState, ...]:
        """The states to show."""
        wanted = self.cleaned_data["state"] if self.is_valid() else ""
        if wanted == "all":
            return tuple(ReceiptState)
        return (ReceiptState(wanted),) if wanted else (ReceiptState.OPEN, ReceiptState.PARTLY)


class PayeeAccountForm(forms.Form):
    """The account number on which an organisation wants to be paid."""

    payee = forms.TypedChoiceField(label=_("Ontvanger"), coerce=UUID)
    iban = forms.CharField(
        label=_("Rekeningnummer (IBAN)"),
        help_text=_("Bijvoorbeeld NL91 ABNA 0417 1643 00."),
        max_length=42,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    holder_name = forms.CharField(
        label=_("Naam van de rekeninghouder"),
        help_text=_("Zoals de bank hem kent."),
        max_length=70,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, payees: Iterable[tuple[UUID, str]]) -> None:
        super().__init__(data)
        cast("forms.TypedChoiceField", self.fields["payee"]).choices = [
            ("", "—"),
            *((str(payee), name) for payee, name in payees),
        ]


class BankAccountForm(forms.Form):
    """An account of the foundation itself."""

    iban = forms.CharField(
        label=_("Rekeningnummer (IBAN)"),
        help_text=_("Bijvoorbeeld NL91 ABNA 0417 1643 00."),
        max_length=42,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    holder_name = forms.CharField(
        label=_("Naam van de rekeninghouder"),
        help_text=_("Zoals de bank hem kent."),
        max_length=70,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    opening = EuroField(
        label=_("Saldo vóór het eerste afschrift"),
        help_text=_("Geld van de stichting zelf: het gaat naar de buffer. Niets? Vul 0 in."),
    )

    def clean_opening(self) -> Money:
        """Refuse a debt: clients' money never covers one."""
        opening: Money = self.cleaned_data["opening"]
        if opening.cents < 0:
            raise forms.ValidationError(_("Een rekening kan niet met rood staan beginnen."))
        return opening


class BatchForm(forms.Form):
    """Which payments go into one file, from which account, and when."""

    orders = forms.TypedMultipleChoiceField(
        label=_("Betalingen"),
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Kies ten minste één betaling.")},
    )
    bank_account = forms.TypedChoiceField(label=_("Van welke rekening"), coerce=UUID)
    execute_on = forms.DateField(
        label=_("Betaaldatum"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Dit is geen datum.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        payable: Sequence[PayableOrder],
        bank_accounts: Sequence[BankAccountView],
        execute_on: date,
    ) -> None:
        ready = [str(one.order.id) for one in payable if not one.blocked]
        super().__init__(data, initial={"orders": ready, "execute_on": execute_on})
        cast("forms.TypedMultipleChoiceField", self.fields["orders"]).choices = [
            (identifier, identifier) for identifier in ready
        ]
        cast("forms.TypedChoiceField", self.fields["bank_account"]).choices = [
            (str(account.id), wording.iban(account.iban)) for account in bank_accounts
        ]

    def chosen(self) -> set[str]:
        """The payments that are ticked now, as typed or by default all that can go."""
        value = self.data.getlist("orders") if self.is_bound else self.initial["orders"]  # type: ignore[attr-defined]
        return set(value)


class MonthForm(forms.Form):
    """A month to close, of those that the page offers."""

    month = forms.TypedChoiceField(label=_("Tot en met welke maand?"), coerce=Period.parse)

    def __init__(self, *args: Any, months: Sequence[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.TypedChoiceField", self.fields["month"])
        field.choices = [(str(month), wording.period(month)) for month in months]


class ReleaseForm(forms.Form):
    """A second person's yes to exactly the file that this page shows."""

    checksum = forms.CharField(widget=forms.HiddenInput)
    reviewed = forms.BooleanField(
        label=_("Ik heb elke betaling bekeken: ontvanger, rekeningnummer en bedrag."),
        error_messages={"required": _("Bekijk eerst de betalingen en zet dan dit vinkje.")},
    )
