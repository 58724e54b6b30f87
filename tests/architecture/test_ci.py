"""CI runs on PostgreSQL 15 what asks it something that Django does not."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT, modules

OWN_SQL = re.compile(r"\.execute\(|RawSQL|\.raw\(|CREATE (OR REPLACE )?FUNCTION")
ASK_NOTHING_ALONE = {"kernel", "web"}
"""The kernel's statements are sent by other rooms; web asks only whether the database answers."""


def test_every_room_with_sql_of_its_own_is_tested_on_the_oldest_server() -> None:
    with_sql = {one.room for one in modules() if OWN_SQL.search(one.text)}
    assert {"ledger", "budgets"} <= with_sql
    (command,) = re.findall(
        r"^PG_BINDIR=.*?[^\\]$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE | re.DOTALL
    )
    run = {path.split("/")[1] for path in re.findall(r"tests/\S+", command)}
    assert with_sql - ASK_NOTHING_ALONE <= run
