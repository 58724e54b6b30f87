"""Addresses of the parties to an agreement, below /cao/."""

from django.urls import path

from eigenwijs.web.negotiator import long_runs, tables, views, workforces

app_name = "negotiator"
urlpatterns = [
    path("", views.home, name="home"),
    path("regelingen/<str:version_hash>/", views.scheme, name="scheme"),
    path("tafels/nieuw/", tables.new, name="new_table"),
    path("tafels/<uuid:table_id>/", tables.table, name="table"),
    path("tafels/<uuid:table_id>/ja-terug/", tables.take_back_yes, name="take_back_yes"),
    path("tafels/<uuid:table_id>/voorstel/", tables.proposal, name="proposal"),
    path("tafels/<uuid:table_id>/voorstel/tekst/", tables.proposal_text, name="proposal_text"),
    path("tafels/<uuid:table_id>/tien-jaar/", long_runs.long_runs, name="long_runs"),
    path("tafels/<uuid:table_id>/tien-jaar/<uuid:run_id>/", long_runs.long_run, name="long_run"),
    path("tafels/<uuid:table_id>/mensen/", workforces.workforces, name="workforces"),
    path("tafels/<uuid:table_id>/mensen/<int:number>/", workforces.workforce, name="workforce"),
    path("tafels/<uuid:table_id>/mensen/<int:number>.csv", workforces.file, name="workforce_file"),
    path("mensen/voorbeeld.csv", workforces.example, name="workforce_example"),
    path("tafels/<uuid:table_id>/<str:key>.<str:kind>", tables.text_file, name="text_file"),
]
