"""The app of this room."""

from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    """The bank."""

    name = "eigenwijs.treasury"
    label = "treasury"
