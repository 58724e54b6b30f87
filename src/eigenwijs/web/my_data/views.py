"""A worker's own data. Looking asks no second proof; changing how to be reached does."""

from __future__ import annotations

import json

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from eigenwijs.kernel.clock import local_date
from eigenwijs.people import access, operations, queries
from eigenwijs.people.types import Permission, Qualification, Status
from eigenwijs.web.access import permitted
from eigenwijs.web.middleware import request_time
from eigenwijs.web.my_data.exports import everything_of
from eigenwijs.web.my_data.forms import ContactForm, EmailForm, QualificationForm, StatusForm
from eigenwijs.web.signin import mailed_code, session
from eigenwijs.web.signin.forms import OneCodeForm
from eigenwijs.web.signin.proof import for_a_way_in, with_second_proof

NEW_EMAIL = "new_email"


@permitted(Permission.SEE_OWN_FILE)
def data(request: HttpRequest) -> HttpResponse:
    """Show what is known of this person."""
    person_id = request.actor.person_id  # type: ignore[attr-defined]
    context = {
        "person": queries.person(person_id),
        "login": queries.login(person_id),
        "employments": queries.employments(person_id),
        "statuses": queries.statuses(person_id),
        "qualification": queries.qualification(person_id),
    }
    return render(request, "my_data/data.html", context)


@permitted(Permission.SEE_OWN_FILE)
def looks(request: HttpRequest) -> HttpResponse:
    """Show who looked at this person's data."""
    person_id = request.actor.person_id  # type: ignore[attr-defined]
    return render(request, "my_data/looks.html", {"looks": access.looks(person_id)})


@permitted(Permission.SEE_OWN_FILE)
def export(request: HttpRequest) -> HttpResponse:
    """Say what the file holds, before it is downloaded."""
    return render(request, "my_data/export.html")


@never_cache
@permitted(Permission.SEE_OWN_FILE)
def export_file(request: HttpRequest) -> HttpResponse:
    """Hand out all that is known of this person, as one JSON file."""
    at = request_time(request)
    whole = everything_of(request.actor.person_id, at)  # type: ignore[attr-defined]
    response = HttpResponse(
        json.dumps(whole, ensure_ascii=False, indent=2), content_type="application/json"
    )
    name = f"eigenwijs-{local_date(at).isoformat()}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@permitted(Permission.CHANGE_OWN_CONTACT)
@with_second_proof
def contact(request: HttpRequest) -> HttpResponse:
    """Change telephone number and postal address."""
    actor = request.actor  # type: ignore[attr-defined]
    person = queries.person(actor.person_id)
    now = {"phone": person.phone, "address": person.address} if person else {}
    form = ContactForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        operations.change_contact(
            person_id=actor.person_id, **form.cleaned_data, by=actor, at=request_time(request)
        )
        messages.success(request, _("Je gegevens zijn bewaard."))
        return redirect("my_data:data")
    return render(request, "my_data/contact.html", {"form": form})


@never_cache
@permitted(Permission.CHANGE_OWN_CONTACT)
@for_a_way_in
def email(request: HttpRequest) -> HttpResponse:
    """Ask a new e-mail address, and send a code there to prove that it is theirs."""
    form = EmailForm(request.POST or None)
    actor, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    if (
        request.method == "POST"
        and form.is_valid()
        and not access.may_add_way_in(actor, at, form.cleaned_data["email"].lower())
    ):
        form.add_error(
            "email",
            _("Dit adres kenden we nog niet van je. Neem het adres dat we al van je hebben."),
        )
    if request.method == "POST" and form.is_valid():
        try:
            mailed_code.send(
                request,
                purpose=NEW_EMAIL,
                email=form.cleaned_data["email"],
                at=at,
            )
        except mailed_code.TooManyMails:
            form.add_error(None, _("Je vroeg te veel codes aan. Wacht tien minuten."))
        else:
            return redirect("my_data:email_code")
    login = queries.login(actor.person_id)
    return render(request, "my_data/email.html", {"form": form, "login": login})


@never_cache
@permitted(Permission.CHANGE_OWN_CONTACT)
@for_a_way_in
def email_code(request: HttpRequest) -> HttpResponse:
    """Take the code back; from now on the new address is the login's."""
    if not mailed_code.is_waiting(request, NEW_EMAIL):
        return redirect("my_data:email")
    sent_to = mailed_code.sent_to(request)
    shown = mailed_code.shown_in_demo(request)
    form = OneCodeForm(
        request.POST or None,
        label=_("De code uit de e-mail"),
        help_text=_("Zes cijfers."),
        digits=True,
    )
    if request.method == "POST" and form.is_valid():
        proven = mailed_code.accept(
            request,
            purpose=NEW_EMAIL,
            code=form.cleaned_data["code"],
            at=request_time(request),
        )
        if proven is None:
            form.add_error(
                "code",
                _("Deze code klopt niet, of hij werkt niet meer. Vraag zo nodig een nieuwe."),
            )
        else:
            refusal = _change_email(request, proven)
            if not refusal:
                messages.success(request, _("Je e-mailadres is gewijzigd."))
                is_confirmed = access.is_confirmed(request.actor)  # type: ignore[attr-defined]
                return redirect("my_data:data" if is_confirmed else "signin:owner")
            messages.error(request, refusal)
            return redirect("my_data:email")
    return render(
        request, "my_data/email_code.html", {"form": form, "sent_to": sent_to, "shown": shown}
    )


def _change_email(request: HttpRequest, proven: str) -> str:
    """Return why not, or an empty text. This session goes on; all others end."""
    actor = request.actor  # type: ignore[attr-defined]
    before = queries.login(actor.person_id)
    at = request_time(request)
    try:
        operations.change_contact(person_id=actor.person_id, email=proven, by=actor, at=at)
    except operations.UnableToChangeContact as refusal:
        return str(refusal)
    request.user.refresh_from_db()  # type: ignore[union-attr]
    update_session_auth_hash(request, request.user)  # type: ignore[arg-type]
    session.record_second_proof(request, request.user, at)  # type: ignore[arg-type]
    if before and before.email and before.email != proven:
        get_adapter().send_mail("account/email/email_changed", before.email, {})
    return ""


@permitted(Permission.CHANGE_OWN_CONTACT)
def status(request: HttpRequest) -> HttpResponse:
    """Add a row to one's own situation: employed, looking for work, ill, self-employed."""
    actor = request.actor  # type: ignore[attr-defined]
    at = request_time(request)
    form = StatusForm(request.POST or None, today=local_date(at))
    if request.method == "POST" and form.is_valid():
        operations.record_status(
            person_id=actor.person_id,
            status=Status(form.cleaned_data["status"]),
            since=form.cleaned_data["since"],
            by=actor,
            at=at,
        )
        messages.success(request, _("Bewaard. Je rekening en je geld blijven hetzelfde."))
        return redirect("my_data:data")
    return render(request, "my_data/status.html", {"form": form})


@never_cache
@permitted(Permission.CHANGE_OWN_CONTACT)
def qualification(request: HttpRequest) -> HttpResponse:
    """Ask the highest qualification, and say why and who sees it. Nobody has to answer."""
    actor = request.actor  # type: ignore[attr-defined]
    told = queries.qualification(actor.person_id)
    form = QualificationForm(request.POST or None, initial={"level": told and told.level.value})
    if request.method == "POST" and form.is_valid():
        operations.tell_qualification(
            person_id=actor.person_id,
            level=Qualification(form.cleaned_data["level"]),
            by=actor,
            at=request_time(request),
        )
        messages.success(request, _("Bewaard. Niemand op je werk ziet dit."))
        return redirect("my_data:data")
    return render(request, "my_data/qualification.html", {"form": form, "told": told})


@permitted(Permission.CHANGE_OWN_CONTACT)
@require_POST
def withdraw_qualification(request: HttpRequest) -> HttpResponse:
    """Take back what was told of the highest qualification."""
    actor = request.actor  # type: ignore[attr-defined]
    operations.tell_qualification(
        person_id=actor.person_id, level=None, by=actor, at=request_time(request)
    )
    messages.success(
        request,
        _(
            "Gewist. Het telt niet meer mee. Bij geld dat het al gaf, blijft staan wat je toen vertelde."
        ),
    )
    return redirect("my_data:data")
