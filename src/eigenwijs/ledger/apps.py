"""The room as Django knows it."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The app `ledger`."""

    name = "eigenwijs.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
