"""Keep what people tell of their highest qualification."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_looks_at_rounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="QualificationTold",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("level", models.CharField(max_length=20)),
                ("told_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="qualifications",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "told_on"), name="qualification_told_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                [
                                    "primary",
                                    "lower_secondary",
                                    "basic_vocational",
                                    "vocational",
                                    "upper_secondary",
                                    "short_cycle",
                                    "bachelor",
                                    "master",
                                    "doctorate",
                                ],
                            )
                        ),
                        name="qualification_told_known",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="qualificationtold",
            trigger=pgtrigger.compiler.Trigger(
                name="qualification_told_not_edited",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="51bd80b2a4781aaaeb90f68a7bc774827779c64d",
                    operation="UPDATE",
                    pgid="pgtrigger_qualification_told_not_edited_29352",
                    table="people_qualificationtold",
                    when="BEFORE",
                ),
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM people_qualificationtold",
            "qualifications were told; an older version would forget them, and give less. Go back to "
            "the restore point of before the upgrade.",
        ),
    ]
