"""Know a statement by its id and its days, freeze the name of a payee's account, net entries."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("treasury", "0001_initial"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="payeeaccount",
            name="payee_account_frozen",
        ),
        migrations.RemoveConstraint(
            model_name="allocation",
            name="allocation_names_its_destination",
        ),
        migrations.RemoveConstraint(
            model_name="bankstatement",
            name="statement_imported_once",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payeeaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="payee_account_frozen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."payee_id" IS DISTINCT FROM (NEW."payee_id") OR OLD."iban" IS DISTINCT FROM (NEW."iban") OR OLD."holder_name" IS DISTINCT FROM (NEW."holder_name") OR OLD."registered_by" IS DISTINCT FROM (NEW."registered_by") OR OLD."registered_at" IS DISTINCT FROM (NEW."registered_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="3e5b26c69f939eebd31f6534ef6d88abf8a3c4f7",
                    operation="UPDATE",
                    pgid="pgtrigger_payee_account_frozen_82228",
                    table="treasury_payeeaccount",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("order", None), ("purpose", "receipt"), ("receipt__isnull", False)),
                    models.Q(
                        ("order__isnull", False),
                        ("purpose__in", ["order", "return"]),
                        ("receipt", None),
                    ),
                    models.Q(
                        ("order", None),
                        ("purpose__in", ["buffer", "reversal", "netted"]),
                        ("receipt", None),
                    ),
                    _connector="OR",
                ),
                name="allocation_names_its_destination",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankstatement",
            constraint=models.UniqueConstraint(
                fields=("bank_account", "statement_id", "opened_on", "closed_on"),
                name="statement_imported_once",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM treasury_allocation WHERE purpose = 'netted'",
            "allocations net an entry with money that came back. They are in the books, which "
            "are never rewritten, and an older version cannot hold them. Restore the backup made "
            "before this version.",
        ),
        no_way_back_with(
            """SELECT count(*) - count(DISTINCT (bank_account_id, statement_id))
               FROM treasury_bankstatement""",
            "bank statements have a number that another one has, in another year. An older "
            "version cannot hold both. Restore the backup made before this version.",
        ),
    ]
