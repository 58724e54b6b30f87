"""Pay a provider at each milestone of a booking, the last one when it was completed."""

import django.db.models.deletion
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0001_initial"),
        ("catalogue", "0002_delivery_received"),
        ("people", "0005_qualification_told"),
    ]

    operations = [
        migrations.CreateModel(
            name="Completion",
            fields=[
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="completion",
                        serialize=False,
                        to="bookings.booking",
                    ),
                ),
                ("amount_cents", models.BigIntegerField()),
                ("attended_at_least", models.PositiveSmallIntegerField()),
                ("certificate_suffices", models.BooleanField()),
                ("asked_at", models.DateTimeField(null=True)),
                ("attended_percent", models.PositiveSmallIntegerField(null=True)),
                ("certificate", models.BooleanField(null=True)),
                ("contest_until", models.DateField(null=True)),
                ("denied_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_confirmed_with_a_term",
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_outcome_known",
        ),
        migrations.RemoveConstraint(
            model_name="workitem",
            name="work_item_cause_known",
        ),
        migrations.AddField(
            model_name="payout",
            name="milestone",
            field=models.CharField(default="started", max_length=10),
        ),
        migrations.AlterField(
            model_name="payout",
            name="booking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payouts",
                to="bookings.booking",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "called_off",
                            "cancelled",
                            "completed",
                            "confirmed",
                            "decided",
                            "declined",
                            "lapsed",
                            "not_completed",
                            "not_started",
                            "objected",
                            "requested",
                            "started",
                            "withdrawn",
                        ],
                    )
                ),
                name="booking_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "state__in",
                            (
                                "confirmed",
                                "decided",
                                "objected",
                                "started",
                                "completed",
                                "cancelled",
                                "not_started",
                                "not_completed",
                            ),
                        ),
                        _negated=True,
                    ),
                    models.Q(("confirmed_at__isnull", False), ("withdrawal_until__isnull", False)),
                    _connector="OR",
                ),
                name="booking_confirmed_with_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "outcome__in",
                        ["started", "stayed_away", "not_given", "completed", "not_completed"],
                    )
                ),
                name="decision_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(("milestone__in", ["started", "completed"])),
                name="payout_milestone_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.UniqueConstraint(
                fields=("booking", "milestone"), name="payout_once_a_milestone"
            ),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["silent", "denied", "objection", "completion"])),
                name="work_item_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="completion",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="completion_is_money"
            ),
        ),
        migrations.AddConstraint(
            model_name="completion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("attended_at_least__lte", 100),
                    models.Q(
                        ("attended_percent", None), ("attended_percent__lte", 100), _connector="OR"
                    ),
                ),
                name="completion_percents",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM bookings_completion",
            "bookings pay a part after completion, and the older schema pays all at the start. They cannot go back.",
        ),
    ]
