"""The days on which people learn: who and when, never what for; the employer agrees, or refuses with a reason."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eigenwijs.budgets.types import TimeRefusal
from eigenwijs.contributions import operations, queries
from eigenwijs.kernel.clock import local_date
from eigenwijs.kernel.patience import TooBusy
from eigenwijs.people import access as people
from eigenwijs.people.types import Looked, Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.paging import page_of
from eigenwijs.web.times import TIME_REFUSALS, TIME_STATES

DAYS_A_PAGE = 30


class AnswerForm(forms.Form):
    """Yes, or why not."""

    AGREE = "agree"
    answer = forms.ChoiceField(
        label=gettext_lazy("Je antwoord"),
        widget=forms.RadioSelect,
        choices=[
            (AGREE, gettext_lazy("De dag gaat door")),
            *((one.value, text) for one, text in TIME_REFUSALS.items()),
        ],
    )


@permitted(Permission.ANSWER_TIME)
def time(request: HttpRequest) -> HttpResponse:
    """Show the days from today on, the first day first; a post answers one."""
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    posted = request.POST if request.method == "POST" else None
    found = queries.time_at_work(by=actor, on=local_date(at))
    if posted is not None and posted.get("use") not in {str(one.use.id) for one in found}:
        messages.error(request, _("Deze dag is er niet meer."))
        return redirect(request.get_full_path())
    if posted is not None and (form := AnswerForm(posted)).is_valid():
        _answer(request, UUID(posted["use"]), form.cleaned_data["answer"])
        return redirect(request.get_full_path())
    page = page_of(request, found, DAYS_A_PAGE)
    rows, sent = [], None
    for one in page.items:
        is_sent = posted is not None and posted.get("use") == str(one.use.id)
        form = AnswerForm(posted if is_sent else None, auto_id=f"id_{one.use.id}_%s")
        can_answer = one.use.state == "asked" and one.use.answer_by >= local_date(at)
        rows.append((one, *TIME_STATES[one.use.state], form if can_answer else None))
        sent = form if is_sent and can_answer else sent
    shown = {one.use.person_id for one in page.items}
    people.look_at_many(shown, what=Looked.TIME, by=actor, at=at)
    context = {"page": page, "rows": rows, "refusals": TIME_REFUSALS, "form": sent}
    return render(request, "employer/time.html", context)


def _answer(request: HttpRequest, use_id: UUID, answer: str) -> None:
    try:
        operations.answer_time(
            use_id=use_id,
            refusal=None if answer == AnswerForm.AGREE else TimeRefusal(answer),
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
    except (operations.UnableToTakeTime, TooBusy) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Dank je. Je medewerker leest je antwoord."))
