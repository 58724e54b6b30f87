"""Plain search, the same for everyone.

Dutch stemming does not split compounds ("techniek" in "installatietechniek"), so a word is also
found as a part of a word. Where nothing has all the words, what looks most like them is shown and
the page says so.

The order is neutral: nobody's money, history or payment plays a part in it. Courses with all words in
the title come first; then those that start soonest; then a shuffle that is the same for everyone and
changes every day, so that no provider is first because of its name.
"""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, TrigramWordSimilarity
from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import MD5, Cast, Concat

from eigenwijs.catalogue import rules
from eigenwijs.catalogue.models import Course, Run
from eigenwijs.catalogue.reading import bookable_runs, course_views, provider_names, run_view
from eigenwijs.catalogue.types import Hit, SearchFilter, SearchPage

PAGE_SIZE = 20

# From this length on a word is also searched inside other words; shorter ones are in too many.
INSIDE_LENGTH = 4
# How much a text must look like the words (pg_trgm's word similarity, 0 to 1) to be shown instead.
ALIKE = 0.5

_WORD = re.compile(r"[a-z0-9+#]+")


def search(wanted: SearchFilter, *, page: int = 1) -> SearchPage:
    """Return one page of the courses that fit, in the neutral order; `page` counts from 1.

    A page beyond the last is the last. Every caller gets the same answer on the same day.
    """
    words = _WORD.findall(rules.fold(wanted.text))
    candidates = _filtered(wanted)
    found = candidates.filter(_has_words(words))
    exact = True
    total = found.count()
    if words and not total:
        exact = False
        found = candidates.annotate(
            alike=TrigramWordSimilarity(" ".join(words), "text_folded")
        ).filter(alike__gte=ALIKE)
        total = found.count()
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(page, 1), pages)
    shown = list(_ordered(found, words, wanted)[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    return SearchPage(_hits(shown, wanted), total, number, pages, exact or not total)


def _filtered(wanted: SearchFilter) -> QuerySet[Course]:
    courses = Course.objects.filter(withdrawn_at=None)
    if wanted.subject:
        # A subject of two digits covers all narrower ones.
        courses = courses.filter(subjects__overlap=_subject_codes(wanted.subject))
    if _looks_at_runs(wanted):
        courses = courses.filter(Exists(_runs(wanted).filter(course=OuterRef("pk"))))
    elif wanted.language:
        in_runs = Exists(_runs(wanted).filter(course=OuterRef("pk")))
        courses = courses.filter(Q(language=wanted.language) | in_runs)
    return courses


def _subject_codes(subject: str) -> list[str]:
    known = Course.objects.filter(withdrawn_at=None).values_list("subjects", flat=True).distinct()
    codes = {code for subjects in known for code in subjects if code.startswith(subject)}
    return sorted(codes | {subject})


def _looks_at_runs(wanted: SearchFilter) -> bool:
    return bool(
        wanted.bookable
        or wanted.starts_from
        or wanted.starts_until
        or wanted.place.strip()
        or wanted.online
        or wanted.day_part
        or wanted.max_price is not None
    )


def _runs(wanted: SearchFilter) -> QuerySet[Run]:
    runs = bookable_runs(wanted.on)
    if wanted.starts_from:
        runs = runs.filter(starts_on__gte=wanted.starts_from)
    if wanted.starts_until:
        runs = runs.filter(starts_on__lte=wanted.starts_until)
    if place := rules.fold(wanted.place):
        runs = runs.filter(place_folded__contains=place)
    if wanted.online:
        runs = runs.filter(is_online=True)
    if wanted.day_part:
        runs = runs.filter(day_part=wanted.day_part)
    if wanted.language:
        runs = runs.filter(language=wanted.language)
    if wanted.max_price is not None:
        runs = runs.filter(price_cents__lte=wanted.max_price.cents)
    return runs


def _has_words(words: list[str]) -> Q:
    """All words: stemmed, as the start of a word, inside one, or in the name of the provider."""
    condition = Q()
    names = {key: rules.fold(name) for key, name in provider_names().items()} if words else {}
    for word in words:
        taught_by = [key for key, name in names.items() if word in name]
        found = Q(provider__in=taught_by) | Q(words=SearchQuery(word, config="dutch"))
        if word.isalnum():
            found |= Q(words=SearchQuery(f"{word}:*", config="simple", search_type="raw"))
        if len(word) >= INSIDE_LENGTH or not word.isalnum():
            found |= Q(text_folded__contains=word)
        condition &= found
    return condition


def _ordered(found: QuerySet[Course], words: list[str], wanted: SearchFilter) -> QuerySet[Course]:
    in_title = Q()
    for word in words:
        in_title &= Q(title_folded__contains=word)
    first_start = (
        _runs(wanted)
        .filter(course=OuterRef("pk"))
        .order_by()
        .values("course")
        .annotate(first=Min("starts_on"))
        .values("first")
    )
    return found.annotate(
        tier=Case(When(in_title, then=Value(0)), default=Value(1)) if words else Value(0),
        first_start=Subquery(first_start, output_field=DateField()),
        shuffle=MD5(Concat(Cast("id", CharField()), Value(wanted.on.isoformat()))),
    ).order_by("tier", F("first_start").asc(nulls_last=True), "shuffle", "id")


def _hits(shown: list[Course], wanted: SearchFilter) -> tuple[Hit, ...]:
    runs: dict[object, list[Run]] = {}
    for run in (
        _runs(wanted)
        .filter(course__in=[course.pk for course in shown])
        .order_by("starts_on", "id")
        .select_related("course")
    ):
        runs.setdefault(run.course_id, []).append(run)
    return tuple(
        Hit(view, tuple(run_view(run) for run in runs.get(view.id, ())))
        for view in course_views(shown)
    )
