"""Let one posting cost less: a function checks each row, and an account is looked at as it is written."""

from pathlib import Path

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_periods"),
    ]

    operations = [
        migrations.RunSQL(
            sql=Path(__file__).with_suffix(".sql").read_text(),
            reverse_sql="""
                DROP FUNCTION ledger_record_one;
                DROP FUNCTION ledger_account_is_sound;
                DROP FUNCTION ledger_transfer_is_sound;
                DROP FUNCTION ledger_record_links;
            """
            + Path(__file__).with_name("0005_one_posting.sql").read_text(),
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="account_bucket_known",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="account_sums_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="account",
            name="account_never_overdrawn",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_bucket_known",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_moves_money",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_kind_is_a_code",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_between_two_accounts",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_other_bucket_is_another",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_phase_has_its_fields",
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    models.F("bucket"),
                    models.F("side"),
                    models.F("debits_posted"),
                    models.F("credits_posted"),
                    models.F("debits_pending"),
                    models.F("credits_pending"),
                    function="ledger_account_is_sound",
                    output_field=models.BooleanField(),
                ),
                name="account_is_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    models.F("bucket"),
                    models.F("debit"),
                    models.F("credit"),
                    models.F("other_bucket"),
                    models.F("amount_cents"),
                    models.F("kind"),
                    models.F("phase"),
                    models.F("settles"),
                    models.F("reverses"),
                    models.F("expires_at"),
                    function="ledger_transfer_is_sound",
                    output_field=models.BooleanField(),
                ),
                name="transfer_is_sound",
            ),
        ),
    ]
