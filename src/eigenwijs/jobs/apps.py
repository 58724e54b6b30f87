"""The app of this room."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Reactions, routines and mails."""

    name = "eigenwijs.jobs"
    label = "jobs"
