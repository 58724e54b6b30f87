"""The addresses of all pages."""

from importlib.util import find_spec

from django.urls import include, path

from eigenwijs.web.health import health
from eigenwijs.web.public.views import language

AUDIENCES = (
    ("", "public"),
    ("", "signin"),
    ("", "worker"),
    ("mijn/gegevens/", "my_data"),
    ("brieven/", "letters"),
    ("hulp/personen/", "desk_people"),
    ("werkgever/", "employer"),
    ("opleider/", "provider"),
    ("financien/", "finance"),
    ("hulp/", "desk"),
    ("controle/", "auditor"),
    ("beheer/", "operator"),
    ("cao/", "negotiator"),
    ("gallery/", "gallery"),
)

urlpatterns = [
    path("gezond/", health, name="health"),
    path("taal/", language, name="set_language"),
    *(
        path(prefix, include(f"eigenwijs.web.{audience}.urls"))
        for prefix, audience in AUDIENCES
        if find_spec(f"eigenwijs.web.{audience}") and find_spec(f"eigenwijs.web.{audience}.urls")
    ),
]
