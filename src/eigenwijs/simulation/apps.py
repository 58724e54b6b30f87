"""The app of this room."""

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """What if."""

    name = "eigenwijs.simulation"
    label = "simulation"
