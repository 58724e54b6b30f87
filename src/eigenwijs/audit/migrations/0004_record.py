"""Let other statements write the trail on their way: a function that writes a row for each subject."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_trail_never_emptied"),
    ]

    operations = [
        migrations.RunSQL(
            sql=Path(__file__).with_suffix(".sql").read_text(),
            reverse_sql="DROP FUNCTION audit_record",
        ),
    ]
