"""Every test starts with a clean slate of limits on trying."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()
