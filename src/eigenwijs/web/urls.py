"""The addresses of all pages."""

from importlib.util import find_spec

from django.urls import include, path

from eigenwijs.web.health import health

AUDIENCES = (
    ("", "public"),
    ("", "signin"),
    ("", "worker"),
    ("werkgever/", "employer"),
    ("opleider/", "provider"),
    ("financien/", "finance"),
    ("hulp/", "desk"),
    ("controle/", "auditor"),
    ("beheer/", "operator"),
)

urlpatterns = [
    path("gezond/", health, name="health"),
    *(
        path(prefix, include(f"eigenwijs.web.{audience}.urls"))
        for prefix, audience in AUDIENCES
        if find_spec(f"eigenwijs.web.{audience}") and find_spec(f"eigenwijs.web.{audience}.urls")
    ),
]
