"""The report of a simulation as one page that needs nothing else: charts, tables, assumptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from eigenwijs.kernel import wording
from eigenwijs.kernel.money import Money
from eigenwijs.project.simulation import charts
from eigenwijs.project.simulation.charts import Bars, chart
from eigenwijs.project.simulation.figures import letter
from eigenwijs.simulation import queries
from eigenwijs.simulation.types import (
    GROUPINGS,
    Figure,
    GroupMeasure,
    GroupResult,
    ProposalResult,
    SimulationRun,
)

MILLION_EUROS = 10**8
EMPLOYEES = ("permanent", "fixed_term", "on_call", "agency")
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#14171a;background:#fdfcf9}h1,h2,figcaption{line-height:1.25}"
    "figcaption{font-weight:bold;font-size:1.2rem}figure{margin:2.5rem 0}"
    "svg{width:100%;min-width:34rem;height:auto;display:block;font:14px sans-serif;margin:.5rem 0}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #767676;"
    "vertical-align:top}dt{font-weight:bold}dd{margin:0 0 .5rem}"
    ".wide{overflow-x:auto}svg.none{position:absolute}.mark{border:2px solid;padding:.8rem}"
)


def page(run: SimulationRun) -> str:
    """Return the report as HTML in the language in force."""
    parts = [
        _intro(run),
        *_charts(run),
        _proposals(run),
        _groups(run),
        _between_groups(run),
        _inequality(run),
        _fit(),
        _assumptions(),
    ]
    title = gettext("Doorrekening: wat voorstellen kosten en wie iets krijgt")
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><title>{}</title><style>{}</style></head>'
        "<body><main><h1>{}</h1>{}{}</main></body></html>\n",
        get_language() or "nl",
        title,
        mark_safe(STYLE),  # noqa: S308  (ours)
        title,
        charts.DEFINITIONS,
        mark_safe("".join(parts)),  # noqa: S308  (made by format_html)
    )


def _names(run: SimulationRun) -> list[str]:
    language = "en" if get_language() == "en" else "nl"
    return [f"{letter(place)}: {one.titles[language]}" for place, one in enumerate(run.proposals)]


def _number(figure: float, digits: int) -> str:
    return number_format(round(figure, digits), digits, force_grouping=True)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{_number(100 * share, 1)} %"


def _millions(cents: float) -> str:
    return gettext("€ %(amount)s miljoen") % {"amount": _number(cents / MILLION_EUROS, 1)}


def _with_band(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return _millions(figure.value)
    return gettext("%(amount)s (%(low)s tot %(high)s)") % {
        "amount": _millions(figure.value),
        "low": _number(figure.low / MILLION_EUROS, 1),
        "high": _number(figure.high / MILLION_EUROS, 1),
    }


def _intro(run: SimulationRun) -> SafeString:
    texts = [
        gettext(
            "Niemand in deze doorrekening bestaat. %(persons)s verzonnen mensen van 15 tot 75 jaar staan "
            "voor heel Nederland (%(country)s mensen). Zij zijn getrokken uit gepubliceerde aantallen."
        )
        % {
            "persons": wording.grouped(run.persons),
            "country": wording.grouped(round(run.stands_for)),
        },
        gettext(
            "Jaren: %(first)s tot en met %(last)s. Startgetal: %(seed)s. Elk voorstel treft dezelfde mensen "
            "met hetzelfde toeval. De regels zijn dezelfde die straks rekeningen vullen, tot op de cent."
        )
        % {
            "first": run.first_year,
            "last": run.first_year + run.years - 1,
            "seed": run.seed,
        },
        gettext(
            "Tussen haakjes staat een band: in acht van de tien trekkingen (%(draws)s trekkingen van "
            "%(persons)s mensen) ligt het getal daarin. De band telt alleen mee wat wij niet weten over de "
            "getallen hieronder; niet of het model klopt."
        )
        % {"draws": run.draws, "persons": wording.grouped(run.persons_a_draw)}
        if run.draws
        else gettext("Er zijn geen trekkingen gedaan, dus er zijn geen banden."),
    ]
    marked = gettext(
        "Een model voorspelt niet. Wat mensen met geld om te leren doen is voor een groot deel aangenomen of "
        "komt uit andere landen. Onderaan staat elk gepubliceerd feit naast wat het model zegt, ook waar "
        "het mis is."
    )
    return format_html(
        '{}<p class="mark"><strong>{}</strong></p>{}',
        format_html_join("", "<p>{}</p>", ((text,) for text in texts)),
        marked,
        format_html_join("", '<p class="mark">{}</p>', ((text,) for text in caveats(run))),
    )


def caveats(run: SimulationRun) -> list[str]:
    """Return a sentence about each proposal that gives less here than people may expect of it."""
    last = run.first_year + run.years - 1
    years = str(last) if run.years == 1 else f"{run.first_year}–{last}"
    told = (
        queries.caveat(
            one.name,
            years,
            has_rounds=one.has_rounds,
            gives_nothing=not any(year.credited.value for year in one.years),
        )
        for one in run.proposals
    )
    return [text for text in told if text]


def _mean_cost(one: ProposalResult) -> float:
    return sum(year.credited.value for year in one.years) / len(one.years)


def _charts(run: SimulationRun) -> list[SafeString]:
    names = _names(run)
    costs = ", ".join(
        f"{letter(place)} {_millions(_mean_cost(one))}" for place, one in enumerate(run.proposals)
    )
    years = [
        Bars(
            str(run.first_year + number),
            tuple(one.years[number].credited.value for one in run.proposals),
            tuple(_with_band(one.years[number].credited) for one in run.proposals),
            tuple(_millions(one.years[number].credited.value) for one in run.proposals),
        )
        for number in range(run.years)
    ]

    return [
        chart(
            1,
            gettext("Storten kost gemiddeld per jaar: %(costs)s") % {"costs": costs},
            names,
            years,
        ),
        _by_group(
            run,
            (2, gettext("Krijgt in een jaar niets, van wie in dienst is het meest: %(most)s")),
            "contract",
            lambda group: group.gets_nothing,
            among=EMPLOYEES,
        ),
        _by_group(
            run,
            (3, gettext("Leert in een jaar met dit geld, het meest: %(most)s")),
            "education",
            lambda group: group.takes_up,
        ),
        _by_group(
            run,
            (
                4,
                gettext(
                    "Heeft genoeg voor een cursus met een middelste prijs, het meest: %(most)s"
                ),
            ),
            "contract",
            lambda group: group.covered,
        ),
    ]


def _by_group(
    run: SimulationRun,
    title: tuple[int, str],
    grouping: str,
    measure: Callable[[GroupResult], float | None],
    *,
    among: Sequence[str] = (),
) -> SafeString:
    """Return a chart of a share by group; its title names who of `among` (else: all) has most of it."""
    picked = [
        [group for group in one.groups if group.grouping == grouping] for one in run.proposals
    ]
    rows, parts = [], []
    for groups in zip(*picked, strict=True):
        figures = [measure(group) for group in groups]
        label = queries.group_label(grouping, groups[0].value)
        written = tuple(_percent(figure) for figure in figures)
        rows.append(Bars(label, tuple(figure or 0.0 for figure in figures), written, written))
    for place, of_one in enumerate(picked):
        told = [group for group in of_one if group.value in (among or GROUPINGS[grouping])]
        share, value = max((measure(group) or 0.0, group.value) for group in told)
        who = queries.group_label(grouping, value) if share else gettext("niemand")
        parts.append(f"{letter(place)} {_percent(share)} ({who})")
    return chart(title[0], title[1] % {"most": ", ".join(parts)}, _names(run), rows)


def _table(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], above: SafeString | str = ""
) -> SafeString:
    return format_html(
        '<section><h2>{}</h2>{}<div class="wide" tabindex="0" role="region" aria-label="{}"><table>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></section>",
        title,
        above,
        title,
        format_html_join("", '<th scope="col">{}</th>', ((one,) for one in head)),
        format_html_join(
            "",
            '<tr><th scope="row">{}</th>{}</tr>',
            (
                (first, format_html_join("", "<td>{}</td>", ((one,) for one in rest)))
                for first, *rest in rows
            ),
        ),
    )


def _proposals(run: SimulationRun) -> SafeString:
    lines: list[tuple[str, Callable[[ProposalResult], str]]] = [
        (gettext("Regeling"), lambda one: one.name),
        (gettext("Controlegetal van de tekst"), lambda one: one.hash[:16]),
        (
            gettext("Regels die niemand publiceerde: aangenomen"),
            lambda one: str(len(one.inferred)),
        ),
        (gettext("Gestort per jaar"), lambda one: _millions(_mean_cost(one))),
        (
            gettext("Op rekeningen aan het eind"),
            lambda one: _with_band(one.years[-1].held),
        ),
        (
            gettext("Verlopen, in alle jaren"),
            lambda one: _millions(sum(year.lapsed for year in one.years)),
        ),
        (
            gettext("Kwijt door het einde van een baan, in alle jaren"),
            lambda one: _millions(sum(year.lost for year in one.years)),
        ),
        (
            gettext("Deel dat bij het einde van een baan blijft"),
            lambda one: _percent(one.kept_at_job_end),
        ),
        (
            gettext(
                "Wat er dan stond, als deel van alles wat is gestort (bij elk einde opnieuw geteld)"
            ),
            lambda one: _percent(one.at_stake),
        ),
        (
            gettext("Had ook zonder dit geld geleerd, van wie leert (aangenomen)"),
            lambda one: _percent(one.would_anyway),
        ),
        (
            gettext("Kreeg in al die jaren niets, van wie bij de start in dienst was"),
            lambda one: _percent(one.nothing_in_all_years),
        ),
    ]
    rows = [[name, *(told(one) for one in run.proposals)] for name, told in lines]
    return _table(gettext("De voorstellen naast elkaar"), [gettext("Uitkomst"), *_names(run)], rows)


def _groups(run: SimulationRun) -> SafeString:
    head = [
        gettext("Groep"),
        gettext("Mensen"),
        gettext("Gestort per jaar"),
        gettext("Te besteden per mens aan het eind"),
        gettext("Leert in een jaar"),
        gettext("Genoeg voor een cursus"),
        gettext("Krijgt in een jaar niets"),
        gettext("Leert, van wie nog nooit een cursus deed"),
        gettext("Deel dat bij het einde van een baan blijft"),
    ]
    parts = []
    for name, one in zip(_names(run), run.proposals, strict=True):
        rows = [
            [
                f"{queries.grouping_label(group.grouping)}: {queries.group_label(group.grouping, group.value)}",
                wording.grouped(round(group.people / 1000) * 1000),
                _with_band(group.cost),
                "–" if group.balance is None else wording.money(Money(round(group.balance))),
                _percent(group.takes_up),
                _percent(group.covered),
                _percent(group.gets_nothing),
                _percent(group.never_trained),
                _percent(group.kept_at_job_end),
            ]
            for group in one.groups
        ]
        title = gettext("Per groep bij %(proposal)s") % {"proposal": name}
        parts.append(_table(title, head, rows))
    return mark_safe("".join(parts))  # noqa: S308  (made by format_html)


def _inequality(run: SimulationRun) -> SafeString:
    words = queries.definitions()
    rows = [
        [
            str(words[measure].name),
            str(words[measure].says),
            *(_measured(measure, one.inequality[measure]) for one in run.proposals),
        ]
        for measure in run.proposals[0].inequality
    ]
    head = [gettext("Maat"), gettext("Wat zij zegt"), *_names(run)]
    title = gettext("Verdeling in alle jaren samen, over wie bij de start in dienst was")
    return _table(title, head, rows)


def _between_groups(run: SimulationRun) -> SafeString:
    words = queries.definitions()
    told = zip(*(one.between_groups for one in run.proposals), strict=True)
    rows = [
        [
            str(words[first.measure].name),
            _which(first),
            *(_measured(one.measure, one.figure) for one in (first, *others)),
        ]
        for first, *others in told
    ]
    note = gettext(
        "Gebruik is hier: welk deel van wie in een jaar in dienst is, dat jaar met dit geld leert. Dat en "
        "het verschil in euro's zijn gemiddeld over alle jaren. Theil en de curve gaan over wie bij de start in "
        "dienst was. De groepen stonden vast voordat er een uitkomst was."
    )
    used = dict.fromkeys(one.measure for one in run.proposals[0].between_groups)
    meanings = format_html(
        "<p>{}</p><dl>{}</dl>",
        note,
        format_html_join(
            "",
            "<dt>{}</dt><dd>{}</dd>",
            ((words[measure].name, words[measure].says) for measure in used),
        ),
    )
    head = [gettext("Maat"), gettext("Welke groepen"), *_names(run)]
    return _table(gettext("Verschil tussen groepen"), head, rows, meanings)


def _which(one: GroupMeasure) -> str:
    """Return which groups a measure is about."""
    if one.grouping == "wage":
        return gettext("laagste %(percent)s %% van de lonen") % {"percent": one.value[2:]}
    grouping = queries.grouping_label(one.grouping)
    if one.compared_with:
        return gettext("%(grouping)s: %(group)s tegenover %(other)s") % {
            "grouping": grouping,
            "group": queries.group_label(one.grouping, one.value),
            "other": queries.group_label(one.grouping, one.compared_with),
        }
    parts = {"between": gettext("tussen groepen"), "within": gettext("binnen groepen")}
    return f"{grouping}: {parts[one.value]}" if one.value else grouping


def _measured(measure: str, figure: float | None) -> str:
    """Return a figure in the unit of its measure."""
    if figure is None:
        return "–"
    if measure in ("absolute_gap", "kolm"):
        return wording.money(Money(round(figure)))
    if measure == "take_up_gap":
        return gettext("%(points)s procentpunt") % {"points": _number(figure, 2)}
    return _percent(figure) if measure == "concentration_curve" else _number(figure, 3)


def _fit() -> SafeString:
    rows = [
        [
            one.fact.id,
            one.fact.fact,
            _plain(one.fact.published),
            _plain(one.simulated),
            _plain(one.difference),
            one.fact.unit,
            str(queries.use_label(one.fact.use)),
            one.fact.note,
        ]
        for one in queries.fit_table()
    ]
    head = [
        gettext("Nummer"),
        gettext("Feit"),
        gettext("Gepubliceerd"),
        gettext("Model"),
        gettext("Verschil"),
        gettext("Eenheid"),
        gettext("Gebruik"),
        gettext("Opmerking"),
    ]
    return _table(
        gettext("Past het model bij wat gepubliceerd is? (feiten in het Engels)"), head, rows
    )


def _plain(figure: float | None) -> str:
    return "–" if figure is None else _number(figure, 2)


def _assumptions() -> SafeString:
    rows = [
        [
            f"{one.group}: {one.name}",
            f"{one.value:g}",
            f"{one.low:g} – {one.high:g}",
            str(queries.kind_label(one.kind)),
            one.source,
        ]
        for one in queries.parameters()
    ]
    head = [
        gettext("Getal"),
        gettext("Waarde"),
        gettext("Kan ook zijn"),
        gettext("Soort"),
        gettext("Bron (in het Engels)"),
    ]
    return _table(gettext("Alle getallen waarmee is gerekend"), head, rows)
