"""Addresses of the operator."""

from django.urls import path

from eigenwijs.web.operator import crediting, marks, participations, rounds, schemes, views

app_name = "operator"
urlpatterns = [
    path("", views.organisations, name="organisations"),
    path("nieuw/", views.new_organisation, name="new_organisation"),
    path("organisatie/<uuid:organisation_id>/", views.organisation, name="organisation"),
    path(
        "organisatie/<uuid:organisation_id>/keurmerken/", marks.quality_marks, name="quality_marks"
    ),
    path(
        "organisatie/<uuid:organisation_id>/regelingen/",
        participations.participations,
        name="participations",
    ),
    path(
        "organisatie/<uuid:organisation_id>/regelingen/<uuid:participation_id>/",
        participations.leave,
        name="leave",
    ),
    path("bijschrijven/", crediting.crediting, name="crediting"),
    path("regelingen/", schemes.schemes, name="schemes"),
    path("regelingen/<str:version_hash>/", schemes.scheme, name="scheme"),
    path("rondes/", rounds.rounds, name="rounds"),
    path("rondes/nieuw/", rounds.new_round, name="new_round"),
    path("rondes/<uuid:round_id>/", rounds.one_round, name="round"),
    path("rondes/<uuid:round_id>/wijzigen/", rounds.change_round, name="change_round"),
    path("rondes/<uuid:round_id>/proef/", rounds.dry_run, name="dry_run"),
    path("rollen/", views.roles, name="roles"),
    path("rollen/nieuw/", views.grant, name="grant"),
    path("rollen/<uuid:assignment_id>/", views.role, name="role"),
    path("brieven/", views.letters, name="letters"),
    path("brieven/<uuid:organisation_id>/", views.letters_of, name="letters_of"),
]
