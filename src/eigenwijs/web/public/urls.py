"""Addresses for everyone."""

from django.urls import path

from eigenwijs.web.public import rounds, schemes, views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("beloften/", views.promises, name="promises"),
    path("lotingen/", rounds.rounds, name="rounds"),
    path("lotingen/verify_draw.py", rounds.script, name="verifier"),
    path("lotingen/<uuid:round_id>/", rounds.proof, name="round"),
    path("lotingen/<uuid:round_id>/<str:name>", rounds.file, name="round_file"),
    path("regelingen/", schemes.schemes, name="schemes"),
    path("regelingen/<str:version_hash>/", schemes.scheme, name="scheme"),
    path("regelingen/<str:version_hash>/tekst.yaml", schemes.file, name="scheme_file"),
    path("toegankelijkheid/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
]
