"""Number the transfers, and record entries in one round trip: a function that takes sets of them."""

from pathlib import Path

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

from eigenwijs.ledger.models import NextNumber


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_lapsed_accounts"),
    ]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE ledger_transfer_number",
            reverse_sql="DROP SEQUENCE ledger_transfer_number",
        ),
        migrations.AddField(
            model_name="transfer",
            name="number",
            field=models.BigIntegerField(db_default=NextNumber()),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=BrinIndex(
                fields=["number"],
                name="transfer_by_number",
                pages_per_range=16,
                autosummarize=True,
            ),
        ),
        migrations.RunSQL(
            sql=Path(__file__).with_suffix(".sql").read_text(),
            reverse_sql="""
                DROP FUNCTION ledger_record;
                DROP FUNCTION ledger_effects;
                DROP FUNCTION ledger_digest;
                DROP FUNCTION ledger_stated;
            """,
        ),
    ]
