"""The room as Django knows it."""

from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    """The app `budgets`."""

    name = "eigenwijs.budgets"
    label = "budgets"
    default_auto_field = "django.db.models.BigAutoField"
