"""Let nobody sweep the trail away."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_progress"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="auditrow",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_row_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'Cannot truncate %', TG_TABLE_NAME;",
                    hash="b7357d480dfe01a42224216dbe86c0d86aae6b41",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_row_never_emptied_d24cb",
                    table="audit_auditrow",
                    when="BEFORE",
                ),
            ),
        ),
    ]
