"""Addresses of the parties to an agreement, below /cao/."""

from django.urls import path

from eigenwijs.web.negotiator import views

app_name = "negotiator"
urlpatterns = [
    path("", views.home, name="home"),
    path("regelingen/<str:version_hash>/", views.scheme, name="scheme"),
]
