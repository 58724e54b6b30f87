"""The app of this room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The trail and its events."""

    name = "eigenwijs.audit"
    label = "audit"
