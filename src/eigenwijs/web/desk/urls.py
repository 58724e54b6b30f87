"""Addresses of the pages for the desk."""

from django.urls import path

from eigenwijs.web.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.work_list, name="work_list"),
    path("start/<uuid:work_item_id>/", views.work_item, name="work_item"),
]
