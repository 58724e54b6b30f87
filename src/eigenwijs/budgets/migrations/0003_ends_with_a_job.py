"""Remember with which employer's job money ends, when that is, and what went on to a fund instead."""

import django.db.models.deletion
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_lapses"),
        ("people", "0005_qualification_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="lapse",
            name="passed_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
            ),
        ),
        migrations.AddField(
            model_name="pot",
            name="employer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
            ),
        ),
        migrations.AddField(
            model_name="pot",
            name="job_ended_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="pot",
            name="ends_on",
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name="pot",
            index=models.Index(
                condition=models.Q(("employer__isnull", False)),
                fields=["id"],
                name="pot_that_ends_with_a_job",
            ),
        ),
        migrations.AddIndex(
            model_name="pot",
            index=models.Index(
                condition=models.Q(("ends_on__isnull", False)),
                fields=["ends_on"],
                name="pot_by_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="pot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_on__isnull", True), ("job_ended_on__isnull", True)),
                    models.Q(
                        ("employer__isnull", False),
                        ("ends_on__gt", models.F("job_ended_on")),
                        ("job_ended_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="pot_ends_with_a_job_that_ended",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM budgets_pot WHERE employer_id IS NOT NULL",
            "pots hold money that ends with a job, and the older schema keeps it for ever. They cannot go back.",
        ),
        no_way_back_with(
            "SELECT count(*) FROM budgets_lapse AS lapse JOIN people_organisation AS receiver"
            " ON receiver.id = lapse.receiver_id WHERE receiver.kind = 'employer'",
            "lapses are to go back to an employer by the year, and the older schema pays them at once or not"
            " at all. They cannot go back.",
        ),
    ]
