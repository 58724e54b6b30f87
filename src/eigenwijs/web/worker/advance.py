"""Using coming amounts now: what can be asked, a page that says what it means, and taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.types import AdvanceView
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.errors import DomainError
from eigenwijs.kernel.money import Money
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.provider.forms import price_text
from eigenwijs.web.worker.rounds import AmountForm

_REFUSALS = (operations.UnableToAskAdvance, operations.UnableToWithdrawAdvance, TooBusy)


@permitted(Permission.ASK_ADVANCES)
def advance(request: HttpRequest) -> HttpResponse:
    """Show each job with what came ahead and what can be asked; a post asks, says yes or takes back."""
    found = queries.advances(
        by=request.actor,  # type: ignore[attr-defined]
        on=local_date(request_time(request)),
    )
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "withdraw" in posted:
        return _withdraw(request, posted["withdraw"])
    jobs, asked, problem = [], None, ""
    for place, job in enumerate(found):
        is_asked = posted is not None and _key(job) == posted.get("job")
        form = AmountForm(posted if is_asked else None, auto_id=f"id_{place}_%s")
        if is_asked:
            asked = (job, form)
        jobs.append((job, _key(job), form))
    if asked and asked[1].is_valid():
        job, form = asked
        amount = Money(form.cleaned_data["amount"])
        if not 0 < amount.cents <= job.room.cents:
            most = {"most": job.room}
            form.add_error("amount", _("Vul een bedrag in tot en met %(most)s.") % most)
        elif posted is not None and posted.get("yes") != str(job.room.cents):  # as the page said
            return render(request, "worker/advance_yes.html", _meaning(job, amount))
        elif refusal := _ask(request, job, amount):
            problem = str(refusal)
        else:
            messages.success(request, _("Je voorschot is gevraagd."))
            return redirect("worker:advance")
    elif posted is not None and not asked:
        problem = _("Hier kun je nu geen voorschot vragen.")
    context = {"jobs": jobs, "problem": problem, "form": asked[1] if asked else None}
    return render(request, "worker/advance.html", context)


def _key(job: AdvanceView) -> str:
    return f"{job.employment_id} {job.scheme}"


def _meaning(job: AdvanceView, amount: Money) -> dict[str, object]:
    """What the page before the yes says."""
    until = job.gone_after(amount)
    return {
        "job": job,
        "key": _key(job),
        "amount": amount,
        "until": until,
        "amount_text": price_text(amount.cents),
    }


def _ask(request: HttpRequest, job: AdvanceView, amount: Money) -> DomainError | None:
    try:
        operations.ask_advance(
            employment_id=job.employment_id,
            scheme=job.scheme,
            amount=amount,
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except _REFUSALS as refusal:
        return refusal
    return None


def _withdraw(request: HttpRequest, ask_id: str) -> HttpResponse:
    """Take back; what is no id, or of nobody or another person, is answered the same."""
    try:
        operations.withdraw_advance(
            ask_id=UUID(ask_id),
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except ValueError:
        pass
    except _REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("worker:advance")
    messages.success(request, _("Er wacht geen voorschot meer."))
    return redirect("worker:advance")
