"""Address of the employer's letters."""

from django.urls import path

from eigenwijs.web.letters import views

app_name = "letters"
urlpatterns = [path("", views.first_letters, name="first_letters")]
