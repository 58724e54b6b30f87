"""A scheme as clauses that people can read and sign, made from its blocks alone. Pure.

What is not said here nobody has read: every field of every block has its words, and a test finds
the ones that have not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap

from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Rounding
from eigenwijs.kernel.period import PeriodKind
from eigenwijs.schemes import time_clauses
from eigenwijs.schemes.blocks import Absent, Credit, Expiry, Extra, Proration, Scheme
from eigenwijs.schemes.ceiling_clauses import when_too_little
from eigenwijs.schemes.clause_parts import answer, clause, in_cases
from eigenwijs.schemes.explaining import place
from eigenwijs.schemes.facts import CONFIDED_FACTS, PERSON_FACTS
from eigenwijs.schemes.order_clauses import clocks
from eigenwijs.schemes.phrasing import amount, by_date, condition, listed, name_of, rate
from eigenwijs.schemes.spend_clauses import purpose
from eigenwijs.schemes.types import Clause, ClauseSection
from eigenwijs.schemes.units import SMALLEST_PART, TIME_UNITS

MOST_COLUMNS = 100

SIDES: dict[str, str | Promise] = {
    "workers": _("de vakbonden"),
    "employers": _("de werkgevers"),
    "employer": _("de werkgever"),
    "state": _("de overheid"),
}
_PERIODS: dict[str, str | Promise] = {
    PeriodKind.MONTH: _("per maand"),
    PeriodKind.FOUR_WEEKS: _("per vier weken"),
    PeriodKind.QUARTER: _("per kwartaal"),
    PeriodKind.YEAR: _("per jaar"),
}
_AMOUNTS: dict[str, str | Promise] = {
    "year": _("Het bedrag per jaar:"),
    "month": _("Het bedrag per maand:"),
    "four_weeks": _("Het bedrag per vier weken:"),
    "period": _("Het bedrag per loonperiode:"),
    "once": _("Het bedrag, één keer:"),
}
_CAPS: dict[str, str | Promise] = {
    "balance": _("Van deze afspraak kan er hooguit dit op je rekening staan:"),
    "year": _("Deze afspraak geeft in een kalenderjaar hooguit:"),
    "ever": _("Deze afspraak geeft in totaal hooguit:"),
}
_ROUNDINGS: dict[str, str | Promise] = {
    Rounding.UP: _("Wat je krijgt, wordt naar boven afgerond op %(smallest)s."),
    Rounding.DOWN: _("Wat je krijgt, wordt naar beneden afgerond op %(smallest)s."),
    Rounding.HALF_UP: _(
        "Wat je krijgt, wordt afgerond op %(smallest)s, de helft daarvan naar boven."
    ),
    Rounding.HALF_EVEN: _(
        "Wat je krijgt, wordt afgerond op %(smallest)s, de helft daarvan naar het even getal."
    ),
}
_UNITS: dict[str, str | Promise] = {
    "EUR": _("in euro"),
    "SGD": _("in Singaporese dollar"),
    "GBP": _("in Britse pond"),
    "hours": _("uren om te leren"),
    "days": _("dagen om te leren"),
}
_RECEIVERS: dict[str, str | Promise] = {
    "sector_fund": _("het opleidingsfonds van de sector"),
    "state": _("de overheid"),
    "employer": _("de werkgever die het betaalde"),
}


def sections(scheme: Scheme, language: str) -> tuple[ClauseSection, ...]:
    """Return the whole scheme as sections of clauses in `language` (nl or en)."""
    with translation.override(language):
        return tuple(
            ClauseSection(str(title), clauses)
            for title, say in _SECTIONS
            if (clauses := tuple(say(scheme)))
        )


def written_out(scheme: Scheme, digest: str, language: str) -> str:
    """Return the clauses as one plain text with numbers, each ending with its place."""
    with translation.override(language):
        lines = [scheme.title.in_language(language), ""]
        for number, section in enumerate(sections(scheme, language), 1):
            lines += [f"{number}. {section.title}", ""]
            for index, one in enumerate(section.clauses, 1):
                text = " ".join(filter(None, (one.sentence, _ending(one))))
                lines += [
                    *wrap(
                        text,
                        MOST_COLUMNS,
                        initial_indent=f"   {number}.{index} ",
                        subsequent_indent="       ",
                        break_long_words=False,
                        break_on_hyphens=False,
                    ),
                    "",
                ]
        lines.append(gettext("Vingerafdruk van de tekst (sha256): %(hash)s") % {"hash": digest})
    return "\n".join(lines)


def _ending(said: Clause) -> str:
    parts = [place(where) for where in said.places]
    if said.assumed:
        parts.append(gettext("niet gepubliceerd, aangenomen: %(why)s") % {"why": said.assumed})
    return f"({'; '.join(parts)})" if parts else ""


def _agreement(scheme: Scheme) -> Iterator[Clause]:
    yield Clause(
        gettext("Deze afspraak heet %(name)s. Bron: %(source)s")
        % {"name": scheme.scheme, "source": scheme.source}
    )
    sides = listed(str(SIDES[side]) for side in scheme.signed_by)
    periods = listed((str(_PERIODS[kind]) for kind in scheme.periods), either=True)
    sentences = (
        gettext("De afspraak kan gelden vanaf %(day)s.") % {"day": wording.day(scheme.starts)},
        gettext("Ze geldt pas na de handtekening van %(sides)s.") % {"sides": sides},
        gettext("Alle bedragen zijn %(unit)s.") % {"unit": str(_UNITS[scheme.unit])},
        gettext("We rekenen %(periods)s.") % {"periods": periods},
        _after_a_job(scheme),
    )
    yield Clause(" ".join(sentences), (scheme.source,))


def _after_a_job(scheme: Scheme) -> str:
    if scheme.portable:
        return gettext("Wat je krijgt, is van jou. Het gaat mee als je van baan wisselt.")
    if scheme.ends_with_job:
        return gettext("Let op: wat je krijgt, gaat niet mee als je van baan wisselt.")
    return gettext("Let op: wat je niet op tijd gebruikt, blijft niet van jou.")


def _for_whom(scheme: Scheme) -> Iterator[Clause]:
    if not scheme.eligible:
        yield Clause(gettext("De afspraak stelt geen voorwaarden aan wie je bent."))
    for rule in scheme.eligible:
        yield clause(
            rule,
            gettext("De afspraak geldt alleen als dit klopt: %(condition)s.")
            % {"condition": condition(rule.when, scheme)},
            gettext("Klopt het niet?"),
            answer(rule.otherwise),
        )


def _unknown(scheme: Scheme) -> Iterator[Clause]:
    for name, rule in scheme.absent.items():
        label = PERSON_FACTS[name].label if name in PERSON_FACTS else name
        question = gettext("Ontbreekt dit: %(fact)s?") % {"fact": label}
        yield clause(rule, question, *_without_fact(rule, scheme))


def _without_fact(rule: Absent, scheme: Scheme) -> Iterator[str]:
    if rule.use:
        yield gettext("Dan rekenen we met: %(other)s.") % {"other": condition(rule.use, scheme)}
    if rule.not_eligible:
        yield gettext("Dan krijg je niets.")
        yield answer(rule.not_eligible)


def _amounts(scheme: Scheme) -> Iterator[Clause]:
    for credit in scheme.credit:
        yield clause(
            credit,
            str(_AMOUNTS[credit.per]),
            *in_cases(credit.cases, scheme),
            *_in_parts(credit, scheme),
        )
        for extra in credit.extra:
            yield clause(extra, *_more(extra, scheme))
        if credit.prorate:
            yield _part(credit.prorate, credit, scheme)
    yield from _reference_date(scheme)


def _reference_date(scheme: Scheme) -> Iterator[Clause]:
    if scheme.reference_date is None:
        return
    words = {"day": wording.day_of_the_year(scheme.reference_date.day)}
    yield clause(
        scheme.reference_date,
        gettext("De peildatum is elk jaar %(day)s.") % words,
        gettext("Wat er dan in je contract staat, telt tot de volgende peildatum."),
    )


def _more(extra: Extra, scheme: Scheme) -> Iterator[str]:
    words = {"condition": condition(extra.when, scheme)}
    if extra.times:
        yield gettext("Als dit klopt: %(condition)s, dan wordt dat bedrag keer %(times)s.") % {
            **words,
            "times": condition(extra.times, scheme),
        }
    if extra.plus:
        yield gettext("Als dit klopt: %(condition)s, dan komt bij dat bedrag: %(plus)s.") % {
            **words,
            "plus": amount(extra.plus, scheme),
        }
    yield answer(extra.text)


def _in_parts(credit: Credit, scheme: Scheme) -> Iterator[str]:
    if credit.per == "year":
        yield gettext("Elke loonperiode krijg je daarvan een gelijk deel.")
    if credit.per == "month":
        yield gettext("Een jaar telt twaalf maanden, ook als je loon in andere perioden komt.")
    if credit.per == "four_weeks":
        yield gettext(
            "Een jaar telt dertien keer vier weken, ook als je loon in andere perioden komt."
        )
    if credit.per == "once":
        yield gettext("Je krijgt het als je er recht op hebt, en in een andere baan niet nog eens.")
    if credit.again_after_years is not None:
        yield gettext(
            "Je kunt het opnieuw krijgen, %(years)s jaar na het jaar waarin je het kreeg."
        ) % {"years": credit.again_after_years}
    if credit.round:
        yield str(_ROUNDINGS[credit.round]) % {"smallest": SMALLEST_PART[scheme.unit]}
    if credit.spread:
        yield gettext(
            "Afgerond wordt wat er in het jaar tot dan toe bij kwam. Zo zijn alle delen samen "
            "precies het bedrag per jaar."
        )


def _part(proration: Proration, credit: Credit, scheme: Scheme) -> Clause:
    """A share without a place of its own stands where its amount stands."""
    words = {
        "part": condition(proration.by, scheme),
        "full_from": rate(proration.full_from, scheme),
    }
    has_place = proration.article or proration.source or proration.status
    said = clause(
        proration,
        gettext("Je krijgt een deel van dat bedrag: %(part)s.") % words,
        gettext("Is dat %(full_from)s of meer? Dan krijg je het hele bedrag.") % words,
    )
    return said if has_place else clause(credit, said.sentence)


def _when(scheme: Scheme) -> Iterator[Clause]:
    if scheme.unit in TIME_UNITS:
        yield from time_clauses.given()
        return
    credited = scheme.credited
    if credited is None:
        yield Clause(gettext("Het komt op je rekening zodra ervoor betaald is."))
        return
    sentences = []
    if credited.months_after is not None:
        text = ngettext(
            "Het komt niet eerder op je rekening dan %(count)s maand na de loonperiode.",
            "Het komt niet eerder op je rekening dan %(count)s maanden na de loonperiode.",
            credited.months_after,
        )
        sentences.append(text % {"count": credited.months_after})
    if credited.next_year_on is not None:
        sentences.append(
            gettext("Het komt niet eerder op je rekening dan op %(day)s van het jaar erna.")
            % {"day": wording.day_of_the_year(credited.next_year_on)}
        )
    said = gettext("Tot die dag komt het nog, ook als er al voor betaald is.")
    yield clause(credited, *sentences, said)


def _cap(scheme: Scheme) -> Iterator[Clause]:
    if scheme.cap is None:
        yield Clause(gettext("Er is geen grens aan wat er op je rekening kan staan."))
        return
    for name, cases in scheme.cap.limits.items():
        yield clause(
            scheme.cap,
            str(_CAPS[name]),
            *in_cases(cases, scheme),
            gettext("Al je banen tellen samen, en wat nog komt telt mee."),
            gettext("Wat er niet bij past, krijg je niet."),
        )


def _ahead(scheme: Scheme) -> Iterator[Clause]:
    if scheme.advance is None:
        yield Clause(gettext("Je kunt geen voorschot vragen op wat nog komt."))
        return
    yield clause(
        scheme.advance,
        gettext("Je kunt een voorschot vragen op wat nog komt van dezelfde baan. Hooguit:"),
        *in_cases(scheme.advance.most, scheme),
        gettext("Loopt er al een voorschot? Dan telt wat er nog van open staat mee."),
        gettext("Het komt met de eerste loonperiode die je werkgever daarna aanlevert."),
        gettext("Wat daarna komt, gaat eerst van het voorschot af."),
        gettext("Stopt je baan? Dan houd je wat je kreeg, en niemand vraagt het terug."),
        gettext("Je werkgever ziet er niets van.")
        if scheme.facts_needed & CONFIDED_FACTS
        else gettext("Je werkgever ziet dat je een voorschot kreeg, en hoeveel."),
    )


def _how_long(scheme: Scheme) -> Iterator[Clause]:
    grace = scheme.refund_grace
    months = scheme.grace_months
    if scheme.expiry is None:
        yield Clause(gettext("Wat je krijgt, blijft altijd geldig."))
    else:
        yield clause(scheme.expiry, *_last_day(scheme.expiry, months))
    if scheme.reversion:
        receiver = {"receiver": str(_RECEIVERS[scheme.reversion.to])}
        sentences = [gettext("Wat je niet op tijd gebruikt, gaat naar %(receiver)s.") % receiver]
        if scheme.goes_back_to_employer:
            sentences.append(
                gettext(
                    "Dat is één bedrag per kalenderjaar, van ten minste tien mensen samen. Zijn het er "
                    "minder? Dan gaat het naar het opleidingsfonds van de sector."
                )
            )
        yield clause(scheme.reversion, *sentences)
    if scheme.unit in TIME_UNITS:
        yield from time_clauses.ended() if scheme.expiry else ()
        yield from time_clauses.taken()
    elif grace or scheme.expiry:
        text = ngettext(
            "Komt er iets terug dat al niet meer geldig was, en was dat niet je eigen late keuze? "
            "Dan blijft het %(count)s maand bruikbaar.",
            "Komt er iets terug dat al niet meer geldig was, en was dat niet je eigen late keuze? "
            "Dan blijft het %(count)s maanden bruikbaar.",
            months,
        ) % {"count": months}
        yield clause(grace, text) if grace else Clause(text)


def _last_day(expiry: Expiry, grace_months: int) -> Iterator[str]:
    if expiry.after_months is not None:
        text = ngettext(
            "Je kunt het %(count)s maand gebruiken vanaf de dag dat het erop komt.",
            "Je kunt het %(count)s maanden gebruiken vanaf de dag dat het erop komt.",
            expiry.after_months,
        )
        yield text % {"count": expiry.after_months}
    if expiry.on is not None:
        yield gettext("Je kunt het gebruiken tot en met %(day)s.") % {"day": wording.day(expiry.on)}
    if expiry.at_age is not None:
        yield gettext("Je kunt het gebruiken tot en met de dag voor je %(age)s wordt.") % {
            "age": expiry.at_age
        }
    if expiry.months_after_job is not None:
        yield from _after_the_last_day(expiry.months_after_job)
    if expiry.on is not None or expiry.at_age is not None or expiry.months_after_job is not None:
        text = ngettext(
            "Komt het pas daarna? Dan kun je het nog %(count)s maand gebruiken.",
            "Komt het pas daarna? Dan kun je het nog %(count)s maanden gebruiken.",
            grace_months,
        )
        yield text % {"count": grace_months}
    if expiry.end_of_year_after:
        yield gettext(
            "Je kunt het gebruiken tot en met 31 december, %(years)s jaar na het jaar waarin "
            "het erop komt."
        ) % {"years": expiry.end_of_year_after}
    elif expiry.end_of_year_after is not None:
        yield gettext(
            "Je kunt het gebruiken tot en met 31 december van het jaar waarin het erop komt."
        )


def _after_the_last_day(months: int) -> Iterator[str]:
    yield gettext("Zolang je baan duurt, blijft het geldig.")
    text = ngettext(
        "Stopt je baan bij de werkgever van wie je het kreeg? Dan kun je het nog %(count)s maand "
        "gebruiken na je laatste dag.",
        "Stopt je baan bij de werkgever van wie je het kreeg? Dan kun je het nog %(count)s maanden "
        "gebruiken na je laatste dag.",
        months,
    )
    yield text % {"count": months}
    yield gettext(
        "Horen wij dat pas later? Dan heb je nog twee maanden vanaf de dag dat we het horen."
    )
    yield gettext("Ga je daar eerder weer aan het werk? Dan blijft het weer geldig.")


def _corrections(scheme: Scheme) -> Iterator[Clause]:
    if scheme.correctable_for is None:
        yield Clause(gettext("Wat op je rekening staat, kan niemand terughalen."))
        return
    count = scheme.correctable_for.days
    text = ngettext(
        "Kwam er te veel bij? Dan kan wat je nog niet gebruikte %(count)s dag lang terug.",
        "Kwam er te veel bij? Dan kan wat je nog niet gebruikte %(count)s dagen lang terug.",
        count,
    )
    yield clause(scheme.correctable_for, text % {"count": count})


def _figures(scheme: Scheme) -> Iterator[Clause]:
    for name, parameter in scheme.parameters.items():
        words = {
            "name": capfirst(name_of(name, parameter)),
            "values": by_date(parameter, scheme.unit, with_why=True),
        }
        yield clause(parameter, gettext("%(name)s: %(values)s.") % words)


_SECTIONS: tuple[tuple[str | Promise, Callable[[Scheme], Iterator[Clause]]], ...] = (
    (_("De afspraak"), _agreement),
    (_("Voor wie"), _for_whom),
    (_("Als we iets niet weten"), _unknown),
    (_("Hoeveel je krijgt"), _amounts),
    (_("Wanneer het erop komt"), _when),
    (_("Hoeveel er kan staan"), _cap),
    (_("Als je een voorschot wilt"), _ahead),
    (_("Hoe lang je het kunt gebruiken"), _how_long),
    (_("Als er niet genoeg is voor iedereen"), when_too_little),
    (_("Waar het voor is"), purpose),
    (_("Als je een cursus boekt"), clocks),
    (_("Als er te veel bij kwam"), _corrections),
    (_("De cijfers"), _figures),
)
