"""Close months: a row a month, and the day until which the books are closed."""

from pathlib import Path

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_one_posting"),
    ]

    operations = [
        migrations.CreateModel(
            name="Period",
            fields=[
                ("until", models.DateField(primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField()),
                ("begun_by", models.UUIDField()),
                ("transaction", models.BigIntegerField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("seal", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", None), ("seal", None)),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                ("seal__isnull", False),
                                models.Q(("closed_by", models.F("begun_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="period_closed_by_another",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="period_never_reopened",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="0c586ae911da566e26f0837805ebfff34359917b",
                    operation="DELETE",
                    pgid="pgtrigger_period_never_reopened_c1a42",
                    table="ledger_period",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="period",
            trigger=pgtrigger.compiler.Trigger(
                name="period_closed_for_good",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."closed_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a735a12cf14c4cd70fc3b4ecf7f0cb1628524954",
                    operation="UPDATE",
                    pgid="pgtrigger_period_closed_for_good_adf16",
                    table="ledger_period",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            sql=Path(__file__).with_suffix(".sql").read_text(),
            reverse_sql="DROP FUNCTION ledger_closed_until",
        ),
        no_way_back_with(
            "SELECT count(*) FROM ledger_period",
            "months are closed, or being closed. They never open again, and an older version would "
            "record in them. Restore the backup made before this version.",
        ),
    ]
