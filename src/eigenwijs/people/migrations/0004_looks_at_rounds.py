"""Note in the log of looks that somebody of the desk looked at a round."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_owners_confirmed"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="look",
            name="look_what_known",
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "what__in",
                        [
                            "file",
                            "contact",
                            "employment",
                            "booking",
                            "account",
                            "delivery",
                            "claim_letter",
                            "recovery_asked",
                            "owner_confirmed",
                            "round",
                        ],
                    )
                ),
                name="look_what_known",
            ),
        ),
    ]
