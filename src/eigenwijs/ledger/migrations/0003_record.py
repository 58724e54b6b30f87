"""Record entries in one round trip: a function that takes and answers sets of them."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_lapsed_accounts"),
    ]

    operations = [
        migrations.RunSQL(
            sql=Path(__file__).with_suffix(".sql").read_text(),
            reverse_sql="""
                DROP FUNCTION ledger_record;
                DROP FUNCTION ledger_effects;
                DROP FUNCTION ledger_digest;
            """,
        ),
    ]
