"""The app of this room."""

from django.apps import AppConfig


class SchemesConfig(AppConfig):
    """Rules as data."""

    name = "eigenwijs.schemes"
    label = "schemes"
