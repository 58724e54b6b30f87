"""The app of this room."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Courses and their runs."""

    name = "eigenwijs.catalogue"
    label = "catalogue"
