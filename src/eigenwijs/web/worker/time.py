"""Time to learn at work: what there is, why, and choosing a day, with a page that says what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from eigenwijs.budgets import access as budgets
from eigenwijs.contributions import operations, queries
from eigenwijs.contributions.types import TimeJob, TimeToLearn
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.kernel.period import Period
from eigenwijs.people.types import Permission
from eigenwijs.schemes import queries as schemes
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.times import TIME_REFUSALS, TIME_STATES

_REFUSALS = (operations.UnableToTakeTime, TooBusy)
_FIELD_OF_CODE = {
    "wrong_amount": "amount",
    "not_enough": "amount",
    "too_soon": "day",
    "too_far": "day",
    "not_in_job": "day",
    "already_chosen": "day",
}
_LABELS = {"hours": gettext_lazy("Hoeveel uur?"), "days": gettext_lazy("Hoeveel dagen?")}


class DayForm(forms.Form):
    """Which day, and how much of it."""

    day = forms.DateField(
        label=gettext_lazy("Op welke dag wil je leren?"),
        help_text=gettext_lazy("Minstens vijftien dagen van nu, bijvoorbeeld 31-12-2026."),
    )
    amount = forms.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=Decimal("0.01"),
        error_messages={"min_value": gettext_lazy("Vul in hoeveel tijd je wilt: meer dan 0.")},
        localize=True,
        help_text=gettext_lazy("Bijvoorbeeld 7,5."),
    )

    def __init__(self, *args: object, unit: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["amount"].label = _LABELS[unit]

    @property
    def hundredths(self) -> int:
        """How much, in hundredths of the unit."""
        return int(self.cleaned_data["amount"] * 100)


Place = tuple[TimeToLearn, TimeJob, str, DayForm]
"""Time, a job to take it in, the key of both, and the form for it."""


@permitted(Permission.TAKE_TIME)
def time(request: HttpRequest) -> HttpResponse:
    """Show the worker's time with the days they chose; a post chooses a day, says yes or takes one back."""
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "withdraw" in posted:
        return _take_back(request, posted["withdraw"])
    found = queries.time_to_learn(
        by=request.actor,  # type: ignore[attr-defined]
        on=local_date(request_time(request)),
    )
    places = list(_places(found, posted))
    chosen = next((one for one in places if posted and one[2] == posted.get("job")), None)
    problem = ""
    if chosen and chosen[3].is_valid():
        says_yes = posted is not None and "yes" in posted
        can_be = _choose(
            request, chosen, operations.choose_day if says_yes else operations.check_day
        )
        if can_be and not says_yes:
            return render(request, "worker/time_yes.html", _meaning(chosen))
        if can_be:
            messages.success(request, _("Je koos een dag. Je werkgever weet het nu."))
            return redirect("worker:time")
    elif posted is not None and not chosen:
        problem = _("Bij deze baan kun je nu geen tijd opnemen.")
    context = {
        "found": [(own, [one for one in places if one[0] is own]) for own in found],
        "states": TIME_STATES,
        "refusals": TIME_REFUSALS,
        "today": local_date(request_time(request)),
        "problem": problem,
        "form": chosen[3] if chosen else None,
    }
    return render(request, "worker/time.html", context)


@permitted(Permission.SEE_OWN_ACCOUNT)
def why(request: HttpRequest, time_id: UUID) -> HttpResponse:
    """Show where time came from: the rule, its version, and each step."""
    credit = budgets.own_time_credit(request.actor, time_id)  # type: ignore[attr-defined]
    language = "en" if get_language() == "en" else "nl"
    context = {
        "credit": credit,
        "period": Period.parse(credit.reason.period),
        "steps": schemes.explain(credit.reason.steps, language, credit.unit),
        "version": schemes.version(credit.reason.version_hash),
    }
    return render(request, "worker/why_time.html", context)


def _places(found: list[TimeToLearn], posted: object) -> Iterator[Place]:
    """Yield a form for each job in which time can be taken; the one that was posted is filled in."""
    for own in found:
        for job in own.jobs if own.account.left else ():
            key = f"{job.employment_id} {own.account.scheme}"
            is_posted = posted is not None and posted.get("job") == key  # type: ignore[attr-defined]
            form = DayForm(
                posted if is_posted else None,
                unit=own.account.unit,
                auto_id=f"id_{job.employment_id}_{own.account.scheme.replace('/', '_')}_%s",
            )
            yield own, job, key, form


def _meaning(chosen: Place) -> dict[str, object]:
    """What the page before the yes says."""
    own, job, key, form = chosen
    return {"own": own, "job": job, "key": key, "form": form, "hundredths": form.hundredths}


def _choose(request: HttpRequest, chosen: Place, choose: Callable[..., None]) -> bool:
    """Choose the day, or only look whether that can be; what stands in the way is said at its field."""
    own, job, _key, form = chosen
    try:
        choose(
            employment_id=job.employment_id,
            scheme=own.account.scheme,
            hundredths=form.hundredths,
            day=form.cleaned_data["day"],
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except _REFUSALS as refusal:
        form.add_error(_FIELD_OF_CODE.get(refusal.code), str(refusal))
        return False
    return True


def _take_back(request: HttpRequest, use_id: str) -> HttpResponse:
    """Take back; what is no id, or of nobody or another person, is answered the same."""
    try:
        operations.take_day_back(
            use_id=UUID(use_id),
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except ValueError:
        pass
    except _REFUSALS as refusal:
        messages.error(request, str(refusal))
        return redirect("worker:time")
    messages.success(request, _("Je dag is ingetrokken."))
    return redirect("worker:time")
