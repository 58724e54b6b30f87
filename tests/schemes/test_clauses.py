"""A scheme in words: what is signed and what runs are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pydantic import BaseModel

from eigenwijs.schemes.blocks import Scheme
from eigenwijs.schemes.checking import check
from eigenwijs.schemes.clauses import sections, written_out
from eigenwijs.schemes.exact import exact_number
from eigenwijs.schemes.facts import PERSON_FACTS, SPEND_FACTS, Fact
from eigenwijs.schemes.phrasing import condition, exact
from eigenwijs.schemes.reading import read_document
from tests.schemes.test_language import GOOD, SCHEMES

NOT_SAID = {
    ("CeilingGroup", "id"): "a name for programs: the published lists of a round carry it",
    ("Credit", "id"): "a name for programs: it keeps the sums of a year apart",
    ("Eligibility", "id"): "a name for programs: worked examples and reports use it",
    ("Exemption", "id"): "a name for programs: no two of a contribution have the same",
    ("Extra", "id"): "a name for programs: no two in a credit have the same",
    ("SpendCondition", "id"): "a name for programs: refusals of a course carry it",
}
"""What stands in a block and not in its clause, with the reason."""

NO_WORD = "4"
"""No word of the language, but a good formula."""

FULL = """\
scheme: nl/vol
title: {nl: Alles erin, en: All in it}
source: an invented agreement
starts: 2024-01-01
periods: [month, four_weeks]
signed_by: [workers, employers]
portable: true
parameters:
  per_year:
    label: {nl: het bedrag, en: the amount}
    unit: EUR
    values:
      2024-01-01: 175.00
      2026-01-01: {value: 180.00, status: inferred, why: a guess}
    article: "1"
    source: https://een.example/
    status: inferred
    why: nobody wrote it
  spare: {unit: EUR, values: {2024-01-01: 5.00}, article: "1"}
  last: {unit: EUR, values: {2024-01-01: 6.00}, article: "1"}
absent:
  contract_hours_week:
    use: paid_hours_period / weeks_period
    not_eligible: {nl: Geen uren., en: No hours.}
    article: "2"
    source: https://twee.example/
    status: inferred
    why: not known
  age: {use: age, article: "2"}
eligible:
  - id: kind
    when: contract_kind in [permanent, fixed_term]
    otherwise: {nl: Niet voor jou., en: Not for you.}
    article: "3"
    source: https://drie.example/
    status: inferred
    why: seems so
  - {id: old, when: age > 20, otherwise: {nl: Later., en: Later.}, article: "3"}
credit:
  - id: yearly
    per: year
    cases:
      - {when: contract_hours_week > paid_hours_period, amount: spare}
      - otherwise: per_year
    extra:
      - id: more
        when: age > 20
        times: age
        plus: spare
        text: {nl: Meer., en: More.}
        article: "5b"
        source: https://vijf-b.example/
        status: inferred
        why: perhaps
      - {id: other, when: age > 20, plus: spare, text: {nl: Nog., en: Again.}, article: "5b"}
    prorate:
      by: contract_hours_week / paid_hours_period
      full_from: 1/2
      article: "4"
      source: https://vier.example/
      status: inferred
      why: about so
    round: half_up
    article: "5"
    source: https://vijf.example/
    status: inferred
    why: or so
  - id: each
    per: period
    again_after_years: 4
    cases: [{otherwise: spare}]
    spread: cumulative
    article: "5"
reference_date: {day: 01-01, article: "5c", source: "https://vijf-c.example/", status: inferred, why: new year}
cap:
  balance:
    - {when: age > 20, amount: spare}
    - otherwise: per_year
  year: [{otherwise: spare}]
  ever: [{otherwise: spare}]
  article: "6"
  source: https://zes.example/
  status: inferred
  why: three times
credited:
  months_after: 6
  next_year_on: 04-01
  article: "6b"
  source: https://zes-b.example/
  status: inferred
  why: an invented day
expiry:
  after_months: 60
  on: 2030-01-01
  end_of_year_after: 2
  at_age: 67
  months_after_job: 9
  article: "7"
  source: https://zeven.example/
  status: inferred
  why: so
reversion: {to: sector_fund, article: "8", source: "https://acht.example/", status: inferred, why: it}
orders:
  answer: {working_days: 3, article: "15", source: "https://v.example/", status: inferred, why: fast}
  accept: {working_days: 13, article: "15a", source: "https://va.example/", status: inferred, why: slow}
  withdraw:
    days: 20
    working_days: 21
    article: "16"
    source: https://zestien.example/
    status: inferred
    why: long
  cancel:
    steps:
      - {days_before: 28, working_days_before: 9, percent: 10}
      - {days_before: 0, percent: 60}
    article: "17"
    source: https://zeventien.example/
    status: inferred
    why: fair
  article: "18"
  source: https://achttien.example/
  status: inferred
  why: ours
advance:
  most:
    - {when: age > 50, amount: spare * 3}
    - otherwise: spare
  article: "19"
  source: https://negentien.example/
  status: inferred
  why: as elsewhere
ceiling:
  who: {nl: Wie meedoet., en: Who takes part.}
  when: age > 20
  order: priority
  law: Article 4
  groups:
    - id: few
      when: age > 30
      text: {nl: Weinig, en: Few}
      weight: 3
      share_percent: 20
      article: "13"
      source: https://dertien.example/
      status: inferred
      why: as last year
    - {id: more, when: age > 40, text: {nl: Veel, en: Many}, weight: 2, article: "13"}
  bad_luck:
    step: 1
    rounds: 3
    article: "14"
    source: https://veertien.example/
    status: inferred
    why: as it was
  least: 10.00
  most: 100.00
  when_too_small: skip
  once_a_year: true
  windows:
    - opens: 2026-01-01
      closes: 2026-01-31
      pot: 9000.00
      article: "15"
      source: https://vijftien.example/
      status: inferred
      why: about this
    - {opens: 2027-01-01, closes: 2027-01-31, pot: 8000.00, article: "15"}
  article: "16"
  source: https://zestien.example/
  status: inferred
  why: as others do
spend:
  work_related_only: false
  only:
    - id: price
      when: price <= spare
      otherwise: {nl: Te duur., en: Too dear.}
      article: "9"
      source: https://negen.example/
      status: inferred
      why: as others
    - {id: online, when: online, otherwise: {nl: Nee., en: No.}, article: "9"}
  pays:
    cases:
      - {when: online, amount: price}
      - otherwise: price * 3/5 - spare
    text: {nl: Een deel., en: A part.}
    article: "9b"
    source: https://negen-b.example/
    status: inferred
    why: a press report
  own:
    cases:
      - {when: online, amount: spare}
      - otherwise: price * 1/4
    unless:
      - id: jobless
        when: not employed
        others_pay_at_least: spare
        text: {nl: Hoeft niet., en: No need.}
        article: "9d"
        source: https://negen-d.example/
        status: inferred
        why: they said
      - {id: online, when: online, text: {nl: Online., en: On line.}, article: "9d"}
    text: {nl: Zelf., en: Yourself.}
    article: "9c"
    source: https://negen-c.example/
    status: inferred
    why: a rumour
  others_pay_at_least:
    cases:
      - {when: employed, amount: spare}
      - otherwise: price * 1/5
    text: {nl: Eerst een ander., en: Another first.}
    article: "9e"
    source: https://negen-e.example/
    status: inferred
    why: as it was told
  milestones:
    parts:
      - {at: started, percent: 31}
      - {at: halfway, percent: 22}
      - {at: completed, percent: 47}
    article: "9f"
    source: https://negen-f.example/
    status: inferred
    why: as it went before
  completion:
    attended_at_least: 77
    certificate_suffices: true
    article: "9g"
    source: https://negen-g.example/
    status: inferred
    why: as in a leaflet
  article: "10"
  source: https://tien.example/
  status: inferred
  why: the tax
correctable_for: {days: 30, article: "11", source: "https://elf.example/", status: inferred, why: ok}
refund_grace: {months: 9, article: "12", source: "https://twaalf.example/", status: inferred, why: ja}
"""
"""A text in which every field of every block is filled. It need not run, only be read."""


def full(text: str = FULL) -> Scheme:
    document = read_document(text)
    assert not document.faults
    return Scheme.model_validate(document.tree)


def blocks_below(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the block types within an annotation, and those within them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from blocks_below(field.annotation)
    for argument in get_args(annotation):
        yield from blocks_below(argument)


def fields_of_the_language() -> set[tuple[str, str]]:
    """Return every field; a block that must be there is said by its own fields."""
    return {
        (block.__name__, name)
        for block in blocks_below(Scheme)
        for name, field in block.model_fields.items()
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel))
    }


def literals(annotation: Any) -> Iterator[object]:
    """Yield the words that an annotation allows, where it is a choice."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif isinstance(annotation, type) and hasattr(annotation, "__members__"):
        yield from annotation
    else:
        for argument in get_args(annotation):
            yield from literals(argument)


def others(value: Any, annotation: Any) -> list[Any]:
    """Return values that say something else in the place of `value`."""
    choices = [
        choice
        for choice in literals(annotation)
        if choice
        not in (value, {"EUR": "amount"}.get(str(value)))  # the same, in a scheme of euros
    ]
    if choices:
        return [[choice] for choice in choices] if isinstance(value, list) else choices
    if type(None) in get_args(annotation):
        return [None]
    match value:
        case bool():
            return [not value]
        case int() | Fraction():
            return [value + 1]
        case date():
            return [value + timedelta(days=400)]
        case str():
            return [NO_WORD]
        case list():
            return [value[:-1]] if len(value) > 1 else []
        case dict():
            return [dict(list(value.items())[:-1])] if len(value) > 1 else []
        case _:
            return []


def changed(value: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield the block with one thing in it changed, each time another, and which field that is."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            here = (type(value).__name__, name)
            found = getattr(value, name)
            if found is not None:
                for other in others(found, field.annotation):
                    yield here, value.model_copy(update={name: other})
                for inner, other in changed(found):
                    yield inner, value.model_copy(update={name: other})
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for inner, other in changed(item):
                yield inner, [*value[:index], other, *value[index + 1 :]]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            for inner, other in changed(item):
                yield inner, {**value, key: other}


def languages_that_say(whole: Mapping[str, str], other: Scheme) -> set[str]:
    """Return the languages in which the change can be read."""
    try:
        return {lang for lang, text in whole.items() if written_out(other, "", lang) != text}
    except KeyError as error:
        if error.args != (NO_WORD,):
            raise
        return set(whole)  # it was looked up where the only word there is has its sentence


def test_every_field_of_every_block_has_its_words() -> None:
    """Whatever changes in a block changes what people read. A new field fails here first."""
    scheme = full()
    whole = {language: written_out(scheme, "", language) for language in ("nl", "en")}
    said, silent = set(NOT_SAID), set()
    for (block, name), other in changed(scheme):
        heard = languages_that_say(whole, other)
        if heard == ({name} if block == "Texts" else set(whole)):
            said.add((block, name))
        else:
            silent.add((block, name))
    assert silent <= set(NOT_SAID), "in FULL, and a change of it cannot be read"
    assert fields_of_the_language() - said == set(), "not in FULL: fill it in, and write its words"
    assert set(NOT_SAID) <= fields_of_the_language()


@pytest.mark.parametrize(
    "fact", [*PERSON_FACTS.values(), *SPEND_FACTS.values()], ids=lambda fact: fact.name
)
def test_every_fact_has_a_name_for_people_in_both_languages(fact: Fact) -> None:
    names = set()
    for language in ("nl", "en"):
        with translation.override(language):
            names.add(str(fact.label))
    assert len(names - {""}) == 2


@pytest.mark.parametrize(
    ("text", "nl", "en"),
    [
        (
            "contract_hours_week > hours and (age < years or contract_kind != agency)",
            "contracturen per week meer dan 15 uur en (leeftijd aan het einde van de periode minder "
            "dan 1 jaar of het soort contract is niet een contract bij een uitzendbureau)",
            "contract hours a week more than 15 hours and (age at the end of the period less than "
            "1 year or the kind of contract is not a contract with an agency)",
        ),
        (
            "not (online and subject in [06, 0913]) or quality_mark in [nrto]",
            "(niet: (de cursus is online en (het onderwerp van de cursus begint met ISCED-code 06 of "
            "0913))) of het keurmerk van de opleider is NRTO",
            "(not: (the course is online and (the subject of the course begins with ISCED code 06 or "
            "0913))) or the quality mark of the provider is NRTO",
        ),
        (
            "course_kind == language or course_kind in [certificate, skills_review]",
            "het soort cursus is een cursus om een andere taal te leren of (het soort cursus is een cursus "
            "voor een certificaat voor één vaardigheid, geen diploma of een loopbaanonderzoek)",
            "the kind of course is a course to learn another language or (the kind of course is a course "
            "for a certificate of one skill, not a diploma or a skills review)",
        ),
        (
            "not online and price > most",
            "(niet: de cursus is online) en de prijs van de cursus meer dan ‘most’",
            "(not: the course is online) and the price of the course more than ‘most’",
        ),
        (
            "online or price > most and price < most",
            "de cursus is online of (de prijs van de cursus meer dan ‘most’ en de prijs van de cursus "
            "minder dan ‘most’)",
            "the course is online or (the price of the course more than ‘most’ and the price of the "
            "course less than ‘most’)",
        ),
        (
            "price <= most - most * share + most",
            "de prijs van de cursus hooguit ‘most’ min (80% van ‘most’) plus ‘most’",
            "the price of the course at most ‘most’ minus (80% of ‘most’) plus ‘most’",
        ),
        (
            "price <= (most + most) / 2 - most * 1.5",
            "de prijs van de cursus hooguit ((‘most’ plus ‘most’) gedeeld door 2) min (‘most’ keer 1,5)",
            "the price of the course at most ((‘most’ plus ‘most’) divided by 2) minus (‘most’ times 1.5)",
        ),
        (
            "days_period / (weeks_period / 2) == 28 - (2 - share)",
            "dagen van de periode gedeeld door (weken van de periode gedeeld door 2) precies "
            "28 min (2 min 0,8)",
            "days in the period divided by (weeks in the period divided by 2) exactly "
            "28 minus (2 minus 0.8)",
        ),
    ],
)
def test_a_formula_is_read_as_it_runs(text: str, nl: str, en: str) -> None:
    scheme = Scheme.model_validate(
        read_document(
            FULL.replace(
                "  spare:",
                """\
  hours: {unit: hours, values: {2024-01-01: 15}, article: "1"}
  years: {unit: years, values: {2024-01-01: 1}, article: "1"}
  share: {unit: number, values: {2024-01-01: 0.8}, article: "1"}
  most: {unit: EUR, values: {2024-01-01: 5, 2025-01-01: 6}, article: "1"}
  spare:""",
            )
        ).tree
    )
    for language, expected in (("nl", nl), ("en", en)):
        with translation.override(language):
            assert condition(text, scheme) == expected


def test_an_amount_says_when_it_holds_and_when_it_is_nothing() -> None:
    text = GOOD.replace("otherwise: per_year / 2", 'otherwise: "0"').replace("1/2,", "0.5,")
    (amount, part) = sections(check(text), "nl")[3].clauses
    assert plain(amount.sentence).startswith(
        "Het bedrag per jaar: Als dit klopt: contracturen per week minstens 38 uur, dan € 175,00 "
        "vanaf 1 januari 2024 en € 180,00 vanaf 1 januari 2026. Anders: niets."
    )
    assert plain(part.sentence).endswith("Is dat 50% of meer? Dan krijg je het hele bedrag.")
    assert (amount.places, part.places) == (("1",), ("2",))


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("after_months: 1", "Je kunt het 1 maand gebruiken vanaf de dag dat het erop komt."),
        (
            "on: 2030-06-30",
            "Je kunt het gebruiken tot en met 30 juni 2030. Komt het pas daarna? Dan kun je "
            "het nog 6 maanden gebruiken.",
        ),
        (
            "at_age: 67",
            "Je kunt het gebruiken tot en met de dag voor je 67 wordt. Komt het pas daarna? Dan "
            "kun je het nog 6 maanden gebruiken.",
        ),
        ("end_of_year_after: 0", "tot en met 31 december van het jaar waarin het erop komt."),
        ("end_of_year_after: 2", "31 december, 2 jaar na het jaar waarin het erop komt."),
    ],
)
def test_the_last_day_of_money_is_said_as_it_is_kept(end: str, expected: str) -> None:
    scheme = check(GOOD.replace("after_months: 60", end))
    said = [clause.sentence for section in sections(scheme, "nl") for clause in section.clauses]
    assert any(plain(sentence).endswith(expected) for sentence in said)


DECISIVE = {
    "supermarkt": {
        "nl": (
            "We rekenen per maand of per vier weken.",
            "De afspraak geldt alleen als dit klopt: contracturen per week meer dan 12 uur.",
            "Het bedrag per jaar: € 175,00. Elke loonperiode krijg je daarvan een gelijk deel.",
            "(niet gepubliceerd, aangenomen: A press figure of 2017; later figures were not seen)",
        ),
        "en": (
            "It is in force only after the signature of the unions and the employers.",
            "The amount a year: €175.00. Every pay period you get an equal part of it.",
        ),
    },
    "elektrotechnische-detailhandel": {
        "nl": (
            "Het bedrag per jaar: € 150,00 vanaf 1 juli 2018, € 0,00 vanaf 1 januari 2020, € 150,00 "
            "vanaf 1 januari 2021 en € 175,00 vanaf 1 januari 2024.",
            "Wat je krijgt, wordt afgerond op een hele cent, de helft daarvan naar boven. "
            "(persoonlijkleerbudget.nl)",
            "€ 450,00 vanaf 1 juli 2018 en € 525,00 vanaf 1 januari 2024 (aangenomen). Al je banen "
            "tellen samen, en wat nog komt telt mee.",
            "Je kunt het 36 maanden gebruiken vanaf de dag dat het erop komt.",
            "Wat je niet op tijd gebruikt, gaat naar het opleidingsfonds van de sector. (niet "
            "gepubliceerd, aangenomen: The fund pays the budget; where unspent money goes was not "
            "seen)",
            "Wat op je rekening staat, kan niemand terughalen.",
        ),
        "en": (
            "The agreement is for you only if this is true: contract hours a week more than 15 hours.",
            "€525.00 from 1 January 2024 (assumed: 450 was published as three times 150; 525 is "
            "three times 175).",
        ),
    },
    "sociaal-werk": {
        "nl": (
            "Het bedrag per loonperiode: 1,5% van het brutoloon in de periode.",
            "Het deel van je loon: 0,015 vanaf 1 juli 2021.",
        ),
        "en": ("The amount a pay period: 1.5% of gross wage in the period.",),
    },
    "gift-werkgever": {
        "nl": (
            "Ontbreekt dit: contracturen per week? Dan rekenen we met: betaalde uren in de periode "
            "gedeeld door weken van de periode. (artikel 3)",
            "Je krijgt een deel van dat bedrag: contracturen per week gedeeld door 36 uur. Is dat 80% "
            "of meer? Dan krijg je het hele bedrag. (artikel 2)",
            "Kwam er te veel bij? Dan kan wat je nog niet gebruikte 60 dagen lang terug. (artikel 5)",
        ),
        "en": (
            "The amount a year: €240.00. Every pay period you get an equal part of it.",
            "and was that not a late choice of your own? Then it stays usable for 12 months. "
            "(article 6)",
        ),
    },
}


def plain(text: str) -> str:
    """Return a text as one line with plain spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", DECISIVE)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_command_writes_a_shipped_scheme_for_who_never_saw_the_file(
    name: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("scheme", "text", f"{SCHEMES}/nl/{name}/scheme.yaml", language=language)
    found = plain(capsys.readouterr().out)
    for sentence in DECISIVE[name][language]:
        assert sentence in found


def test_the_command_names_the_faults_of_a_text_that_is_no_scheme(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scheme.yaml"
    path.write_text(GOOD.replace("per: year", "per: yaer"))
    with pytest.raises(CommandError) as refused:
        call_command("scheme", "text", str(path))
    assert refused.value.returncode == 1
    assert f"{path}:28: credit.1.per: ‘yaer’ mag hier niet." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "nl", "en"),
    [
        ("0.015", "0,015", "0.015"),
        ("1607", "1.607", "1,607"),
        ("12.50", "12,5", "12.5"),
        ("1/3", "1/3", "1/3"),
        ("0.000000000001", "0,000000000001", "0.000000000001"),
    ],
)
def test_a_clause_gives_a_figure_in_full(number: str, nl: str, en: str) -> None:
    for language, expected in (("nl", nl), ("en", en)):
        with translation.override(language):
            assert exact(exact_number(number)) == expected


def test_money_that_is_not_kept_is_said_first_and_in_full() -> None:
    text = GOOD.replace("portable: true", "portable: false")
    text = text.replace("after_months: 60", "months_after_job: 6")
    said = " ".join(written_out(check(text), "", "nl").split())
    assert "Let op: wat je krijgt, gaat niet mee als je van baan wisselt." in said
    assert "Dan kun je het nog 6 maanden gebruiken na je laatste dag." in said
    assert "Dan heb je nog twee maanden vanaf de dag dat we het horen." in said
    text = GOOD.replace("portable: true", "portable: false").replace("sector_fund", "employer")
    said = " ".join(written_out(check(text), "", "en").split())
    assert "Note: what you do not use in time does not stay yours." in said
    assert (
        "goes to the employer that paid it. That is one sum a calendar year, of at least ten"
        in said
    )


def test_one_day_is_no_days_in_the_terms_of_an_order() -> None:
    text = FULL
    for many in ("{days_before: 28", "working_days_before: 9"):
        text = text.replace(many, many.split(":")[0] + ": 1")
    said = " ".join(written_out(full(text), "", "nl").split())
    assert "1 werkdag of meer voor" in said
    assert " 1 dag of meer voor" in said


def test_money_that_ends_can_go_to_the_state() -> None:
    text = GOOD.replace("to: sector_fund", "to: state")
    said = written_out(check(text), "", "nl")
    assert "Wat je niet op tijd gebruikt, gaat naar de overheid." in said
    assert "goes to the state" in written_out(check(text), "", "en")
