"""Addresses of the letters that need a second person's yes."""

from django.urls import path

from eigenwijs.web.letters import views

app_name = "letters"
urlpatterns = [
    path("", views.recoveries, name="recoveries"),
    path("<uuid:request_id>/", views.recovery, name="recovery"),
]
