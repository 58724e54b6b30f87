"""The table of two parties: proposals side by side, what they give, and saying yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from eigenwijs.people import queries as people
from eigenwijs.people.access import SecondProofNeeded
from eigenwijs.people.types import Permission
from eigenwijs.schemes import operations, queries
from eigenwijs.schemes.operations import UnableToNegotiate
from eigenwijs.schemes.queries import FaultyScheme
from eigenwijs.schemes.types import TWO_SIDES, NegotiationView
from eigenwijs.web import schemes as words
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.negotiator import differences, typical
from eigenwijs.web.negotiator.forms import (
    AcceptForm,
    CompareForm,
    NewTableForm,
    ProposalForm,
    ProposalTextForm,
)
from eigenwijs.web.negotiator.left_out import left_out
from eigenwijs.web.negotiator.whom import Whom, choices
from eigenwijs.web.negotiator.whom import chosen as chosen_whom
from eigenwijs.web.signin.proof import ask_for_second_proof

BASE = "begin"


@dataclass(frozen=True)
class OnTable:
    """A text on the table: `key` stands in addresses, `name` on the page."""

    key: str
    name: str
    side: str
    hash: str
    text: str


def on_table(found: NegotiationView) -> list[OnTable]:
    """Return every text on the table, the text they began with first."""
    texts = [OnTable(BASE, _("Waarmee jullie begonnen"), "", "", found.base)]
    for one in found.proposals:
        side = str(words.SIDES[one.side])
        name = _("%(side)s, voorstel %(number)s") % {"side": side, "number": one.number}
        texts.append(OnTable(f"{one.side}-{one.number}", name, one.side, one.hash, one.text))
    return texts


def _newest(texts: list[OnTable], side: str) -> OnTable:
    return next((one for one in reversed(texts) if one.side == side), texts[0])


def chosen(asked: Mapping[str, str], texts: list[OnTable]) -> list[OnTable]:
    """Return the two that are compared: those that were asked for, or the newest of each side."""
    found = []
    for name, side in zip(("a", "b"), TWO_SIDES, strict=True):
        wanted = asked.get(name)
        one = next((text for text in texts if text.key == wanted), None)
        found.append(one or _newest(texts, side))
    return found


def is_absent(asked: Mapping[str, str], texts: list[OnTable]) -> bool:
    """Whether a text was asked for that is not on the table."""
    keys = {"", *(text.key for text in texts)}
    return any(asked.get(name, "") not in keys for name in ("a", "b"))


def first_whole_year(found: NegotiationView) -> int:
    """Return the first calendar year that has the new figures from its first day."""
    day = found.starts_on
    return day.year if (day.month, day.day) == (1, 1) else day.year + 1


def outcome(compared: list[OnTable], found: NegotiationView, whom: Whom) -> dict[str, Any]:
    """Return what the comparison of texts shows, for these people; one text that was taken twice is shown once."""
    compared = list(dict.fromkeys(compared))
    texts, names = [one.text for one in compared], [one.name for one in compared]
    first_year = first_whole_year(found)
    people_followed = typical.follow(texts, names, first_year)
    return {
        "compared": compared,
        "left_out": left_out(texts, names, found.base, first_year, whom),
        "rows": differences.rows(texts, found.starts_on),
        "alone": words.clauses_alone(texts, names) if len(texts) > 1 else [],
        "followed": people_followed,
        "finding": typical.finding(people_followed),
        "years": typical.YEARS,
        "last_year": first_year + typical.YEARS - 1,
    }


@permitted(Permission.NEGOTIATE)
def new(request: HttpRequest) -> HttpResponse:
    """Open a table."""
    actor = request.actor  # type: ignore[attr-defined]
    form = NewTableForm(request.POST or None, organisation_id=actor.organisation_id)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        other_side = next(side for side in TWO_SIDES if side != wanted["side"])
        try:
            made = operations.open_negotiation(
                title=wanted["title"],
                base=queries.version(wanted["base"]).text,
                parties={
                    wanted["side"]: actor.organisation_id,
                    other_side: wanted["other"],
                },
                starts_on=wanted["starts_on"],
                by=actor,
                at=request_time(request),
            )
        except UnableToNegotiate as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("negotiator:table", made.id)
    return render(request, "negotiator/new_table.html", {"form": form})


@permitted(Permission.NEGOTIATE)
def table(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Show the table; a post says yes to a text, after a second proof."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.negotiation(table_id, by=actor)
    texts = on_table(found)
    form = AcceptForm(request.POST or None, texts=[(one.hash, one.name) for one in texts[1:]])
    if request.method == "POST" and form.is_valid():
        try:
            after = operations.accept(
                negotiation_id=table_id,
                text_hash=form.cleaned_data["hash"],
                by=actor,
                at=request_time(request),
            )
        except SecondProofNeeded:
            return ask_for_second_proof(request)
        except UnableToNegotiate as error:
            form.add_error("hash", str(error))
        else:
            messages.success(
                request,
                _("Jullie zijn het eens. De tekst is door beide kanten getekend.")
                if after.agreed
                else _("Jullie ja staat op tafel. Nu is de andere kant aan zet."),
            )
            return redirect("negotiator:table", table_id)
    side = found.side_of(actor.organisation_id)
    compared = chosen(request.GET, texts)
    people_of = choices(table_id, actor)
    whom = chosen_whom(request.GET.get("sector"), people_of)
    asked = {"a": compared[0].key, "b": compared[1].key, "sector": whom.key}
    context = {
        "found": found,
        "is_absent": is_absent(request.GET, texts),
        "side": side,
        "texts": texts,
        "form": form,
        "may_take_back": not found.agreed and found.accepted.get(side),
        "compare": CompareForm(
            asked, texts=[(one.key, one.name) for one in texts], people=people_of
        ),
        "whom": whom,
        "long_run_query": urlencode(asked),
        "parties": _parties(found),
        "accepted": {
            one: next(
                (text for text in texts if text.hash and text.hash == found.accepted.get(one)), None
            )
            for one in TWO_SIDES
        },
        "inferred": [one for one in texts[1:] if queries.check_text(one.text).inferred],
        "not_kept": [one for one in texts if not queries.check_text(one.text).portable],
        "agreed": next((one for one in texts if one.hash and one.hash == found.agreed), None),
        **outcome(compared, found, whom),
    }
    return render(request, "negotiator/table.html", context)


@permitted(Permission.NEGOTIATE)
@require_POST
def take_back_yes(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Take back the yes of one's own side."""
    try:
        operations.take_back_yes(
            negotiation_id=table_id,
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except UnableToNegotiate as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Jullie ja is ingetrokken."))
    return redirect("negotiator:table", table_id)


def _parties(found: NegotiationView) -> list[tuple[Any, str]]:
    names = {one.id: one.name for one in people.organisations()}
    return [(words.SIDES[side], names[found.parties[side]]) for side in TWO_SIDES]


@permitted(Permission.NEGOTIATE)
def proposal(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Make one's own proposal by choices: try it often, then lay it on the table or go on in its text."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.negotiation(table_id, by=actor)
    side = found.side_of(actor.organisation_id)
    texts = on_table(found)
    start = _newest(texts, side)
    form = ProposalForm(request.POST or None, found=queries.choices(start.text, found.starts_on))
    tried = start.text
    if request.method == "POST" and form.is_valid():
        try:
            tried = queries.with_choices(
                start.text,
                on=found.starts_on,
                figures=form.figures,
                without=form.without,
                end_months=form.end_months,
                returns_to=form.returns_to,
                work_related_only=form.work_related_only,
                source=found.title,
            )
            if request.POST.get("action") == "text":
                written = ProposalTextForm(initial={"text": tried})
                return render(
                    request, "negotiator/proposal_text.html", {"found": found, "form": written}
                )
            if request.POST.get("action") == "save":
                operations.propose(
                    negotiation_id=table_id, text=tried, by=actor, at=request_time(request)
                )
                messages.success(request, _("Jullie voorstel ligt op tafel."))
                return redirect("negotiator:table", table_id)
        except FaultyScheme as refusal:
            for fault in refusal.faults:
                form.add_fault(fault.field_name or "", str(fault))
        except UnableToNegotiate as refusal:
            form.add_error(None, str(refusal))
    other = next(one for one in TWO_SIDES if one != side)
    mine = OnTable("", _("Wat je nu invult"), side, "", tried)
    whom = chosen_whom(request.GET.get("sector"), choices(table_id, actor))
    context = {
        "found": found,
        "form": form,
        "stale": differences.stale_sentences(tried, found.base, found.starts_on),
        **outcome([mine, _newest(texts, other)], found, whom),
    }
    return render(request, "negotiator/proposal.html", context)


@permitted(Permission.NEGOTIATE)
def proposal_text(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Make one's own proposal by writing its text."""
    actor = request.actor  # type: ignore[attr-defined]
    found = queries.negotiation(table_id, by=actor)
    start = _newest(on_table(found), found.side_of(actor.organisation_id))
    form = ProposalTextForm(request.POST or None, initial={"text": start.text})
    if request.method == "POST" and form.is_valid():
        try:
            operations.propose(
                negotiation_id=table_id,
                text=form.cleaned_data["text"],
                by=actor,
                at=request_time(request),
            )
        except FaultyScheme as refusal:
            for fault in refusal.faults:
                form.add_error("text", words.fault_text(fault))
        except UnableToNegotiate as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, _("Jullie voorstel ligt op tafel."))
            return redirect("negotiator:table", table_id)
    return render(request, "negotiator/proposal_text.html", {"found": found, "form": form})


@permitted(Permission.NEGOTIATE)
def text_file(request: HttpRequest, table_id: UUID, key: str, kind: str) -> HttpResponse:
    """Hand out a text on the table: as the scheme file that runs, or in words."""
    found = queries.negotiation(table_id, by=request.actor)  # type: ignore[attr-defined]
    one = next((text for text in on_table(found) if text.key == key), None)
    if one is None or kind not in ("yaml", "txt"):
        raise Http404
    language = "nl" if get_language() == "nl" else "en"
    text = one.text if kind == "yaml" else queries.clauses_written_out(one.text, language)
    media = "application/yaml" if kind == "yaml" else "text/plain; charset=utf-8"
    answer = HttpResponse(text.encode(), content_type=media)
    name = f"{found.scheme.replace('/', '-')}-{key}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
