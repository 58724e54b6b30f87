"""Addresses of the pages for providers."""

from django.urls import path

from eigenwijs.web.provider import bookings, courses, deliveries

app_name = "provider"
urlpatterns = [
    path("", bookings.home, name="home"),
    path("cursussen/", courses.courses, name="courses"),
    path("cursussen/nieuw/", courses.new_course, name="new_course"),
    path("cursussen/bestand/", deliveries.own_file, name="own_file"),
    path("cursussen/<uuid:course_id>/", courses.course, name="course"),
    path("cursussen/<uuid:course_id>/wijzigen/", courses.change_course, name="change_course"),
    path("cursussen/<uuid:course_id>/eerder/", courses.course_history, name="course_history"),
    path("cursussen/<uuid:course_id>/intrekken/", courses.withdraw_course, name="withdraw_course"),
    path("cursussen/<uuid:course_id>/start/", courses.new_run, name="new_run"),
    path("starts/<uuid:run_id>/", courses.run, name="run"),
    path("starts/<uuid:run_id>/wijzigen/", courses.change_run, name="change_run"),
    path("starts/<uuid:run_id>/intrekken/", courses.withdraw_run, name="withdraw_run"),
    path("aanleveren/", deliveries.deliver, name="deliver"),
    path("aanleveren/sjabloon/", deliveries.template, name="template"),
    path("aanleveren/<uuid:delivery_id>/", deliveries.delivery, name="delivery"),
    path("aanleveren/<uuid:delivery_id>/weggooien/", deliveries.discard, name="discard"),
    path("boekingen/", bookings.bookings, name="bookings"),
    path("boekingen/<uuid:booking_id>/", bookings.booking, name="booking"),
    path("boekingen/<uuid:booking_id>/bevestigen/", bookings.confirm, name="confirm"),
    path("boekingen/<uuid:booking_id>/voorstellen/", bookings.propose, name="propose"),
    path("boekingen/<uuid:booking_id>/afzeggen/", bookings.refuse, name="refuse"),
    path("boekingen/<uuid:booking_id>/aanwezig/", bookings.attendance, name="attendance"),
    path("uitbetalingen/", bookings.payouts, name="payouts"),
    path("uitbetalingen/rekeningnummer/", bookings.payee_account, name="payee_account"),
    path("uitbetalingen/<uuid:booking_id>/opnieuw/", bookings.pay_again, name="pay_again"),
]
