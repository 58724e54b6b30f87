"""The app of this room."""

from django.apps import AppConfig


class ContributionsConfig(AppConfig):
    """Money in."""

    name = "eigenwijs.contributions"
    label = "contributions"
