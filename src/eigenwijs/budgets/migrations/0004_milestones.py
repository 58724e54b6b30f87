"""Set money aside for each milestone of a booking; what was set aside before is for the start."""

from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0003_ends_with_a_job"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reservationline",
            name="reservation_line_once_a_pot",
        ),
        migrations.AddField(
            model_name="reservationline",
            name="milestone",
            field=models.CharField(default="started", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="reservationline",
            constraint=models.CheckConstraint(
                condition=models.Q(("milestone__in", ["started", "completed"])),
                name="reservation_line_milestone_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservationline",
            constraint=models.UniqueConstraint(
                fields=("reservation", "pot", "milestone"), name="reservation_line_once_a_part"
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM budgets_reservationline WHERE milestone <> 'started'",
            "amounts are set aside until a course is completed, and the older schema knows one amount a pot. They cannot go back.",
        ),
    ]
