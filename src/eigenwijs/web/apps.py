"""The app of this room."""

from django.apps import AppConfig

from eigenwijs.web.form_words import use_own_words


class WebConfig(AppConfig):
    """Pages; no tables."""

    name = "eigenwijs.web"
    label = "web"

    def ready(self) -> None:
        """Give form fields our words, before any form is made."""
        use_own_words()
