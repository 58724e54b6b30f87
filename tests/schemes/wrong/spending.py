"""Wrong words about what money pays, and about orders."""

from __future__ import annotations

from tests.schemes.wrong import Wrong

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
                "in this order: started, halfway, completed",
            ),
            (
                "{at: completed, percent: 50}, {at: halfway, percent: 50}",
                "milestones_order",
                "in this order: started, halfway, completed",
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
        "starts: 2024",
        "unit: days\nstarts: 2024",
        "money_fact",
        "spend.only.1.when",
        "when: price",
        "Remove it.",
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
        "expiry: {after",
        'orders: {article: "5"}\nexpiry: {after',
        "orders_empty",
        "orders",
        "orders:",
        "Write answer, accept, withdraw or cancel",
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
        '  article: "6"\ncorrectable',
        "  pays: {cases: [{otherwise: price}], article: '6'}\n  article: \"6\"\ncorrectable",
        "missing",
        "spend.pays.text",
        "pays: {cases: [{otherwise: price}], article:",
        "‘text’ is missing.",
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
        "[06, 0913]",
        "[ict]",
        "unknown_label",
        "spend.only.1.when",
        "when: price <= per_year * 5 and (online or s",
        "Write two to four digits.",
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
]
