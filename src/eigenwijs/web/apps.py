"""The app of this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages; no tables."""

    name = "eigenwijs.web"
    label = "web"
