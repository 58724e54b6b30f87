"""Organisations, roles, and letters."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from eigenwijs.kernel.errors import DomainError
from eigenwijs.people import operations, queries
from eigenwijs.people.types import OrganisationKind, OrganisationView, Permission, Role
from eigenwijs.web.access import permitted
from eigenwijs.web.letters.paper import letters_response
from eigenwijs.web.middleware import request_time
from eigenwijs.web.operator.forms import (
    ChangeOrganisationForm,
    GrantForm,
    NewOrganisationForm,
    OrganisationFilter,
    RoleFilter,
)
from eigenwijs.web.signin.proof import with_second_proof

ON_A_PAGE = 50
_FIELD_OF = {
    "name_missing": "name",
    "kvk_number_wrong": "kvk_number",
    "kvk_number_taken": "kvk_number",
    "email_taken": "email",
    "wrong_organisation": "organisation_id",
}


@permitted(Permission.MANAGE_ORGANISATIONS)
def organisations(request: HttpRequest) -> HttpResponse:
    """List the organisations, by name, kind or number."""
    form = OrganisationFilter(request.GET)
    form.is_valid()
    words = form.cleaned_data.get("words", "").strip().lower()
    kind = form.cleaned_data.get("kind")
    found = [
        one
        for one in queries.organisations(OrganisationKind(kind) if kind else None)
        if words in f"{one.name} {one.kvk_number}".lower()
    ]
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "operator/organisations.html", {"form": form, "page": page})


@permitted(Permission.MANAGE_ORGANISATIONS)
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Register an organisation."""
    form = NewOrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = {**form.cleaned_data, "kind": OrganisationKind(form.cleaned_data["kind"])}
        try:
            made = operations.register_organisation(
                **fields,
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except operations.UnableToChangeOrganisation as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("De organisatie is bewaard."))
            return redirect("operator:organisation", made)
    return render(request, "operator/new_organisation.html", {"form": form})


@permitted(Permission.MANAGE_ORGANISATIONS)
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Show and change one organisation, and list who acts for it."""
    found = _organisation(organisation_id)
    now = {
        "name": found.name,
        "kvk_number": found.kvk_number,
        "address": found.address,
        "email": found.email,
        "is_active": found.is_active,
    }
    form = ChangeOrganisationForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_organisation(
                organisation_id,
                **form.cleaned_data,
                by=request.actor,  # type: ignore[attr-defined]
                at=request_time(request),
            )
        except operations.UnableToChangeOrganisation as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("De organisatie is bewaard."))
            return redirect("operator:organisation", organisation_id)
    holders = [one for one in queries.role_holders() if one.organisation_id == organisation_id]
    context = {"organisation": found, "form": form, "holders": holders}
    return render(request, "operator/organisation.html", context)


@permitted(Permission.MANAGE_ROLES)
def roles(request: HttpRequest) -> HttpResponse:
    """List who acts as what, for whom."""
    form = RoleFilter(request.GET)
    form.is_valid()
    role = form.cleaned_data.get("role")
    found = queries.role_holders(Role(role) if role else None)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "operator/roles.html", {"form": form, "page": page})


@never_cache
@permitted(Permission.MANAGE_ROLES)
@with_second_proof
def grant(request: HttpRequest) -> HttpResponse:
    """Give somebody a role; who is new here also gets a login."""
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _grant(request, form)
        except DomainError as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("De rol is gegeven."))
            return redirect("operator:roles")
    return render(request, "operator/grant.html", {"form": form})


@transaction.atomic
def _grant(request: HttpRequest, form: GrantForm) -> None:
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    email = form.cleaned_data["email"]
    person_id = queries.person_with_login(email)
    if person_id is None:
        person_id = operations.register_person(
            name=form.cleaned_data["name"], email=email, by=by, at=at
        )
        operations.open_login(person_id=person_id, email=email, by=by, at=at)
    operations.grant_role(
        person_id=person_id,
        role=Role(form.cleaned_data["role"]),
        organisation_id=form.cleaned_data["organisation_id"],
        by=by,
        at=at,
    )


@never_cache
@permitted(Permission.MANAGE_ROLES)
@with_second_proof
def role(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Ask before a role ends, or before a colleague's lost second factor goes."""
    held = next((one for one in queries.role_holders() if one.id == assignment_id), None)
    if held is None:
        raise Http404
    by, at = request.actor, request_time(request)  # type: ignore[attr-defined]
    if request.method == "POST":
        try:
            if request.POST.get("action") == "forget":
                operations.forget_authenticators(person_id=held.person_id, by=by, at=at)
                done = _("Het extra slot is weg. Bij het inloggen maakt deze persoon een nieuw.")
            else:
                operations.revoke_role(assignment_id, by=by, at=at)
                done = _("De rol is gestopt.")
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("operator:role", assignment_id)
        messages.success(request, done)
        return redirect("operator:roles")
    return render(request, "operator/role.html", {"held": held})


@permitted(Permission.PRINT_CLAIM_LETTERS)
def letters(request: HttpRequest) -> HttpResponse:
    """List the employers with people who have not opened their file."""
    counts, new = queries.unclaimed_counts(), queries.unclaimed_counts(without_letter=True)
    waiting = [
        (one, counts[one.id], new.get(one.id, 0))
        for one in queries.organisations(OrganisationKind.EMPLOYER)
        if counts.get(one.id)
    ]
    return render(request, "operator/letters.html", {"waiting": waiting})


@permitted(Permission.PRINT_CLAIM_LETTERS)
@require_POST
def letters_of(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Print letters for people of one employer who have not opened their file: for those who never
    had one, or new ones for all."""
    found = _organisation(organisation_id)
    is_for_all = request.POST.get("who") == "all"
    people = queries.unclaimed_of_employer(found.id, without_letter=not is_for_all)
    made = operations.issue_claim_letters(
        person_ids=[one.id for one in people],
        by=request.actor,  # type: ignore[attr-defined]
        at=request_time(request),
    )
    if not made:
        messages.error(request, _("Er zijn nu geen brieven te maken."))
        return redirect("operator:letters")
    return letters_response(request, made, "brieven")


def _organisation(organisation_id: UUID) -> OrganisationView:
    found = queries.organisation(organisation_id)
    if found is None:
        raise Http404
    return found


def _show(
    form: NewOrganisationForm | ChangeOrganisationForm | GrantForm, refusal: DomainError
) -> None:
    form.add_error(_FIELD_OF.get(refusal.code), str(refusal))
