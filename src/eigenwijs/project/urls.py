"""All addresses come from the room `web`."""

from django.urls import include, path

urlpatterns = [path("", include("eigenwijs.web.urls"))]

handler400 = "eigenwijs.web.errors.bad_request"
handler403 = "eigenwijs.web.errors.forbidden"
handler404 = "eigenwijs.web.errors.not_found"
handler500 = "eigenwijs.web.errors.server_error"
