"""The app of this room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Messages to people."""

    name = "eigenwijs.notices"
    label = "notices"
