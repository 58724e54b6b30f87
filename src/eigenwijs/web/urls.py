"""The addresses of all pages."""

from django.urls import include, path

from eigenwijs.web.health import health
from eigenwijs.web.public.views import language

urlpatterns = [
    path("gezond/", health, name="health"),
    path("taal/", language, name="set_language"),
    path("", include("eigenwijs.web.public.urls")),
    path("", include("eigenwijs.web.signin.urls")),
    path("", include("eigenwijs.web.worker.urls")),
    path("mijn/gegevens/", include("eigenwijs.web.my_data.urls")),
    path("brieven/", include("eigenwijs.web.letters.urls")),
    path("controle/", include("eigenwijs.web.auditor.urls")),
    path("hulp/personen/", include("eigenwijs.web.desk_people.urls")),
    path("werkgever/", include("eigenwijs.web.employer.urls")),
    path("opleider/", include("eigenwijs.web.provider.urls")),
    path("financien/", include("eigenwijs.web.finance.urls")),
    path("hulp/", include("eigenwijs.web.desk.urls")),
    path("beheer/", include("eigenwijs.web.operator.urls")),
    path("cao/", include("eigenwijs.web.negotiator.urls")),
    path("gallery/", include("eigenwijs.web.gallery.urls")),
]
