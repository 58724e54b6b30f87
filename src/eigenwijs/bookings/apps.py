"""The app of this room."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Bookings and what becomes of them."""

    name = "eigenwijs.bookings"
    label = "bookings"
