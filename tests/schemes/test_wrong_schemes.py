"""Every kind of wrong scheme is refused, and is told where it is wrong and what would be right."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from eigenwijs.schemes import structure, values
from eigenwijs.schemes.checking import FaultyScheme, check
from tests.architecture.source import ROOT
from tests.schemes.test_language import GOOD

LEAST_KINDS = 45


@dataclass(frozen=True)
class Wrong:
    """A good text with `before` replaced by `after`, and what must be said of it.

    `code` is the kind of fault, `block` its place, `on` how the line begins that it names, `says` what
    the message says that is allowed or must be done.
    """

    before: str
    after: str
    code: str
    block: str
    on: str
    says: str


LAST = 'correctable_for: {days: 30, article: "7"}\n'

CEILING = """\
ceiling:
  who: {nl: Iedereen, en: Everyone}
  when: age >= 18
  order: priority
  groups:
    - {id: flex, when: "contract_kind in [on_call]", text: {nl: a, en: a}, weight: 3, article: "8"}
    - {id: few, when: contract_hours_week < 20, text: {nl: b, en: b}, share_percent: 60, article: "8"}
  least: 100.00
  most: 1000.00
  when_too_small: skip
  windows:
    - {opens: 2026-01-01, closes: 2026-01-31, pot: 5000.00, article: "8"}
    - {opens: 2026-03-01, closes: 2026-03-31, pot: 9000.00, article: "8"}
  article: "8"
"""
"""A good block, to be spoiled."""


def spoiled(*changes: tuple[str, str]) -> str:
    """Return the good text's last line and a block of a ceiling with changes."""
    text = CEILING
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return LAST + text


NO_GROUPS = CEILING[CEILING.index("  groups:") : CEILING.index("  least:")]

WRONG = [
    Wrong(
        '  article: "6"\ncorrectable',
        '  completion: {attended_at_least: 75, article: "6"}\n  article: "6"\ncorrectable',
        "completion_pays_nothing",
        "spend.completion",
        "completion:",
        "Say so with milestones, or remove completion.",
    ),
    *(
        Wrong(
            '  article: "6"\ncorrectable',
            f"  milestones:\n    parts: [{parts}]\n    article: '6'\n  article: \"6\"\ncorrectable",
            code,
            "spend.milestones.parts",
            "parts:",
            says,
        )
        for parts, code, says in (
            (
                "{at: started, percent: 50}, {at: completed, percent: 40}",
                "milestones_hundred",
                "The parts are 90 percent together. Make it 100.",
            ),
            (
                "{at: completed, percent: 50}, {at: started, percent: 50}",
                "milestones_order",
                "in this order: started, completed",
            ),
            (
                "{at: completed, percent: 50}, {at: completed, percent: 50}",
                "milestones_order",
                "Name each moment once",
            ),
        )
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  own:\n    cases: [{otherwise: per_year}]\n    text: {nl: x, en: x}\n    article: '6'\n    unless:\n"
        "      - {id: a, text: {nl: x, en: x}, article: '6'}\n  article: \"6\"\ncorrectable",
        "exemption_once",
        "spend.own.unless.1",
        "- {id: a",
        "Write ‘when’ or ‘others_pay_at_least’ here, exactly one.",
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  own:\n    cases: [{otherwise: per_year}]\n    text: {nl: x, en: x}\n    article: '6'\n    unless:\n"
        "      - {id: a, others_pay_at_least: 5, text: {nl: x, en: x}, article: '6'}\n"
        '  article: "6"\ncorrectable',
        "not_money",
        "spend.own.unless.1.others_pay_at_least",
        "- {id: a",
        "An amount belongs here",
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  own:\n    cases: [{otherwise: per_year}]\n    text: {nl: x, en: x}\n    article: '6'\n    unless:\n"
        "      - {id: a, when: employd, text: {nl: x, en: x}, article: '6'}\n"
        '  article: "6"\ncorrectable',
        "unknown_name",
        "spend.own.unless.1.when",
        "- {id: a",
        "Do you mean ‘employed’?",
    ),
    Wrong(
        LAST,
        spoiled(("when: age >= 18", "when: age >= full_week")),
        "unusable_condition",
        "ceiling.when",
        "when: age >= full_week",
        "You can use these facts: contract_kind, contract_hours_week, age.",
    ),
    Wrong(
        LAST,
        spoiled(("contract_hours_week < 20", "price < 20")),
        "unusable_condition",
        "ceiling.groups.2.when",
        "- {id: few",
        "You can use these facts: contract_kind, contract_hours_week, age.",
    ),
    Wrong(
        LAST,
        spoiled((NO_GROUPS, ""), ("order: priority", "order: first_come")),
        "law_and_order",
        "ceiling.order",
        "order: first_come",
        "Write order: first_come and the text of the law at law, or neither.",
    ),
    Wrong(
        LAST,
        spoiled((NO_GROUPS, "  law: Article 1\n"), ("order: priority", "order: draw")),
        "law_and_order",
        "ceiling.order",
        "order: draw",
        "Write order: first_come and the text of the law at law, or neither.",
    ),
    Wrong(
        LAST,
        spoiled(("order: priority", "order: draw")),
        "groups_and_order",
        "ceiling.order",
        "order: draw",
        "Groups that come first belong with order: priority.",
    ),
    Wrong(
        LAST,
        spoiled((NO_GROUPS, "")),
        "groups_and_order",
        "ceiling.order",
        "order: priority",
        "Write both, or neither.",
    ),
    Wrong(
        LAST,
        spoiled(
            (NO_GROUPS, "  law: Article 1\n"),
            ("order: priority", "order: first_come"),
            ("when_too_small: skip", "when_too_small: partial"),
        ),
        "first_come_plain",
        "ceiling.order",
        "order: first_come",
        "write when_too_small: skip.",
    ),
    Wrong(
        LAST,
        spoiled((", weight: 3", "")),
        "no_priority",
        "ceiling.groups.1",
        "- {id: flex",
        "with weight, share_percent or both.",
    ),
    Wrong(
        LAST,
        spoiled((", weight: 3", ", weight: 11")),
        "less_than_equal",
        "ceiling.groups.1.weight",
        "- {id: flex",
        "at most 10.",
    ),
    Wrong(
        LAST,
        spoiled(("id: flex", "id: all")),
        "everyone_else",
        "ceiling.groups.1.id",
        "- {id: all",
        "Choose another name.",
    ),
    Wrong(
        LAST,
        spoiled(("id: few", "id: flex")),
        "twice",
        "ceiling.groups.2",
        "- {id: flex, when: contract_hours_week",
        "Give every line a name of its own.",
    ),
    Wrong(
        LAST,
        spoiled(
            (
                "  least:",
                "".join(
                    f"    - {{id: g{age}, when: age < {age}, text: {{nl: c, en: c}}, weight: 2, "
                    'article: "8"}\n'
                    for age in range(30, 34)
                )
                + "  least:",
            )
        ),
        "many_groups",
        "ceiling.groups",
        "groups:",
        "at most 5.",
    ),
    Wrong(
        LAST,
        spoiled((", weight: 3", ", share_percent: 41")),
        "shares",
        "ceiling.groups",
        "groups:",
        "Together the shares are 101 percent. Make that at most 100.",
    ),
    Wrong(
        LAST,
        spoiled(("most: 1000.00", "most: 5000.01")),
        "request_amounts",
        "ceiling.most",
        "most: 5000.01",
        "at most the smallest pot.",
    ),
    Wrong(
        LAST,
        spoiled(("least: 100.00", "least: 0")),
        "request_amounts",
        "ceiling.most",
        "most: 1000.00",
        "What somebody can ask is more than zero",
    ),
    Wrong(
        LAST,
        spoiled(("pot: 9000.00", "pot: 9000.005")),
        "part_of_cent",
        "ceiling.windows.2.pot",
        "- {opens: 2026-03-01",
        "Write an amount in whole cents.",
    ),
    Wrong(
        LAST,
        spoiled(("pot: 9000.00", "pot: 1000000000.01")),
        "pot_too_large",
        "ceiling.windows.2.pot",
        "- {opens: 2026-03-01",
        "at most 1000000000.",
    ),
    Wrong(
        LAST,
        spoiled(("closes: 2026-03-31", "closes: 2026-02-28")),
        "window_order",
        "ceiling.windows.2.closes",
        "- {opens: 2026-03-01",
        "choose 2026-03-01 or later.",
    ),
    Wrong(
        LAST,
        spoiled(
            (NO_GROUPS, "  law: Article 1\n"),
            ("order: priority", "order: first_come"),
            ("closes: 2026-03-31", "closes: 2026-03-08"),
        ),
        "window_order",
        "ceiling.windows.2.closes",
        "- {opens: 2026-03-01",
        "choose 2026-03-09 or later.",
    ),
    Wrong(
        LAST,
        spoiled(("opens: 2026-03-01", "opens: 2026-01-31")),
        "windows_overlap",
        "ceiling.windows.2.opens",
        "- {opens: 2026-01-31",
        "after 2026-01-31.",
    ),
    Wrong(
        LAST,
        spoiled(("opens: 2026-01-01", "opens: 2023-12-31")),
        "windows_overlap",
        "ceiling.windows.1.opens",
        "- {opens: 2023-12-31",
        "after 2023-12-31.",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    extra: [{id: a, when: age > age, text: {nl: x, en: x}, article: x}]\n",
        "extra_once",
        "credit.1.extra.1",
        "extra:",
        "Write ‘times’ or ‘plus’ here, exactly one.",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    extra:\n"
        "      - {id: a, when: age > age, times: per_year, text: {nl: x, en: x}, article: x}\n",
        "not_a_rate",
        "credit.1.extra.1.times",
        "- {id: a",
        "A bare number belongs here",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    extra:\n"
        "      - {id: a, when: age > age, times: 1 - 2, text: {nl: x, en: x}, article: x}\n",
        "negative",
        "credit.1.extra.1.times",
        "- {id: a",
        "Subtract only what is always smaller",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    extra:\n"
        "      - {id: a, when: age > age, plus: age, text: {nl: x, en: x}, article: x}\n",
        "not_money",
        "credit.1.extra.1.plus",
        "- {id: a",
        "An amount belongs here",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    extra:\n"
        "      - {id: a, when: age > age, times: 9999, text: {nl: x, en: x}, article: x}\n",
        "too_much",
        "credit.1.extra",
        "extra:",
        "at most 1000000 EUR.",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    extra:\n"
        "      - {id: a, when: age > age, times: 2, text: {nl: x, en: x}, article: x}\n"
        "      - {id: a, when: age > age, times: 3, text: {nl: x, en: x}, article: x}\n",
        "twice",
        "credit.1.extra.2",
        "- {id: a, when: age > age, times: 3",
        "Give every line a name of its own.",
    ),
    Wrong(
        "starts: 2024",
        "unit: days\nstarts: 2024",
        "money_fact",
        "spend.only.1.when",
        "when: price",
        "Remove it.",
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: price}], text: {nl: x, en: x}, article: x}\n"
        '  article: "6"\nunit: hours\ncorrectable',
        "pays_money",
        "spend.pays",
        "pays:",
        "Remove pays.",
    ),
    Wrong(
        "starts: 2024",
        "unit: hours\nstarts: 2024",
        "other_unit",
        "parameters.per_year.unit",
        "unit: EUR",
        "Write unit: amount.",
    ),
    Wrong(
        "starts: 2024",
        "unit: USD\nstarts: 2024",
        "literal_error",
        "unit",
        "unit: USD",
        "Allowed: EUR, SGD, GBP, hours, days.",
    ),
    Wrong(
        "  contract_hours_week:\n    not",
        "  qualification:\n    not_eligible: {nl: Nee., en: No.}\n    article: x\n  contract_hours_week:\n    not",
        "absent_confided",
        "absent.qualification",
        "qualification:",
        "Write ‘use’ instead of ‘not_eligible’.",
    ),
    Wrong(
        "    not_eligible: {nl: Geen vaste uren., en: No fixed hours.}\n",
        "",
        "absent_answer",
        "absent.contract_hours_week",
        "contract_hours_week:",
        "Write ‘use’ or ‘not_eligible’ here, exactly one.",
    ),
    Wrong(
        "  contract_hours_week:\n    not",
        "  age:\n    not",
        "absent_missing",
        "absent",
        "absent:",
        "Say under absent what happens then.",
    ),
    Wrong(
        "  contract_hours_week:\n    not",
        '  age:\n    use: full_week\n    article: "1"\n  contract_hours_week:\n    not',
        "absent_useless",
        "absent.age",
        "age:",
        "Remove it.",
    ),
    Wrong(
        "source: an",
        "source: *an",
        "anchor",
        "source",
        "source: *an invented agreement",
        "Write the value in full.",
    ),
    Wrong(
        "source: an",
        "source: &a an",
        "anchor",
        "source",
        "source: &a an invented agreement",
        "Write the value in full.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: &a [x]\ntitle2: [*a, *a]",
        "anchor",
        "source",
        "source: &a [x]",
        "Write the value in full.",
    ),
    Wrong(
        "contract_hours_week >= full_week",
        "contract_hours_week >= 38",
        "bare_number",
        "credit.1.cases.1.when",
        "- {when: contract_hours_week >= 38, amount: ",
        "Make the number a parameter with a unit and a source.",
    ),
    Wrong(
        "price <= per_year * 5",
        "price <= 900",
        "bare_number",
        "spend.only.1.when",
        "when: price <= 900 and (online or subject in",
        "Make the number a parameter with a unit and a source.",
    ),
    Wrong(
        "  balance: [{otherwise: per_year * 3}]\n",
        "",
        "cap_empty",
        "cap",
        "cap:",
        "Say what the most is: balance (on the account), year (a year) or ever.",
    ),
    Wrong(
        ", amount: per_year}",
        "}",
        "case",
        "credit.1.cases.1",
        "- {when: contract_hours_week >= full_week}",
        "A case has ‘when’ and ‘amount’.",
    ),
    Wrong(
        "2024-01-01: 38",
        "2024-01-01: 38,5",
        "empty",
        "parameters.full_week.values.5",
        "values: {2024-01-01: 38,5}",
        "Write one after the colon, a number with a point: 38.5; or remove the li",
    ),
    Wrong(
        "source: an invented agreement",
        "source: ~",
        "empty",
        "source",
        "source: ~",
        "Write one after the colon, a number with a point: 38.5; or remove the li",
    ),
    Wrong(
        "      - otherwise: per_year / 2\n",
        "      - otherwise:\n",
        "empty",
        "credit.1.cases.2.otherwise",
        "- otherwise:",
        "Write one after the colon, a number with a point: 38.5; or remove the li",
    ),
    Wrong(
        "after_months: 60",
        "on: 2023-12-31",
        "ends_before_start",
        "expiry.on",
        'expiry: {on: 2023-12-31, article: "5"}',
        "Choose a later day.",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    round: nearest\n",
        "enum",
        "credit.1.round",
        "round: nearest",
        "Allowed: up, down, half_up, half_even.",
    ),
    Wrong(
        "periods: [month, four_weeks]",
        "periods: [week]",
        "enum",
        "periods.1",
        "periods: [week]",
        "Allowed: month, four_weeks, quarter, year.",
    ),
    Wrong(
        "periods: [month, four_weeks]",
        "periods: [month, four_week]",
        "enum",
        "periods.2",
        "periods: [month, four_week]",
        "Do you mean ‘four_weeks’? Allowed: month, four_weeks, quarter, year.",
    ),
    Wrong(
        'expiry: {after_months: 60, article: "5"}\n',
        "",
        "expiry_missing",
        "reversion",
        'reversion: {to: sector_fund, article: "5"}',
        "reversion works only together with expiry.",
    ),
    Wrong(
        "after_months: 60",
        "after_months: 60, on: 2030-01-01",
        "expiry_once",
        "expiry",
        "expiry: {after_months: 60, on: 2030-01-01, a",
        "Say in one way when money ends: after_months (months after crediting), o",
    ),
    Wrong(
        "after_months: 60",
        "on: 2030-01-01, at_age: 67",
        "expiry_once",
        "expiry",
        "expiry: {on: 2030-01-01, at_age: 67, article:",
        "at_age (the day before that birthday) or months_after_job (months after",
    ),
    Wrong(
        "after_months: 60",
        "at_age: 15",
        "greater_than_equal",
        "expiry.at_age",
        'expiry: {at_age: 15, article: "5"}',
        "‘15’ is too small: at least 16.",
    ),
    Wrong(
        "{after_months: 60, article",
        "{article",
        "expiry_once",
        "expiry",
        'expiry: {article: "5"}',
        "Say in one way when money ends: after_months (months after crediting), o",
    ),
    Wrong(
        "credit:",
        "credits:",
        "extra_forbidden",
        "credits",
        "credits:",
        "Do you mean ‘credit’? Allowed: scheme, title, source, unit, starts, periods, s",
    ),
    Wrong(
        "  balance: [{",
        "  ballance: [{",
        "extra_forbidden",
        "cap.ballance",
        "ballance: [{otherwise: per_year * 3}]",
        "Do you mean ‘balance’? Allowed: article, source, status, why, balance, y",
    ),
    Wrong(
        "spend:",
        "zzz: x\nspend:",
        "extra_forbidden",
        "zzz",
        "zzz: x",
        "Allowed: scheme, title, source, unit, starts, periods, signed_by, portable, pa",
    ),
    Wrong(
        "portable: true",
        "<<: {portable: true}",
        "extra_forbidden",
        "<<",
        "<<: {portable: true}",
        "Allowed: scheme, title, source, unit, starts, periods, signed_by, portable, pa",
    ),
    Wrong(
        'article: "1"\ncap',
        'articel: "1"\ncap',
        "extra_forbidden",
        "credit.1.articel",
        'articel: "1"',
        "Do you mean ‘article’? Allowed: article, source, status, why, id, cases,",
    ),
    Wrong(
        "expiry: {after",
        'orders: {article: "5"}\nexpiry: {after',
        "orders_empty",
        "orders",
        "orders:",
        "Write answer, withdraw or cancel",
    ),
    Wrong(
        "expiry: {after",
        'orders: {withdraw: {article: "5"}, article: "5"}\nexpiry: {after',
        "days_once",
        "orders.withdraw",
        "orders:",
        "Write ordinary days or working days, exactly one of the two.",
    ),
    Wrong(
        "expiry: {after",
        'orders: {withdraw: {days: 13, article: "5"}, article: "5"}\nexpiry: {after',
        "greater_than_equal",
        "orders.withdraw.days",
        "orders:",
        "14",
    ),
    Wrong(
        "expiry: {after",
        "orders:\n  cancel:\n    steps:\n      - {percent: 10}\n"
        '    article: "5"\n  article: "5"\nexpiry: {after',
        "days_once",
        "orders.cancel.steps.1",
        "- {percent: 10}",
        "Write ordinary days or working days, exactly one of the two.",
    ),
    Wrong(
        "expiry: {after",
        "orders:\n  cancel:\n    steps:\n      - {days_before: 7, percent: 10}\n"
        '      - {days_before: 1, percent: 9}\n    article: "5"\n  article: "5"\nexpiry: {after',
        "later_costs_less",
        "orders.cancel.steps.2.percent",
        "- {days_before: 1, percent: 9}",
        "Stopping later never costs less",
    ),
    Wrong(
        "expiry: {after",
        'credited: {article: "5"}\nexpiry: {after',
        "credited_once",
        "credited",
        "credited:",
        "Say in one way when money is credited: months_after",
    ),
    Wrong(
        "expiry: {after",
        'credited: {months_after: 3, next_year_on: 04-01, article: "5"}\nexpiry: {after',
        "credited_once",
        "credited",
        "credited:",
        "Say in one way when money is credited: months_after",
    ),
    Wrong(
        "expiry: {after",
        'credited: {months_after: 25, article: "5"}\nexpiry: {after',
        "less_than_equal",
        "credited.months_after",
        "credited:",
        "at most 24.",
    ),
    Wrong(
        "expiry: {after",
        'credited: {next_year_on: 02-29, article: "5"}\nexpiry: {after',
        "not_a_day_of_the_year",
        "credited.next_year_on",
        "credited:",
        "Write month and day, for instance 01-01.",
    ),
    Wrong(
        "expiry: {after",
        "Expiry: {after",
        "extra_forbidden",
        "Expiry",
        'Expiry: {after_months: 60, article: "5"}',
        "Do you mean ‘expiry’? Allowed: scheme, title, source, unit, starts, periods, s",
    ),
    Wrong(
        "cases:",
        "case:",
        "extra_forbidden",
        "credit.1.case",
        "case:",
        "Do you mean ‘cases’? Allowed: article, source, status, why, id, cases, p",
    ),
    Wrong(
        "after_months: 60",
        "after_months: 0",
        "greater_than_equal",
        "expiry.after_months",
        'expiry: {after_months: 0, article: "5"}',
        "‘0’ is too small: at least 1.",
    ),
    Wrong(
        'correctable_for: {days: 30, article: "7"}\n',
        'correctable_for: {days: 30, article: "7"}\nrefund_grace: {months: 5, article: "7"}\n',
        "greater_than_equal",
        "refund_grace.months",
        'refund_grace: {months: 5, article: "7"}',
        "‘5’ is too small: at least 6.",
    ),
    Wrong(
        "after_months: 60",
        "after_months: vijf",
        "int_parsing",
        "expiry.after_months",
        'expiry: {after_months: vijf, article: "5"}',
        "Write for instance 12.",
    ),
    Wrong(
        "expiry: {after_months: 60",
        "expiry: {after_months: [60]",
        "int_parsing",
        "expiry.after_months",
        'expiry: {after_months: [60], article: "5"}',
        "Write for instance 12.",
    ),
    Wrong(
        "per_year / 2",
        "per_year + full_week",
        "kinds_differ",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year + full_week",
        "Both must be of the same kind.",
    ),
    Wrong(
        "    not_eligible: {nl: Geen vaste uren., en: No fixed hours.}\n",
        "    use: age\n",
        "kinds_differ",
        "absent.contract_hours_week.use",
        "use: age",
        "This is not the same kind of value as ‘contract_hours_week’.",
    ),
    Wrong(
        "- id: kind\n    when:",
        "- id: other\n    when: age > full_week\n    otherwise: {nl: x, en: x}\n  - id: kind\n    when:",
        "kinds_differ",
        "eligible.1.when",
        "when: age > full_week",
        "Both must be of the same kind.",
    ),
    Wrong(
        "after_months: 60",
        "end_of_year_after: 51",
        "less_than_equal",
        "expiry.end_of_year_after",
        'expiry: {end_of_year_after: 51, article: "5"',
        "‘51’ is too large: at most 50.",
    ),
    Wrong(
        "expiry: {after_months: 60",
        "expiry: {after_months: 999999999999999999999999999999",
        "less_than_equal",
        "expiry.after_months",
        "expiry: {after_months: 999999999999999999999",
        "‘999999999999999999999999999999’ is too large: at most 600.",
    ),
    Wrong(
        "periods: [month, four_weeks]",
        "periods: month",
        "list_type",
        "periods",
        "periods: month",
        "A list belongs here: [a, b] or lines that start with a dash.",
    ),
    Wrong(
        "per: year",
        "per: week",
        "literal_error",
        "credit.1.per",
        "per: week",
        "Allowed: year, month, four_weeks, period, once.",
    ),
    Wrong(
        "unit: hours",
        "unit: days",
        "literal_error",
        "parameters.full_week.unit",
        "unit: days",
        "Allowed: EUR, amount, hours, years, number.",
    ),
    Wrong(
        "per: year",
        "per: year\n    again_after_years: 5",
        "again_needs_once",
        "credit.1.again_after_years",
        "again_after_years: 5",
        "again_after_years belongs to per: once.",
    ),
    Wrong(
        'spread: cumulative\n    article: "1"\ncap:\n  balance:',
        'again_after_years: 5\n    spread: cumulative\n    article: "1"\ncap:\n  ever:',
        "ever_and_again",
        "cap.ever",
        "ever:",
        "Remove ever.",
    ),
    Wrong(
        "to: sector_fund",
        "to: payer",
        "literal_error",
        "reversion.to",
        'reversion: {to: payer, article: "5"}',
        "Allowed: sector_fund, state, employer.",
    ),
    Wrong(
        "absent:\n",
        'absent:\n  contract_hours_reference: {use: full_week, article: "3"}\n',
        "reference_date_missing",
        "absent.contract_hours_reference",
        "contract_hours_reference:",
        "Say with reference_date which day that is.",
    ),
    Wrong(
        "cap:\n",
        'reference_date: {day: 01-01, article: "4"}\ncap:\n',
        "reference_date_useless",
        "reference_date",
        "reference_date:",
        "Take reference_date out.",
    ),
    Wrong(
        "cap:\n",
        'reference_date: {day: 02-29, article: "4"}\ncap:\n',
        "not_a_day_of_the_year",
        "reference_date.day",
        "reference_date:",
        "Write month and day, for instance 01-01.",
    ),
    Wrong(
        "per: year",
        "per: yeer",
        "literal_error",
        "credit.1.per",
        "per: yeer",
        "Do you mean ‘year’? Allowed: year, month, four_weeks, period, once.",
    ),
    Wrong(
        "{2024-01-01: 175.00, 2026-01-01: 180.00}",
        "{2024-01-01: 175.00, 2026-01-01: {value: 180.00, status: guessed, why: x}}",
        "literal_error",
        "parameters.per_year.values.2026-01-01.status",
        "values: {2024-01-01: 175.00, 2026-01-01: {va",
        "Allowed: inferred.",
    ),
    Wrong(
        "[workers, employers]",
        "[worker]",
        "literal_error",
        "signed_by.1",
        "signed_by: [worker]",
        "Do you mean ‘workers’? Allowed: workers, employers, employer, state.",
    ),
    Wrong(
        "per_year / 2",
        "per_year / (age / age)",
        "may_divide_by_zero",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year / (age / age)",
        "Divide by something that is always greater than 0.",
    ),
    Wrong(
        "full_from: 1/2",
        "full_from: 1/0",
        "may_divide_by_zero",
        "credit.1.prorate.full_from",
        "prorate: {by: contract_hours_week / full_wee",
        "Divide by something that is always greater than 0.",
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: price}], article: '6'}\n  article: \"6\"\ncorrectable",
        "missing",
        "spend.pays.text",
        "pays: {cases: [{otherwise: price}], article:",
        "‘text’ is missing.",
    ),
    Wrong(
        ", en: Trial scheme",
        "",
        "missing",
        "title.en",
        "title: {nl: Proefregeling}",
        "‘en’ is missing.",
    ),
    Wrong(
        "per_year / 2",
        "per_year * per_year",
        "money_times_money",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year * per_year",
        "One of the two must be a bare number.",
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: price * price}], text: {nl: x, en: x}}\n  article: '6'\ncorrectable",
        "money_times_money",
        "spend.pays.cases.1.otherwise",
        "pays: {cases: [{otherwise: price * price}], ",
        "One of the two must be a bare number.",
    ),
    Wrong(
        "full_week:\n    unit",
        "age:\n    unit",
        "name_taken",
        "parameters.age",
        "age:",
        "Choose another name.",
    ),
    Wrong(
        "per_year / 2",
        "per_year - per_year * 2",
        "negative",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year - per_year * 2",
        "Subtract only what is always smaller than what you subtract it from.",
    ),
    Wrong(
        "2024-01-01: 38",
        "2024-01-01: -38",
        "negative",
        "parameters.full_week.values.2024-01-01",
        "values: {2024-01-01: -38}",
        "A value may not be below zero.",
    ),
    Wrong(
        "full_from: 1/2",
        "full_from: 0 - 1",
        "negative",
        "credit.1.prorate.full_from",
        "prorate: {by: contract_hours_week / full_wee",
        "Subtract only what is always smaller than what you subtract it from.",
    ),
    Wrong(
        "2024-01-01: 38",
        "2024-02-01: 38",
        "no_value",
        "parameters.full_week.values",
        "values: {2024-02-01: 38}",
        "Add a value from that day.",
    ),
    Wrong(
        "title: {nl: Proefregeling, en: Trial scheme}",
        "title: Proef",
        "not_a_block",
        "title",
        "title: Proef",
        "A block with these names belongs here: nl, en.",
    ),
    Wrong(
        "cap:\n",
        "cap: 5\ncapp:\n",
        "not_a_block",
        "cap",
        "cap: 5",
        "A block with these names belongs here: article, source, status, why, bal",
    ),
    Wrong(
        'expiry: {after_months: 60, article: "5"}',
        "expiry: [a]",
        "not_a_block",
        "expiry",
        "expiry: [a]",
        "A block with these names belongs here: article, source, status, why, aft",
    ),
    Wrong(
        "contract_hours_week >= full_week",
        "contract_hours_week",
        "not_a_condition",
        "credit.1.cases.1.when",
        "- {when: contract_hours_week, amount: per_ye",
        "A condition belongs here, for instance contract_hours_week > min_hours.",
    ),
    Wrong(
        "contract_hours_week >= full_week",
        "contract_kind > permanent",
        "not_a_condition",
        "credit.1.cases.1.when",
        "- {when: contract_kind > permanent, amount: ",
        "With ‘contract_kind’ only ==, != or in [..] is possible.",
    ),
    Wrong(
        "contract_kind in [permanent, fixed_term]",
        "age in [permanent]",
        "not_a_condition",
        "eligible.1.when",
        "when: age in [permanent]",
        "Use <, > or ==.",
    ),
    Wrong(
        "2024-01-01: 38",
        "2024-02-30: 38",
        "not_a_date",
        "parameters.full_week.values.2024-02-30",
        "values: {2024-02-30: 38}",
        "Write for instance 2026-01-01.",
    ),
    Wrong(
        "after_months: 60",
        "on: 2030-02-30",
        "not_a_date",
        "expiry.on",
        'expiry: {on: 2030-02-30, article: "5"}',
        "Write for instance 2026-01-01.",
    ),
    Wrong(
        "starts: 2024-01-01",
        "starts: 1 januari 2024",
        "not_a_date",
        "starts",
        "starts: 1 januari 2024",
        "Write for instance 2026-01-01.",
    ),
    Wrong(GOOD, "", "not_a_mapping", "", "", "This file must consist of lines like ‘name: value’."),
    Wrong(
        "title: {nl: Proefregeling, en: Trial scheme}",
        "? [a, b]\n: c\ntitle: {nl: Proefregeling, en: Trial scheme}",
        "not_a_name",
        "?",
        "? [a, b]",
        "A name must be one word.",
    ),
    Wrong(
        "per_year / 2",
        "contract_hours_week > full_week",
        "not_a_number",
        "credit.1.cases.2.otherwise",
        "- otherwise: contract_hours_week > full_week",
        "A number or amount belongs here, not a condition.",
    ),
    Wrong(
        "2024-01-01: 38",
        "2024-01-01: veel",
        "not_a_number",
        "parameters.full_week.values.2024-01-01.value",
        "values: {2024-01-01: veel}",
        "Write for instance 175.00 or 12.",
    ),
    Wrong(
        "per_year / 2",
        "per_year * contract_kind",
        "not_a_number",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year * contract_kind",
        "‘contract_kind’ is a label; a number or amount belongs here.",
    ),
    Wrong(
        "2024-01-01: 38",
        "2024-01-01: ٣٨",
        "not_a_number",
        "parameters.full_week.values.2024-01-01.value",
        "values: {2024-01-01: ٣٨}",
        "Write for instance 175.00 or 12.",
    ),
    Wrong(
        "full_from: 1/2",
        "full_from: full_week",
        "not_a_rate",
        "credit.1.prorate.full_from",
        "prorate: {by: contract_hours_week / full_wee",
        "A bare number belongs here, for instance hours divided by hours.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: =",
        "not_allowed",
        "source",
        "source: =",
        "Write a number, a date, true, false or text.",
    ),
    Wrong(
        "per_year / 2",
        "full_week",
        "not_money",
        "credit.1.cases.2.otherwise",
        "- otherwise: full_week",
        "An amount belongs here: a parameter with unit: EUR, or 0.",
    ),
    Wrong(
        "  balance: [{otherwise: per_year",
        "  ever: [{otherwise: age",
        "not_money",
        "cap.ever.1.otherwise",
        "ever: [{otherwise: age * 3}]",
        "An amount belongs here: a parameter with unit: EUR, or 0.",
    ),
    Wrong(
        "portable: true",
        "portable: false",
        "portable_useless",
        "portable",
        "portable: false",
        "Without one of the two money comes along: write portable: true.",
    ),
    Wrong(
        "after_months: 60",
        "months_after_job: 6",
        "ends_with_job",
        "expiry.months_after_job",
        'expiry: {months_after_job: 6, article: "5"}',
        "So its money cannot end after a job. Choose another end.",
    ),
    Wrong(
        "after_months: 60",
        "months_after_job: 0",
        "greater_than_equal",
        "expiry.months_after_job",
        'expiry: {months_after_job: 0, article: "5"}',
        "‘0’ is too small: at least 1.",
    ),
    Wrong(
        "to: sector_fund",
        "to: employer",
        "reverts_to_employer",
        "reversion.to",
        'reversion: {to: employer, article: "5"}',
        "So its money cannot go back to the employer. Allowed: sector_fund, state.",
    ),
    Wrong(
        "portable: true\n",
        f"portable: false\n{CEILING}",
        "round_without_job",
        "ceiling",
        "ceiling:",
        "Money of a round does not come from a job.",
    ),
    Wrong(
        "portable: true",
        "portable: yes",
        "not_true_or_false",
        "portable",
        "portable: yes",
        "Write true or false here, not ‘yes’.",
    ),
    Wrong(
        "starts: 2024-01-01",
        "starts: [",
        "not_yaml",
        "starts",
        "starts: [",
        "See whether every bracket and quotation mark closes and whether lines ar",
    ),
    Wrong(
        "title: {nl: Proefregeling, en: Trial scheme}",
        "title: {nl: 'Proef, en: Trial scheme}",
        "not_yaml",
        "title",
        "title: {nl: 'Proef, en: Trial scheme}",
        "See whether every bracket and quotation mark closes and whether lines ar",
    ),
    Wrong(
        "starts: 2024-01-01",
        "starts: 2024-01-01\n\tx: 1",
        "not_yaml",
        "starts",
        "x: 1",
        "See whether every bracket and quotation mark closes and whether lines ar",
    ),
    Wrong(
        "      - otherwise: per_year / 2\n",
        "",
        "otherwise_missing",
        "credit.1.cases.1",
        "- {when: contract_hours_week >= full_week, a",
        "The list must end with ‘otherwise’, so that nobody falls through.",
    ),
    Wrong(
        "      - {when: contract_hours_week >= full_week, amount: per_year}\n      - otherwise: per_year / 2\n",
        "      - otherwise: per_year / 2\n      - {when: contract_hours_week >= full_week, amount: per_year}\n",
        "otherwise_not_last",
        "credit.1.cases.1",
        "- otherwise: per_year / 2",
        "‘otherwise’ stands alone, as the last of the list.",
    ),
    Wrong(
        "175.00",
        "175.005",
        "part_of_cent",
        "parameters.per_year.values.2024-01-01",
        "values: {2024-01-01: 175.005, 2026-01-01: 18",
        "Write an amount in whole cents.",
    ),
    Wrong(
        'reversion: {to: sector_fund, article: "5"}\n',
        "",
        "reversion_missing",
        "expiry",
        'expiry: {after_months: 60, article: "5"}',
        "Say it with reversion.",
    ),
    Wrong(
        "    spread: cumulative\n",
        "",
        "rounding",
        "credit.1",
        "- id: yearly",
        "Say how it is rounded: round (up, down, half_up, half_even) or spread: c",
    ),
    Wrong(
        "    spread: cumulative\n",
        "    spread: cumulative\n    round: up\n",
        "rounding",
        "credit.1",
        "- id: yearly",
        "Say how it is rounded: round (up, down, half_up, half_even) or spread: c",
    ),
    Wrong(
        '    values: {2024-01-01: 38}\n    article: "2"\n',
        "    values: {2024-01-01: 38}\n",
        "source_missing",
        "parameters.full_week",
        "full_week:",
        "Say where this was found (article or source), or add status: inferred an",
    ),
    Wrong(
        "prorate: {by: contract_hours_week / full_week",
        "prorate: {by: full_week / (contract_hours_week + full_week)",
        "spread_by_fact",
        "credit.1",
        "- id: yearly",
        "That can’t go together with spread: cumulative. Divide by a fixed number",
    ),
    Wrong(
        "per: year",
        "per: period",
        "spread_needs_year",
        "credit.1.spread",
        "spread: cumulative",
        "spread: cumulative belongs to an amount per year.",
    ),
    Wrong(
        "scheme: nl/proef",
        "scheme: Proef",
        "string_pattern_mismatch",
        "scheme",
        "scheme: Proef",
        "Use small letters and digits, as in nl/supermarkt.",
    ),
    Wrong(
        "- id: yearly",
        "- id: Jaar",
        "string_pattern_mismatch",
        "credit.1.id",
        "- id: Jaar",
        "Use small letters and digits, as in per_year.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: " + "x" * 501,
        "string_too_long",
        "source",
        "source: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "This text is too long: at most 500 characters.",
    ),
    Wrong(
        "per_year / 2",
        "+".join(["per_year"] * 60),
        "string_too_long",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year+per_year+per_year+per_",
        "This text is too long: at most 500 characters.",
    ),
    Wrong(
        "source: an invented agreement",
        'source: ""',
        "string_too_short",
        "source",
        'source: ""',
        "Text belongs here.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: [a]",
        "string_type",
        "source",
        "source: [a]",
        "Text belongs here, no list or block.",
    ),
    Wrong(
        "title: {nl: Proefregeling, en: Trial scheme}",
        "title: {nl: Proef, en: {x: y}}",
        "string_type",
        "title.en",
        "title: {nl: Proef, en: {x: y}}",
        "Text belongs here, no list or block.",
    ),
    Wrong(
        "per_year / 2",
        "__import__('os')",
        "syntax",
        "credit.1.cases.2.otherwise",
        "- otherwise: __import__('os')",
        "Use names, numbers, + - * /, comparisons, and, or, not, in [..] and pare",
    ),
    Wrong(
        "per_year / 2",
        "per_year.real",
        "syntax",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year.real",
        "Use names, numbers, + - * /, comparisons, and, or, not, in [..] and pare",
    ),
    Wrong(
        "per_year / 2",
        "per_year if online",
        "syntax",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year if online",
        "Use names, numbers, + - * /, comparisons, and, or, not, in [..] and pare",
    ),
    Wrong(
        "per_year / 2",
        "(per_year",
        "syntax",
        "credit.1.cases.2.otherwise",
        "- otherwise: (per_year",
        "The formula ‘(per_year’ is not finished: something is missing at the end",
    ),
    Wrong(
        "contract_hours_week >= full_week",
        "contract_hours_week = full_week",
        "syntax",
        "credit.1.cases.1.when",
        "- {when: contract_hours_week = full_week, am",
        "Write == for equal.",
    ),
    Wrong(
        "contract_kind in [permanent, fixed_term]",
        "contract_kind in [permanent",
        "syntax",
        "eligible.1.when",
        "when: contract_kind in [permanent",
        "The formula ‘contract_kind in [permanent’ is not finished: something is",
    ),
    Wrong(
        "per_year / 2",
        "per_year / ²",
        "syntax",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year / ²",
        "Use names, numbers, + - * /, comparisons, and, or, not, in [..] and pare",
    ),
    Wrong(
        "scheme: nl/proef",
        "scheme: !!python/object/apply:os.system [ls]",
        "tag",
        "scheme",
        "scheme: !!python/object/apply:os.system [ls]",
        "Write the value alone.",
    ),
    Wrong(
        "starts: 2024-01-01",
        "!!python/name:os starts: 2024-01-01",
        "tag",
        "source",
        "!!python/name:os starts: 2024-01-01",
        "Write the value alone.",
    ),
    Wrong(
        "per_year / 2",
        "(" * 40 + "per_year" + ")" * 40,
        "too_deep",
        "credit.1.cases.2.otherwise",
        "- otherwise: (((((((((((((((((((((((((((((((",
        "This formula has too many parentheses: at most 30 levels.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: " + "[" * 14 + "]" * 14,
        "too_deep",
        "source",
        "source: [[[[[[[[[[[[[[]]]]]]]]]]]]]]",
        "This is nested too deep: at most 12 levels.",
    ),
    Wrong(
        "starts: 2024-01-01",
        "starts: 9999-12-31",
        "too_far",
        "starts",
        "starts: 9999-12-31",
        "Choose a day from 1900 to 2199.",
    ),
    Wrong(
        "2026-01-01: 180.00",
        "2200-01-01: 180.00",
        "too_far",
        "parameters.per_year.values.2200-01-01",
        "values: {2024-01-01: 175.00, 2200-01-01",
        "Choose a day from 1900 to 2199.",
    ),
    Wrong(
        "per_year / 2",
        "per_year * 999999999999999 / 999999999999999 / 2",
        "too_large",
        "credit",
        "credit:",
        "Use smaller amounts, fewer digits after the point or fewer divisions.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: " + "x" * 200_000,
        "too_long",
        "scheme",
        "scheme: nl/proef",
        "This file is too long: at most 200000 characters.",
    ),
    Wrong(
        "source: an invented agreement",
        "source: " + f"[{'x, ' * 3_000}x]",
        "too_many",
        "source",
        "source: [x, x, x, x, x, x, x, x, x, x, x, x,",
        "There are too many names and values: at most 2000.",
    ),
    Wrong(
        "per_year / 2",
        "per_year * 99999999",
        "too_much",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year * 99999999",
        "This amount can become too large: at most 1000000 EUR.",
    ),
    Wrong(
        "175.00",
        "1000000.01",
        "too_much",
        "parameters.per_year.values.2024-01-01",
        "values: {2024-01-01: 1000000.01, 2026-01-01:",
        "This amount is too large: at most 1000000 EUR.",
    ),
    Wrong(
        "    values: {2024-01-01: 38}",
        "    values: {}",
        "too_short",
        "parameters.full_week.values",
        "values: {}",
        "At least one line belongs here.",
    ),
    Wrong(
        "starts: 2024-01-01",
        "starts: 2024-01-01\nstarts: 2024-01-01",
        "twice",
        "starts",
        "starts: 2024-01-01",
        "Remove one.",
    ),
    Wrong(
        "- id: kind\n    when:",
        '- id: kind\n    when: age == 5\n    otherwise: {nl: x, en: x}\n    article: "1"\n  - id: kind\n    when:',
        "twice",
        "eligible.2",
        "- id: kind",
        "Give every line a name of its own.",
    ),
    Wrong(
        "[permanent, fixed_term]",
        "[permanant]",
        "unknown_label",
        "eligible.1.when",
        "when: contract_kind in [permanant]",
        "Do you mean ‘permanent’? Allowed: permanent, fixed_term, on_call, agency",
    ),
    Wrong(
        "contract_kind in [permanent, fixed_term]",
        "contract_kind == permnent",
        "unknown_label",
        "eligible.1.when",
        "when: contract_kind == permnent",
        "Do you mean ‘permanent’? Allowed: permanent, fixed_term, on_call, agency",
    ),
    Wrong(
        "[06, 0913]",
        "[ict]",
        "unknown_label",
        "spend.only.1.when",
        "when: price <= per_year * 5 and (online or s",
        "Write two to four digits.",
    ),
    Wrong(
        "per_year / 2",
        "per_jaar / 2",
        "unknown_name",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_jaar / 2",
        "Do you mean ‘per_year’? Allowed: age, contract_hours_reference, contract_hours_week",
    ),
    Wrong(
        "contract_kind in [permanent, fixed_term]",
        "contract_kimd != agency",
        "unknown_name",
        "eligible.1.when",
        "when: contract_kimd != agency",
        "Do you mean ‘contract_kind’? Allowed: age, contract_hours_reference, contract_hours_week",
    ),
    Wrong(
        "price <= per_year",
        "course_kind == driving_license and price <= per_year",
        "unknown_label",
        "spend.only.1.when",
        "when: course_kind == driving_license",
        "‘driving_license’ is not a value of ‘course_kind’. Do you mean ‘driving_licence’?",
    ),
    Wrong(
        "price <= per_year",
        "age <= per_year",
        "unknown_name",
        "spend.only.1.when",
        "when: age <= per_year * 5 and (online or sub",
        "Allowed: course_kind, employed, full_week, online, per_year, price, quality_mark, subject.",
    ),
    Wrong(
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: age}], text: {nl: x, en: x}, article: '6'}\n  article: \"6\"\ncorrectable",
        "unknown_name",
        "spend.pays.cases.1.otherwise",
        "pays: {cases: [{otherwise: age}], text: {nl:",
        "Allowed: course_kind, employed, full_week, online, per_year, price, quality_mark, subject.",
    ),
    Wrong(
        "  contract_hours_week:\n    not",
        "  contract_hours_wek:\n    not",
        "unknown_name",
        "absent.contract_hours_wek",
        "contract_hours_wek:",
        "Do you mean ‘contract_hours_week’? Allowed: contract_hours_reference, contract_hours_week, qual",
    ),
    Wrong(
        "  full_week:\n    unit: hours\n",
        "  spare:\n    unit: hours\n    values: {2024-01-01: 1}\n  full_week:\n    unit: hours\n",
        "unused",
        "parameters.spare",
        "spare:",
        "Remove it or name it in a formula.",
    ),
    Wrong(
        '    values: {2024-01-01: 38}\n    article: "2"\n',
        "    values: {2024-01-01: 38}\n    status: inferred\n",
        "why_missing",
        "parameters.full_week",
        "full_week:",
        "With status: inferred, say why.",
    ),
    Wrong(
        "{2024-01-01: 175.00, 2026-01-01: 180.00}",
        "{2024-01-01: 175.00, 2026-01-01: {value: 180.00, status: inferred}}",
        "why_missing",
        "parameters.per_year.values.2026-01-01",
        "values: {2024-01-01: 175.00, 2026-01-01: {va",
        "With status: inferred, say why.",
    ),
    Wrong(
        "per_year / 2",
        "per_year / contract_hours_week",
        "wrong_division",
        "credit.1.cases.2.otherwise",
        "- otherwise: per_year / contract_hours_week",
        "Divide by a bare number or by the same kind.",
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong.code} at {wrong.block}")
def test_a_wrong_scheme_is_refused_with_file_line_block_and_remedy(
    wrong: Wrong, tmp_path: Path
) -> None:
    assert wrong.before in GOOD
    text = GOOD.replace(wrong.before, wrong.after, 1)
    path = tmp_path / "scheme.yaml"
    path.write_text(text, encoding="utf-8")
    written = StringIO()
    with pytest.raises(CommandError, match=r"faulty: .*scheme\.yaml"):
        call_command("scheme", "check", str(path), stderr=written, stdout=StringIO(), no_color=True)
    lines = text.split("\n")
    places = [
        f"{path}:{number}: {wrong.block}: "
        for number, line in enumerate(lines, 1)
        if line.strip().startswith(wrong.on)
    ]
    if not wrong.block:
        places = [f"{path}:1: "]
    told = [line for line in written.getvalue().splitlines() if line.startswith(tuple(places))]
    assert any(wrong.says in line for line in told), written.getvalue()


def test_each_wrong_scheme_is_refused_for_its_own_reason() -> None:
    """One text of every kind: the fault has the code it is here for, and a name has its nearest."""
    for wrong in {wrong.code: wrong for wrong in WRONG}.values():
        with pytest.raises(FaultyScheme) as refused:
            check(GOOD.replace(wrong.before, wrong.after, 1))
        assert wrong.code in [fault.code for fault in refused.value.faults]


def test_every_kind_that_the_checker_knows_is_in_the_table() -> None:
    kinds = _codes() - {"other", "not_a_period"}  # what nothing reaches; what only examples have
    assert {wrong.code for wrong in WRONG} == kinds
    assert len(kinds) >= LEAST_KINDS


_PLACE_OF_CODE = {
    "fault": 1,
    "_refused": 1,
    "Fault": 0,
    "WrongExpression": 0,
    "UnreadableExpression": 0,
    "TooLarge": 0,
}


def _codes() -> set[str]:
    """Return every code that a fault of a scheme can have, by reading the source."""
    found = {*values.PROBLEMS, *structure._PROBLEMS, "spread_by_fact"}
    for name in (
        "reading",
        "structure",
        "checking",
        "formula_checks",
        "ceiling_checks",
        "job_end_checks",
        "kinds",
        "expressions",
        "integer_form",
    ):
        source = (ROOT / f"src/eigenwijs/schemes/{name}.py").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                function = node.func
                called = getattr(function, "attr", getattr(function, "id", ""))
                place = _PLACE_OF_CODE.get(called)
                if place is not None and len(node.args) > place:
                    code = node.args[place]
                    if isinstance(code, ast.Constant):
                        found.add(str(code.value))
    return found
