"""Addresses of one's own data."""

from django.urls import path

from eigenwijs.web.my_data import views

app_name = "my_data"
urlpatterns = [
    path("", views.data, name="data"),
    path("wie-keek/", views.looks, name="looks"),
    path("meenemen/", views.export, name="export"),
    path("meenemen/bestand/", views.export_file, name="export_file"),
    path("contact/", views.contact, name="contact"),
    path("e-mail/", views.email, name="email"),
    path("e-mail/code/", views.email_code, name="email_code"),
    path("situatie/", views.status, name="status"),
    path("diploma/", views.qualification, name="qualification"),
    path("diploma/wissen/", views.withdraw_qualification, name="withdraw_qualification"),
]
