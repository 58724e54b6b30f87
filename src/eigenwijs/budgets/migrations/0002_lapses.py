"""Remember what lapsed, whose receiver it goes to, and with which payment."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lapse",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("amount_cents", models.BigIntegerField()),
                ("lapsed_on", models.DateField()),
                ("order", models.UUIDField(null=True)),
                (
                    "pot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lapses",
                        to="budgets.pot",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("order__isnull", True)),
                        fields=["receiver", "id"],
                        name="lapse_waits",
                    ),
                    models.Index(
                        condition=models.Q(("order__isnull", False)),
                        fields=["order"],
                        name="lapse_by_order",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="lapse_is_money"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lapse",
            trigger=pgtrigger.compiler.Trigger(
                name="lapse_not_removed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="db0c3193fb1547aca247cb6bf77bfb242572c6b4",
                    operation="DELETE",
                    pgid="pgtrigger_lapse_not_removed_c6d09",
                    table="budgets_lapse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lapse",
            trigger=pgtrigger.compiler.Trigger(
                name="lapse_read_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."pot_id" IS DISTINCT FROM (NEW."pot_id") OR OLD."receiver_id" IS DISTINCT FROM (NEW."receiver_id") OR OLD."amount_cents" IS DISTINCT FROM (NEW."amount_cents") OR OLD."lapsed_on" IS DISTINCT FROM (NEW."lapsed_on"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d8e6a0a397a1209a0b4ac240517d1e87e35498fd",
                    operation="UPDATE",
                    pgid="pgtrigger_lapse_read_only_0293e",
                    table="budgets_lapse",
                    when="BEFORE",
                ),
            ),
        ),
    ]
