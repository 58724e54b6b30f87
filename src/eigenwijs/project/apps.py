"""The app that carries the management commands."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Management commands; no tables."""

    name = "eigenwijs.project"
    label = "project"
