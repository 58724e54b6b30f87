"""Amounts and dates as people write them."""

from __future__ import annotations

from django import template

register = template.Library()
