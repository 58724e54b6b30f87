"""Addresses of the worker."""

from django.urls import path

from eigenwijs.web.worker import (
    account,
    advance,
    asking,
    booking,
    bookings,
    changes,
    courses,
    home,
    overview,
    proposals,
    rounds,
    time,
    yearly,
)

app_name = "worker"
urlpatterns = [
    path("mijn/", home.home, name="home"),
    path("mijn/rekening/", account.account, name="account"),
    path("mijn/rekening/overzicht/", account.statement, name="statement"),
    path("mijn/rekening/voorschot/", advance.advance, name="advance"),
    path("mijn/rekening/jaren/", yearly.years, name="years"),
    path("mijn/rekening/jaren/<int:year>/pdf/", yearly.on_paper, name="year_on_paper"),
    path("mijn/rekening/pdf/", overview.overview, name="overview"),
    path("mijn/waarom/<uuid:credit_id>/", account.why, name="why"),
    path("mijn/tijd/", time.time, name="time"),
    path("mijn/tijd/waarom/<uuid:time_id>/", time.why, name="why_time"),
    path("mijn/verandert/", changes.changes, name="changes"),
    path("mijn/boekingen/", bookings.bookings, name="bookings"),
    path("mijn/boekingen/<uuid:booking_id>/", bookings.booking, name="booking"),
    path("mijn/boekingen/<uuid:booking_id>/gelukt/", bookings.booked, name="booked"),
    path("mijn/boekingen/<uuid:booking_id>/begonnen/", bookings.start, name="start"),
    path("mijn/boekingen/<uuid:booking_id>/halverwege/", bookings.halfway, name="halfway"),
    path("mijn/boekingen/<uuid:booking_id>/afgerond/", bookings.completion, name="completion"),
    path("mijn/boekingen/<uuid:booking_id>/voorstel/", proposals.proposal, name="proposal"),
    path("mijn/boekingen/<uuid:booking_id>/stoppen/", bookings.leave, name="leave"),
    path("mijn/boekingen/<uuid:booking_id>/bezwaar/", bookings.objection, name="objection"),
    path("mijn/rondes/", rounds.rounds, name="rounds"),
    path("mijn/rondes/<uuid:round_id>/", rounds.one_round, name="round"),
    path("mijn/rondes/<uuid:round_id>/vragen/", asking.ask, name="ask_round"),
    path("mijn/berichten/", home.messages, name="messages"),
    path("cursussen/", courses.search, name="courses"),
    path("cursussen/<uuid:course_id>/", courses.course, name="course"),
    path("boeken/<uuid:run_id>/", booking.questions, name="book"),
    path("boeken/<uuid:run_id>/werkgever/", booking.employer_pays, name="employer_pays"),
    path("boeken/<uuid:run_id>/geld/", booking.funding, name="funding"),
    path("boeken/<uuid:run_id>/ja/", booking.yes, name="yes"),
]
