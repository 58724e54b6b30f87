"""The app of this room."""

from django.apps import AppConfig


class DrawsConfig(AppConfig):
    """Rounds, tickets and places."""

    name = "eigenwijs.draws"
    label = "draws"
