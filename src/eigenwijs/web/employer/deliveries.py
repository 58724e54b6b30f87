"""Deliver a payroll file, look at what it comes to, and say yes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.types import DeliveryView, LineView
from eigenwijs.kernel import wording
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import Fault
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.kernel.period import Period, PeriodKind
from eigenwijs.people import access as people
from eigenwijs.people.types import Looked, Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.web.access import permitted
from eigenwijs.web.employer.forms import DeliveryForm, LinesForm
from eigenwijs.web.employer.home import DELIVERY_STATES
from eigenwijs.web.middleware import request_time
from eigenwijs.web.notas import REQUEST_STATES
from eigenwijs.web.paging import page_number

LINES_A_PAGE = 50
SHOWN_FAULTS = 200
FAR_FEWER = 0.8
"""Below this share of the lines of the period before, a preview asks whether it is whole."""

FIELD_NAMES = {
    "contract_kind": _("soort contract"),
    "contract_hours_week": _("contracturen per week"),
    "paid_hours_period": _("betaalde uren"),
    "started_on": _("in dienst"),
    "ended_on": _("uit dienst"),
    "gross_wage_cents": _("bruto loon"),
    "sought": _("wat alleen sommige regelingen vragen"),
    "name": _("naam"),
}
CHANGE_NAMES = {
    "added": _("nieuw in dit bestand"),
    "removed": _("staat er niet meer in"),
    "changed": _("gewijzigd"),
}


@permitted(Permission.DELIVER_PAYROLL)
def upload(request: HttpRequest) -> HttpResponse:
    """Ask for a period and a file; a faulty file comes back with all its faults."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    today = local_date(at)
    last = next(iter(_delivered(request)), None)
    kinds = sorted(_kinds(request), key=lambda kind: not last or kind is not last.period.kind)
    start = _next_period(last, kinds, today)
    form = DeliveryForm(
        request.POST or None, request.FILES or None, kinds=kinds, today=today, start=start
    )
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = operations.preview_delivery(
                employer_id=actor.organisation_id,
                period=Period.parse(form.cleaned_data["period"]),
                file_name=file.name,
                content=file.read(),
                by=actor,
                at=at,
            )
        except operations.UnableToDeliver as error:
            faults = list(error.faults)
        else:
            if not found.is_new and found.state != "received":
                messages.info(
                    request,
                    _("Dit bestand leverde je al aan voor deze periode. Er is niets veranderd."),
                )
            return redirect("employer:delivery", found.id)
    context = {"form": form, "faults": faults, "has_schemes": bool(kinds)}
    wrong = bool(faults or form.errors)
    return render(request, "employer/upload.html", context, status=422 if wrong else 200)


@permitted(Permission.DELIVER_PAYROLL)
def example(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Hand out an example of a payroll file."""
    response = HttpResponse(queries.payroll_template(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="salarisbestand.csv"'
    return response


@permitted(Permission.SEE_DELIVERIES)
@require_safe
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Show a delivery: what it comes to, what a correction changes, and its lines with reasons."""
    actor = request.actor  # type: ignore[attr-defined]
    found = _own(request, delivery_id)
    progress = queries.progress(delivery_id, by=actor)
    if found.state in ("received", "refused"):
        unread = {
            "delivery": found,
            "progress": progress,
            "faults": found.faults[:SHOWN_FAULTS],
            "more_faults": max(0, len(found.faults) - SHOWN_FAULTS),
        }
        return render(request, "employer/delivery_unread.html", unread)
    form = LinesForm(request.GET)
    form.is_valid()
    number = page_number(request)
    lines, total = queries.lines(
        delivery_id,
        by=actor,
        only_without=bool(form.cleaned_data.get("without")),
        personnel_number=form.cleaned_data.get("number", ""),
        first=(number - 1) * LINES_A_PAGE,
        count=LINES_A_PAGE,
    )
    if found.state == "booked":
        shown = queries.delivery_people(delivery_id, [line.number for line in lines])
        people.look_at_many(shown, what=Looked.DELIVERY, by=actor, at=request_time(request))
    crediting = queries.crediting(by=actor)
    context = {
        "delivery": found,
        "state": DELIVERY_STATES[found.state],
        "progress": progress,
        "differences": _differences(request, found),
        "hidden": queries.hidden_schemes(by=actor, on=schemes.reference_day(found.period)),
        "lines_before": _lines_before(request, found) if found.state == "previewed" else None,
        "form": form,
        "lines": [_line(line) for line in lines],
        "line_total": total,
        "number": number,
        "pages": max(1, -(-total // LINES_A_PAGE)),
        "requests": [
            (one, *REQUEST_STATES[one.standing], crediting.get(one.id))
            for one in queries.payment_requests(by=actor)
            if one.delivery_id == delivery_id
        ],
    }
    return render(request, "employer/delivery.html", context)


@permitted(Permission.DELIVER_PAYROLL)
@require_POST
def confirm(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Say yes to what the preview showed."""
    _own(request, delivery_id)
    try:
        found = operations.confirm_delivery(
            delivery_id=delivery_id,
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except (operations.UnableToConfirm, TooBusy) as error:
        messages.error(request, str(error))
        return redirect("employer:upload")
    if found.state == "booked":
        messages.success(request, _("Dank je. De aanlevering is verwerkt."))
    else:
        messages.success(
            request,
            # The same for every cause: money that is credited may be of a nota nobody shows the employer.
            _("Dank je. We verwerken je bestand. Dat kan even duren."),
        )
    return redirect("employer:delivery", delivery_id)


@permitted(Permission.DELIVER_PAYROLL)
@require_POST
def discard(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Throw a preview away."""
    _own(request, delivery_id)
    try:
        operations.discard_delivery(
            delivery_id=delivery_id,
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except operations.UnableToDiscard as error:
        messages.error(request, str(error))
        return redirect("employer:delivery", delivery_id)
    messages.info(request, _("Het bestand is weggegooid. Er is niets veranderd."))
    return redirect("employer:home")


def _own(request: HttpRequest, delivery_id: UUID) -> DeliveryView:
    found = queries.delivery(delivery_id, by=request.actor)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


def _kinds(request: HttpRequest) -> list[PeriodKind]:
    """Return the kinds of period that all schemes of the employer know."""
    today = local_date(request_time(request))
    employer_id = request.actor.organisation_id  # type: ignore[attr-defined]
    taking_part = {part.scheme for part in queries.participations(employer_id) if not part.ends_on}
    known = [
        set(version.periods) for version in schemes.schemes(today) if version.scheme in taking_part
    ]
    return [kind for kind in PeriodKind if known and all(kind in kinds for kinds in known)]


def _delivered(request: HttpRequest) -> list[DeliveryView]:
    """Return what the employer said yes to, the latest period first."""
    found = queries.deliveries(by=request.actor)  # type: ignore[attr-defined]
    return [one for one in found if one.state in ("confirmed", "booked")]


def _next_period(last: DeliveryView | None, kinds: list[PeriodKind], today: date) -> Period | None:
    """Return the period after the last one; that one again where the next has not begun."""
    if last is None or last.period.kind not in kinds:
        return None
    coming = last.period.next()
    return coming if coming.start <= today else last.period


def _lines_before(request: HttpRequest, found: DeliveryView) -> int | None:
    """Return how many lines the period before had, where this file has far fewer."""
    before = found.period.previous()
    counts = [one.line_count for one in _delivered(request) if one.period == before]
    far_fewer = counts and found.line_count < FAR_FEWER * counts[0]
    return counts[0] if far_fewer else None


def _differences(request: HttpRequest, found: DeliveryView) -> dict[str, object] | None:
    differences = queries.differences(found.id, by=request.actor)  # type: ignore[attr-defined]
    if differences is None:
        return None
    return {
        "added": differences.added,
        "removed": differences.removed,
        "changed": differences.changed,
        "shown": len(differences.changes),
        "total": differences.added + differences.removed + differences.changed,
        "changes": [
            (
                change,
                CHANGE_NAMES[change.kind],
                [
                    (FIELD_NAMES[name], _value(name, old), _value(name, new))
                    for name, old, new in change.fields
                ],
            )
            for change in differences.changes
        ],
    }


def _value(name: str, text: str) -> str:
    """Hours in hundredths as hours, cents as an amount; an empty value as a dash."""
    if not text:
        return "–"
    if name.endswith("_cents"):
        return wording.money(Money(int(text)))
    if name.endswith(("_week", "_period")):
        return f"{int(text) // 100},{int(text) % 100:02d}"
    return str(CONTRACT_WORDS.get(text, text))


CONTRACT_WORDS = {
    "permanent": _("vast"),
    "fixed_term": _("tijdelijk"),
    "on_call": _("oproep"),
    "agency": _("uitzend"),
}


def _line(line: LineView) -> tuple[LineView, list[tuple[object, list[str]]]]:
    language = "en" if get_language() == "en" else "nl"
    return line, [
        (amount, schemes.explain(amount.steps, language, amount.unit)) for amount in line.amounts
    ]
