"""An employer prints the first letters of the people it delivered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from eigenwijs.people import operations, queries
from eigenwijs.people.types import Permission
from eigenwijs.web.access import permitted
from eigenwijs.web.letters.paper import letters_response
from eigenwijs.web.middleware import request_time


@never_cache
@permitted(Permission.PRINT_FIRST_LETTERS)
def first_letters(request: HttpRequest) -> HttpResponse:
    """Show for whom there is no letter yet; print them all at once."""
    actor = request.actor  # type: ignore[attr-defined]
    people = queries.unclaimed_of_employer(actor.organisation_id, without_letter=True)
    if request.method == "POST" and people:
        letters = operations.issue_claim_letters(
            person_ids=[one.id for one in people], by=actor, at=request_time(request)
        )
        return letters_response(request, letters, "brieven")
    return render(request, "letters/first_letters.html", {"people": people})
