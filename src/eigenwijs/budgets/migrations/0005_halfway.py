"""Set money aside for the part of a booking that is paid halfway the course, too."""

from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0004_milestones"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reservationline",
            name="reservation_line_milestone_known",
        ),
        migrations.AddConstraint(
            model_name="reservationline",
            constraint=models.CheckConstraint(
                condition=models.Q(("milestone__in", ["started", "halfway", "completed"])),
                name="reservation_line_milestone_known",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM budgets_pot WHERE conditions #> '{milestones,halfway_percent}' IS NOT NULL",
            "pots pay a part halfway a course, and the older schema cannot say that. They cannot go back.",
        ),
    ]
