"""Addresses for everyone."""

from django.urls import path

from eigenwijs.web.public import views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("beloften/", views.promises, name="promises"),
    path("toegankelijkheid/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
]
