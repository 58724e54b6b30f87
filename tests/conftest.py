"""Strict ground rules for every test."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Give every test process a database of its own name."""
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_{os.getpid()}"


@pytest.fixture(scope="session", autouse=True)
def _plain_settings() -> Any:
    """Tests serve files as they are and keep mails in memory."""
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


class UndefinedVariable(str):
    """What an undefined template variable becomes: an error, with its name."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"undefined template variable: {name}")


@pytest.fixture
def now() -> datetime:
    """A fixed moment: Monday 23 November 2026, 13:00 in Amsterdam."""
    return NOW


MakeActor = Callable[..., Any]
