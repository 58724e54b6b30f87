"""Give lapsed money accounts of its own."""

from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="account",
            name="account_kind_has_its_side",
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "bank"), ("side", "debit")),
                    models.Q(("kind", "in_transit"), ("side", "debit")),
                    models.Q(("kind", "unmatched"), ("side", "credit")),
                    models.Q(("kind", "payer_clearing"), ("side", "credit")),
                    models.Q(("kind", "pot"), ("side", "credit")),
                    models.Q(("kind", "round_pot"), ("side", "credit")),
                    models.Q(("kind", "lapsed"), ("side", "credit")),
                    models.Q(("kind", "provider_payable"), ("side", "credit")),
                    models.Q(("kind", "returned"), ("side", "credit")),
                    models.Q(("kind", "buffer"), ("side", "credit")),
                    models.Q(("kind", "between"), ("side", "either")),
                    _connector="OR",
                ),
                name="account_kind_has_its_side",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM ledger_account WHERE kind = 'lapsed'",
            "accounts hold lapsed money. They are in the books, which are never rewritten, and an "
            "older version has no such account. Restore the backup made before this version.",
        ),
    ]
