"""The addresses of finance's pages."""

from django.urls import path

from eigenwijs.web.finance.views import (
    accounts,
    entries,
    lapsed,
    months,
    notas,
    overview,
    payments,
    receipts,
    statements,
)

app_name = "finance"

urlpatterns = [
    path("", overview.home, name="home"),
    path("maanden/", months.months, name="months"),
    path("bewijs/", overview.proof, name="proof"),
    path("afschriften/", statements.statements, name="statements"),
    path("afschriften/<uuid:statement_id>/", statements.statement, name="statement"),
    path(
        "afschriften/<uuid:statement_id>/bestand/",
        statements.statement_file,
        name="statement_file",
    ),
    path("werklijst/", entries.work_list, name="work_list"),
    path("boekingen/<uuid:entry_id>/", entries.entry, name="entry"),
    path("ontvangsten/", receipts.receipts, name="receipts"),
    path("ontvangsten/<str:reference>/", receipts.receipt, name="receipt"),
    path("notas/", notas.notas, name="notas"),
    path("notas/<str:reference>/", notas.nota, name="nota"),
    path("notas/<str:reference>/pdf/", notas.as_pdf, name="nota_pdf"),
    path("rekeningen/", accounts.accounts, name="payee_accounts"),
    path("rekeningen/nieuw/", accounts.new_account, name="new_payee_account"),
    path("rekeningen/stichting/", accounts.new_bank_account, name="new_bank_account"),
    path("rekeningen/<uuid:account_id>/", accounts.account, name="payee_account"),
    path("betalen/", payments.payable, name="payable"),
    path("verlopen/", lapsed.lapsed, name="lapsed"),
    path("batches/", payments.batches, name="batches"),
    path("batches/antwoord/", payments.answer, name="answer"),
    path("batches/<uuid:batch_id>/", payments.batch, name="batch"),
    path("batches/<uuid:batch_id>/bestand/", payments.batch_file, name="batch_file"),
]
