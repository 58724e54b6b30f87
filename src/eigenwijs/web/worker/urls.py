"""Addresses of the worker."""

from django.urls import path

from eigenwijs.web.worker import account, courses, home, overview

app_name = "worker"
urlpatterns = [
    path("mijn/", home.home, name="home"),
    path("mijn/rekening/", account.account, name="account"),
    path("mijn/rekening/overzicht/", account.statement, name="statement"),
    path("mijn/rekening/pdf/", overview.overview, name="overview"),
    path("mijn/waarom/<uuid:credit_id>/", account.why, name="why"),
    path("mijn/berichten/", home.messages, name="messages"),
    path("cursussen/", courses.search, name="courses"),
    path("cursussen/<uuid:course_id>/", courses.course, name="course"),
]
