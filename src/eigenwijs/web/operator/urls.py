"""Addresses of the operator."""

from django.urls import path

from eigenwijs.web.operator import marks, views

app_name = "operator"
urlpatterns = [
    path("", views.organisations, name="organisations"),
    path("nieuw/", views.new_organisation, name="new_organisation"),
    path("organisatie/<uuid:organisation_id>/", views.organisation, name="organisation"),
    path(
        "organisatie/<uuid:organisation_id>/keurmerken/", marks.quality_marks, name="quality_marks"
    ),
    path("rollen/", views.roles, name="roles"),
    path("rollen/nieuw/", views.grant, name="grant"),
    path("rollen/<uuid:assignment_id>/", views.role, name="role"),
    path("brieven/", views.letters, name="letters"),
    path("brieven/<uuid:organisation_id>/", views.letters_of, name="letters_of"),
]
