"""Wrong words about how money is divided that does not reach for everyone."""

from __future__ import annotations

from tests.schemes.wrong import LAST, Wrong

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
        "portable: true\n",
        f"portable: false\n{CEILING}",
        "round_without_job",
        "ceiling",
        "ceiling:",
        "Money of a round does not come from a job.",
    ),
]
