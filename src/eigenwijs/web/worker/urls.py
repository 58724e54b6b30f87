"""Addresses of the worker."""

from django.urls import path

from eigenwijs.web.public.views import home

app_name = "worker"
urlpatterns = [path("mijn/", home, name="home"), path("cursussen/", home, name="courses")]
