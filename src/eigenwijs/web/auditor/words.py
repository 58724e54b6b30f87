"""What the books call things, in words that an auditor can read aloud."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eigenwijs.ledger.types import AccountKind, Happened, Phase

Words = dict[str, str | Promise]

KINDS: dict[AccountKind, str | Promise] = {
    AccountKind.BANK: _("Op de bank"),
    AccountKind.IN_TRANSIT: _("Onderweg: vrijgegeven, nog niet van de bank af"),
    AccountKind.UNMATCHED: _("Ontvangen, nog niet duidelijk waarvoor"),
    AccountKind.PAYER_CLEARING: _("Van betalers, nog niet verdeeld"),
    AccountKind.POT: _("Van deelnemers"),
    AccountKind.ROUND_POT: _("Van deelnemers, in een verdeelronde"),
    AccountKind.LAPSED: _("Verlopen, terug naar wie de regeling noemt"),
    AccountKind.PROVIDER_PAYABLE: _("Te betalen aan opleiders"),
    AccountKind.RETURNED: _("Gaat terug naar wie het stuurde"),
    AccountKind.BUFFER: _("Buffer van de stichting"),
}
SETTLED: dict[Phase, str | Promise] = {
    Phase.POST: _("Geboekt van wat vaststond"),
    Phase.VOID: _("Weer vrij"),
}
REVERSED = _("Teruggedraaid")
TRANSFERS: Words = {
    "bank_costs": _("Kosten van de bank"),
    "bank_interest": _("Rente van de bank"),
    "buffer": _("Naar of uit de buffer"),
    "buffer_carries": _("De buffer draagt wat de bank terughaalde"),
    "credit": _("Bijgeschreven"),
    "fund_round": _("Apart gezet voor een verdeelronde"),
    "grant": _("Gewonnen in een loting, wacht op een ja"),
    "lapse": _("Niet meer geldig"),
    "pass_on": _("Van te weinig mensen, van de werkgever naar het fonds"),
    "left_over": _("Over van een verdeelronde, terug naar de betaler"),
    "netted": _("Weggestreept tegen geld dat de bank teruggaf"),
    "opening": _("Beginsaldo"),
    "order_rejected": _("Betaling geweigerd door de bank"),
    "order_released": _("Betaling vrijgegeven"),
    "order_returned": _("Betaling teruggekomen"),
    "order_settled": _("Betaling van de bank af"),
    "receipt": _("Ontvangen met een betalingskenmerk"),
    "receipt_repays_buffer": _("Ontvangen: vult de buffer weer aan"),
    "receipt_reversed": _("Ontvangst teruggehaald door de bank"),
    "renew": _("Langer vastgezet"),
    "reserve": _("Vastgezet voor een boeking"),
    "return": _("Gaat terug naar wie het stuurde"),
    "return_failed": _("Terugsturen lukte niet"),
    "surplus": _("Te veel betaald"),
    "unmatched": _("Ontvangen, nog niet duidelijk waarvoor"),
}
# What each check of the proof says when it finds something.
BREACHES: Words = {
    "balance_differs": _("Het saldo van een rekening is niet de som van haar posten."),
    "overdrawn": _("Een rekening staat lager dan nul."),
    "content_changed": _("Een post is veranderd nadat hij werd opgeschreven."),
    "half_missing": _("Van een post ontbreekt de andere helft."),
    "half_without_between": _("Een halve post staat op een plek waar hij niet hoort."),
    "key_used_twice": _("Hetzelfde nummer is gebruikt voor meer dan één post."),
    "settlement_wrong": _("Een post handelt iets af dat niet vaststond, of te veel."),
    "hold_settled_twice": _("Wat vaststond, is twee keer afgehandeld."),
    "reversal_wrong": _("Een tegenpost hoort niet bij de post die hij noemt."),
    "reversal_exceeds": _("Er is meer teruggeboekt dan er geboekt was."),
    "hold_past_its_end": _("Geld staat nog vast na de laatste dag."),
    "hold_without_owner": _("Geld staat vast, maar geen boeking van een cursus hoort erbij."),
    "between_not_zero": _("Wat van vak naar vak gaat, is samen niet nul."),
    "sums_differ": _("Alle bedragen af en alle bedragen bij zijn samen niet gelijk."),
    "seal_broken": _("Een verzegelde reeks posten is niet meer zoals hij was."),
    "seal_missing": _("Een zegel past niet op het zegel ervoor, of is weg."),
    "client_money_differs": _("Wat er is, is niet gelijk aan wat we schuldig zijn."),
    "credit_differs": _("Een storting bij een deelnemer is anders dan in het grootboek."),
    "correction_differs": _("Een correctie bij een deelnemer is anders dan in het grootboek."),
    "reservation_differs": _("Voor een cursus staat een ander bedrag vast dan in het grootboek."),
    "lapse_differs": _("Er is een ander bedrag verlopen dan in het grootboek."),
    "lapse_missing": _("In het grootboek verliep geld, en er staat niet bij van wie en waarom."),
    "grant_differs": _("Voor een winnaar staat een ander bedrag vast dan in het grootboek."),
    "round_differs": _("Van een verdeelronde is een ander bedrag over dan in het grootboek."),
    "spending_differs": _("Voor een cursus is een ander bedrag uitgegeven dan in het grootboek."),
}
OF_ACCOUNTS = frozenset({"balance_differs", "overdrawn"})
"""Breaches that name an account; the others name a transfer, or nothing."""


def event(happened: Happened) -> str | Promise:
    """Return what a transfer did; its code where nobody gave it words."""
    if happened.is_reversal:
        return REVERSED
    return SETTLED.get(happened.phase) or TRANSFERS.get(happened.kind, happened.kind)
