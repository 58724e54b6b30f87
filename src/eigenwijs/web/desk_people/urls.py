"""Addresses of the desk's help with getting in."""

from django.urls import path

from eigenwijs.web.desk_people import rounds, views

app_name = "desk_people"
urlpatterns = [
    path("", views.find, name="find"),
    path("<uuid:person_id>/", views.person, name="person"),
    path("<uuid:person_id>/rondes/", rounds.rounds, name="rounds"),
    path("<uuid:person_id>/brief/", views.letter, name="letter"),
    path("<uuid:person_id>/bevestigen/", views.confirm, name="confirm"),
    path("<uuid:person_id>/verbeteren/", views.correct, name="correct"),
]
