"""Strict ground rules for every test."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.template import engines
from django.test import TransactionTestCase, override_settings
from django.utils import translation
from psycopg import sql

from eigenwijs.kernel import patience
from eigenwijs.project import translations
from eigenwijs.project.postgres import Cluster
from tests.journeys.find import NO_BROWSER, chromium
from tests.project import demo

HOUSE = Path(__file__).resolve().parents[1] / "src" / "eigenwijs"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


# How fast a machine is decides over no test.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

MIGRATED = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables of which the rows belong to the tables themselves."""
JOURNEYS = Path(__file__).parent / "journeys"
# Always the same folder for a test process: as root the programs are copied beside it, once.
OWN_CLUSTERS = demo.ROOT / "var" / f"test-own-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the random histories go on."""
    parser.addoption(
        "--histories", type=int, default=300, help="how many random histories (tests/histories)"
    )
    parser.addoption(
        "--kills",
        type=int,
        default=4,
        help="how many times a server is killed (test_kills, test_struck, test_batcher)",
    )
    parser.addoption(
        "--steps",
        type=int,
        default=100_000,
        help="how many steps at the ledger's door (test_crowd)",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark journeys, before `-m` chooses; leave them out where no browser is found."""
    if item.path.is_relative_to(JOURNEYS):
        item.add_marker("journey")
        if not chromium():
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep journeys for the end: their browser brings an event loop. The longest of them goes first."""
    items.sort(
        key=lambda item: (
            item.path.is_relative_to(JOURNEYS),
            item.name != "test_every_page_of_the_demo",
        )
    )


def pytest_collection_finish() -> None:
    """Look less often for what is garbage, and never among all that was imported: up to a third of the time."""
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it loudly when the journeys were left out."""
    left_out = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if NO_BROWSER in report.longreprtext
    ]
    if left_out:
        terminalreporter.section("JOURNEYS WERE NOT RUN", sep="!", red=True)
        terminalreporter.line(f"{len(left_out)} tests were skipped: {NO_BROWSER}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Give every test process a database of its own name, with the tables in it (`tests.cluster`)."""
    own = settings.DATABASES["default"].setdefault("TEST", {})
    own |= {"NAME": f"test_{os.getpid()}", "TEMPLATE": os.environ.get("TEST_TEMPLATE")}


@pytest.fixture(scope="session", autouse=True)
def _only_filled_tables_are_emptied() -> Iterator[None]:
    """After a test with transactions of its own; Django's way empties all, at fifteen times the cost."""

    def teardown(_case: TransactionTestCase) -> None:
        empty_tables()

    with patch.object(TransactionTestCase, "_fixture_teardown", teardown):
        yield


def empty_tables() -> None:
    """Empty every table with rows, also those with a lock and the job queue's; what is migrated stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        names = set(connection.introspection.table_names(cursor)) - MIGRATED
        has_rows = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        cursor.execute(
            sql.SQL(" UNION ALL ").join(
                has_rows.format(sql.Literal(name), sql.Identifier(name)) for name in names
            )
        )
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))


@pytest.fixture(scope="session", autouse=True)
def _plain_settings() -> Any:
    """Tests serve files as they are, keep mails in memory and read the texts as they are now."""
    translations.build()
    with override_settings(
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _garbage_of_the_last_tests_is_found() -> Iterator[None]:
    """What they left open is said, before a process of several is gone."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _in_dutch() -> None:
    """Whatever language a page was last asked for in, the next test begins in ours."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _more_patience_where_transactions_are_kept_apart(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Serializable transactions clash far more often than those the product is made for."""
    if request.config.getoption("--isolation"):
        monkeypatch.setattr(patience, "ATTEMPTS", 99)


class UndefinedVariable(str):
    """What Django shows for an undefined variable: in a template of ours an error, elsewhere nothing."""

    __slots__ = ()

    def __mod__(self, name: object) -> str:
        # Django's caller holds the context, and the context the template it fills.
        context = sys._getframe(1).f_locals["context"]
        origin = str(context.render_context.template.origin.name)
        if origin.startswith(str(HOUSE)):
            raise AssertionError(f"undefined template variable '{name}' in {origin}")
        return ""


@pytest.fixture(scope="session", autouse=True)
def _undefined_variables_fail() -> None:
    engines["django"].engine.string_if_invalid = UndefinedVariable("%s")


@pytest.fixture
def react() -> Callable[[datetime], int]:
    """Return what plays the worker: react to every waiting event at a moment; how many there were."""
    from eigenwijs.jobs import operations

    return lambda at: operations.drain(at=at)


@pytest.fixture
def now() -> datetime:
    """A fixed moment: Monday 23 November 2026, 13:00 in Amsterdam."""
    return NOW


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """An empty folder for a cluster; whatever still runs there afterwards is stopped."""
    demo.clear(OWN_CLUSTERS)
    OWN_CLUSTERS.mkdir(parents=True)
    yield OWN_CLUSTERS
    demo.clear(OWN_CLUSTERS)


@pytest.fixture
def own_cluster(own_folder: Path) -> Cluster:
    """A cluster that was never started."""
    return Cluster(own_folder / "postgres")
