"""The desk finds a person exactly, and every look stands in that person's own log."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from eigenwijs.people import access, operations, queries
from eigenwijs.people.types import Looked, Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.desk_people.forms import ConfirmForm, CorrectForm, NameForm, NumberForm
from eigenwijs.web.letters.paper import letters_response
from eigenwijs.web.middleware import request_time


@never_cache
@permitted(Permission.FIND_PEOPLE)
def find(request: HttpRequest) -> HttpResponse:
    """Ask for name and birth date, or employer and personnel number; show who fits exactly."""
    by_number = "personnel_number" in request.POST
    name_form = NameForm(request.POST if request.method == "POST" and not by_number else None)
    number_form = NumberForm(request.POST if by_number else None)
    asked = number_form if by_number else name_form
    found = None
    if request.method == "POST" and asked.is_valid():
        found = queries.find_people(**asked.cleaned_data)
        access.look_at_many(
            [one.id for one in found],
            what=Looked.FILE,
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
        if len(found) == 1:
            return redirect("desk_people:person", found[0].id)
    shown = None
    if found is not None:
        shown = [(one, queries.employments(one.id)) for one in found]
    context = {
        "name_form": name_form,
        "number_form": number_form,
        "found": shown,
        "asked": asked,
    }
    return render(request, "desk_people/find.html", context)


@never_cache
@permitted(Permission.FIND_PEOPLE)
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show how to reach one person, and what the desk can do; the person sees this look."""
    found = queries.person(person_id)
    if found is None:
        raise Http404
    access.look_at(
        person_id,
        what=Looked.CONTACT,
        by=request.actor,  # type: ignore[attr-defined]
        at=request_time(request),
    )
    context = {
        "person": found,
        "employments": queries.employments(person_id),
        "login": queries.login(person_id),
    }
    return render(request, "desk_people/person.html", context)


@permitted(Permission.ISSUE_CLAIM_CODES)
@require_POST
def letter(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Print a letter that opens the file, or ask one with which its owner gets in again."""
    if queries.person(person_id) is None:
        raise Http404
    actor = request.actor  # type: ignore[attr-defined]
    at = request_time(request)
    try:
        if queries.login(person_id):
            operations.ask_recovery(person_id=person_id, by=actor, at=at)
            messages.success(
                request,
                _("Gevraagd. Een collega zegt ja of nee. De deelnemer krijgt hier bericht van."),
            )
            return redirect("desk_people:person", person_id)
        letters = operations.issue_claim_letters(person_ids=[person_id], by=actor, at=at)
    except operations.UnableToRecover as refusal:
        messages.error(request, str(refusal))
        return redirect("desk_people:person", person_id)
    if not letters:
        messages.error(
            request,
            _(
                "Voor dit dossier kun jij geen brief maken. Kijk of de geboortedatum bekend is. "
                "Verbeterde jij zelf iets? Laat een collega dan de brief maken."
            ),
        )
        return redirect("desk_people:person", person_id)
    return letters_response(request, letters, "brief")


@never_cache
@permitted(Permission.CONFIRM_OWNERS)
def confirm(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Note that the desk saw proof that it is the owner who signed in."""
    found = queries.person(person_id)
    login = queries.login(person_id)
    if found is None or login is None or login.is_confirmed:
        raise Http404
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.confirm_owner(
                person_id=person_id,
                code=form.cleaned_data["code"],
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except operations.UnableToConfirm as refusal:
            form.add_error("code" if refusal.code == "not_accepted" else None, str(refusal))
        else:
            messages.success(request, _("Bewaard. De deelnemer krijgt hier bericht van."))
            return redirect("desk_people:person", person_id)
    return render(request, "desk_people/confirm.html", {"form": form, "person": found})


@never_cache
@permitted(Permission.CORRECT_PEOPLE)
def correct(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Correct a name or birth date, on evidence; the person is told."""
    found = queries.person(person_id)
    if found is None:
        raise Http404
    now = {"name": found.name, "birth_date": found.birth_date}
    form = CorrectForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        operations.correct_person(
            person_id=person_id,
            name=form.cleaned_data["name"],
            birth_date=form.cleaned_data["birth_date"],
            by=request.actor,  # type: ignore[attr-defined]
            at=request_time(request),
        )
        messages.success(request, _("Bewaard. De deelnemer krijgt hier bericht van."))
        return redirect("desk_people:person", person_id)
    return render(request, "desk_people/correct.html", {"form": form, "person": found})
