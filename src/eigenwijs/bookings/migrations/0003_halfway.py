"""A part of a booking's money that is paid halfway the course."""

import django.db.models.deletion
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0002_milestones"),
    ]

    operations = [
        migrations.CreateModel(
            name="Halfway",
            fields=[
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="halfway",
                        serialize=False,
                        to="bookings.booking",
                    ),
                ),
                ("amount_cents", models.BigIntegerField()),
                ("falls_on", models.DateField()),
                ("asked_at", models.DateTimeField(null=True)),
                ("contest_until", models.DateField(null=True)),
                ("denied_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="halfway",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="halfway_is_money"
            ),
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_outcome_known",
        ),
        migrations.RemoveConstraint(
            model_name="payout",
            name="payout_milestone_known",
        ),
        migrations.RemoveConstraint(
            model_name="workitem",
            name="work_item_cause_known",
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        [
                            "started",
                            "stayed_away",
                            "not_given",
                            "followed",
                            "not_followed",
                            "completed",
                            "not_completed",
                        ],
                    )
                ),
                name="decision_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(("milestone__in", ["started", "halfway", "completed"])),
                name="payout_milestone_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        ["silent", "denied", "objection", "halfway", "completion"],
                    )
                ),
                name="work_item_cause_known",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM bookings_halfway",
            "bookings pay a part halfway the course, and the older schema cannot say that. They cannot go back.",
        ),
    ]
