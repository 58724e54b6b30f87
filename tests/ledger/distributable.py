"""The SQL that a distributed PostgreSQL would not take, or would take wrongly, in statements and in tables."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from pglast import ast as sql
from pglast import parse_plpgsql, parse_sql
from pglast.visitors import Visitor

CHANGES_WITH_EACH_CALL = {"clock_timestamp", "timeofday", "random", "gen_random_uuid", "nextval"}
MODIFYING = (sql.InsertStmt, sql.UpdateStmt, sql.DeleteStmt, sql.MergeStmt)
FORBIDDEN = {
    sql.ListenStmt: "LISTEN",
    sql.UnlistenStmt: "UNLISTEN",
    sql.NotifyStmt: "NOTIFY",
    sql.LockStmt: "LOCK TABLE",
    sql.CreateTrigStmt: "a trigger made elsewhere than in a migration",
}
STARTS = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|LOCK|LISTEN|NOTIFY|CREATE|ALTER|DROP|TRUNCATE|SET)\s"
)


class _Walk(Visitor):
    """Collect what is wrong in one statement."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.modified: Counter[str] = Counter()

    def visit(self, ancestors: Any, node: sql.Node) -> None:
        """Look at one node, whatever it is."""
        if type(node) in FORBIDDEN:
            self.found.append(FORBIDDEN[type(node)])
        if isinstance(node, MODIFYING):
            self.modified[node.relation.relname] += 1
        if isinstance(node, sql.FuncCall):
            name = node.funcname[-1].sval
            updates = (sql.UpdateStmt, sql.OnConflictClause)
            if "advisory" in name:
                self.found.append(f"an advisory lock: {name}")
            if name == "pg_notify":
                self.found.append("NOTIFY")
            if name in CHANGES_WITH_EACH_CALL and any(
                isinstance(above, updates) for above in _nodes(ancestors)
            ):
                self.found.append(f"{name}() inside an UPDATE")


def _nodes(ancestors: Any) -> Iterator[object]:
    while ancestors is not None:
        yield ancestors.node
        ancestors = ancestors.parent


def wrong_in_statement(text: str) -> list[str]:
    """Return what is wrong in SQL statements, each apart; placeholders of the driver stand for a value."""
    found = []
    bare = re.sub(r"%(\(\w+\))?s", "''", text).replace("%%", "%")
    for statement in parse_sql(bare):
        walk = _Walk()
        walk(statement.stmt)
        twice = [name for name, times in walk.modified.items() if times > 1]
        found += walk.found + [f"{name} is modified twice in a statement" for name in twice]
    return found


def wrong_in_function(definition: str) -> list[str]:
    """Return what is wrong in the statements of a function, as `CREATE FUNCTION` states it."""
    (created,) = (statement.stmt for statement in parse_sql(definition))
    options = {option.defname: option.arg for option in created.options}
    language = options["language"].sval
    if language == "sql":
        return wrong_in_statement(options["as"][0].sval)
    assert language == "plpgsql", f"a function in {language} is not looked into"
    # The parser knows no types of ours; what a variable holds does not matter here.
    known = re.sub(r"\bledger_\w+(\[\])", r"text\1", definition)
    statements = list(_queries(parse_plpgsql(known)))
    assert statements, "the parser found no statement"
    return [wrong for text in statements for wrong in wrong_in_statement(text)]


def _queries(node: Any) -> Iterator[str]:
    """Yield each statement and expression of a parsed function of PL/pgSQL, as a statement."""
    if isinstance(node, dict):
        for kind, below in node.items():
            if kind == "PLpgSQL_expr":
                text = below["query"]
                if below["parseMode"] == 3:  # variable := expression
                    text = re.sub(r"^\s*\w+(\[.*?\])?\s*:?=", "", text)
                yield text if below["parseMode"] == 0 else f"SELECT {text}"
            elif kind == "PLpgSQL_stmt_dynexecute":
                raise AssertionError("EXECUTE of a text cannot be looked into")
            else:
                yield from _queries(below)
    elif isinstance(node, list):
        for below in node:
            yield from _queries(below)


def statements_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every text in the Python files of a folder that is a statement of SQL, and where it stands."""
    for path in sorted(folder.glob("*.py")):
        pieces: set[ast.AST] = set()
        for node in ast.walk(ast.parse(path.read_text())):  # a whole comes before its pieces
            if isinstance(node, ast.JoinedStr):
                pieces.update(node.values)
                # What is filled in stands for a value here, and is looked at by itself.
                text = "".join(
                    part.value if isinstance(part, ast.Constant) else "NULL" for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = "" if node in pieces else node.value
            else:
                continue
            if STARTS.match(text):
                yield f"{path.name}:{node.lineno}", text


def functions() -> list[tuple[str, str]]:
    """Return the name and the definition of every function in the database that names the ledger's tables."""
    return _rows(
        r"""
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
          AND (proname LIKE 'ledger\_%' OR prosrc ~ '\mledger_')
        """
    )


def wrong_in_tables(local: list[str]) -> list[str]:
    """Return what is wrong in the ledger's tables as they stand in the database, `local` ones left out."""
    tables = """
        SELECT oid, relname FROM pg_class
        WHERE relname LIKE 'ledger\\_%%' AND relkind IN ('r', 'p') AND relname <> ALL (%s)
    """
    keys = f"""
        SELECT format('key %%s does not begin with bucket', i.indexrelid::regclass)
        FROM ({tables}) AS one JOIN pg_index AS i ON i.indrelid = one.oid AND i.indisunique
        LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE a.attname IS DISTINCT FROM 'bucket'
    """
    ties = f"""
        SELECT format('foreign key %%s', conname)
        FROM ({tables}) AS one JOIN pg_constraint ON one.oid IN (conrelid, confrelid)
        WHERE contype = 'f'
    """
    constraints = f"""
        SELECT format('%%s constraint %%s',
            CASE contype WHEN 'x' THEN 'exclusion' ELSE 'deferrable' END, conname)
        FROM ({tables}) AS one JOIN pg_constraint ON conrelid = one.oid
        WHERE contype = 'x' OR condeferrable
    """
    triggers = f"""
        SELECT format('trigger %%s', tgname)
        FROM ({tables}) AS one JOIN pg_trigger ON tgrelid = one.oid
        WHERE NOT tgisinternal
          AND tgname !~ '^pgtrigger_[a-z]+_(append_only|never_emptied)_[0-9a-f]+$'
    """
    return [
        wrong for query in (keys, ties, constraints, triggers) for (wrong,) in _rows(query, [local])
    ]


def _rows(query: str, values: Any = None) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
