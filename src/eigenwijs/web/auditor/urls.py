"""Addresses of the auditor's pages."""

from django.urls import path

from eigenwijs.web.auditor import books, money, trail

app_name = "auditor"
urlpatterns = [
    path("", books.home, name="home"),
    path("bewijs/", books.proof, name="proof"),
    path("bewijs/zegels/", books.seals, name="seals"),
    path("bewijs/zegels/check_seals.py", books.seal_checker, name="seal_checker"),
    path("spoor/", trail.trail, name="trail"),
    path("geld/", money.search, name="money"),
    path("geld/<uuid:group_id>/", money.group, name="group"),
    path("geld/nota/<str:reference>/", money.request_for_payment, name="request"),
]
