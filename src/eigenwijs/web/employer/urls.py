"""Addresses of the employer, below /werkgever/."""

from django.urls import path

from eigenwijs.web.employer import deliveries, home, requests, time

app_name = "employer"
urlpatterns = [
    path("", home.home, name="home"),
    path("aanleveren/", deliveries.upload, name="upload"),
    path("aanleveren/voorbeeld/", deliveries.example, name="example"),
    path("aanleveringen/<uuid:delivery_id>/", deliveries.delivery, name="delivery"),
    path("aanleveringen/<uuid:delivery_id>/bevestigen/", deliveries.confirm, name="confirm"),
    path("aanleveringen/<uuid:delivery_id>/weggooien/", deliveries.discard, name="discard"),
    path("tijd/", time.time, name="time"),
    path("notas/", requests.payment_requests, name="requests"),
    path("notas/<uuid:request_id>/", requests.payment_request, name="request"),
    path("notas/<uuid:request_id>/pdf/", requests.as_pdf, name="request_pdf"),
]
