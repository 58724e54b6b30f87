"""Rounds that a law demands to be served in order of arrival: when from, and who came when."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("draws", "0002_withdrawn_rounds"),
        ("people", "0004_looks_at_rounds"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="round",
            name="round_rules_fixed",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="ticket",
            name="ticket_only_while_open",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="ticket",
            name="ticket_changes_only_while_open",
        ),
        migrations.AddField(
            model_name="round",
            name="serves_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="ticket",
            name="arrival",
            field=models.IntegerField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="round",
            trigger=pgtrigger.compiler.Trigger(
                name="round_rules_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NOT (OLD."state" = \'draft\') AND (OLD."rules" IS DISTINCT FROM (NEW."rules") OR OLD."pot_cents" IS DISTINCT FROM (NEW."pot_cents") OR OLD."closes_at" IS DISTINCT FROM (NEW."closes_at") OR OLD."falls_at" IS DISTINCT FROM (NEW."falls_at") OR OLD."serves_from" IS DISTINCT FROM (NEW."serves_from") OR OLD."published_at" IS DISTINCT FROM (NEW."published_at")))',
                    func="RAISE EXCEPTION 'the rules of a published round are fixed';",
                    hash="652e6b42d0ae11f3e62dbe9bda84b57414769764",
                    operation="UPDATE",
                    pgid="pgtrigger_round_rules_fixed_69ba2",
                    table="draws_round",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_only_while_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF NOT EXISTS (SELECT FROM draws_round WHERE id = NEW.round_id AND (state = 'published' AND NEW.arrival IS NULL OR state = 'drawn' AND NEW.arrival IS NOT NULL AND serves_from <= NEW.entered_at) FOR KEY SHARE) THEN RAISE EXCEPTION 'this round takes no such ticket now' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="157be01293b46f0a2c4decfe5dca5d33c610988a",
                    operation="INSERT",
                    pgid="pgtrigger_ticket_only_while_open_c18c8",
                    table="draws_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ticket",
            trigger=pgtrigger.compiler.Trigger(
                name="ticket_changes_only_while_open",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."cents" IS DISTINCT FROM (NEW."cents") OR OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."group" IS DISTINCT FROM (NEW."group") OR OLD."losses" IS DISTINCT FROM (NEW."losses") OR OLD."weight" IS DISTINCT FROM (NEW."weight") OR OLD."arrival" IS DISTINCT FROM (NEW."arrival"))',
                    func="IF (SELECT state FROM draws_round WHERE id = NEW.round_id FOR KEY SHARE) <> 'published' THEN RAISE EXCEPTION 'the tickets of this round are listed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="b26fe775162d91fa1e66174e0a5daba72719938d",
                    operation="UPDATE",
                    pgid="pgtrigger_ticket_changes_only_while_open_23466",
                    table="draws_ticket",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("arrival__isnull", False)),
                fields=("round", "arrival"),
                name="ticket_one_an_arrival",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("arrival", None),
                    models.Q(
                        ("arrival__gt", 0), ("outcome", "won"), ("won_cents", models.F("cents"))
                    ),
                    _connector="OR",
                ),
                name="ticket_of_an_arrival_is_granted",
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM draws_round WHERE serves_from IS NOT NULL",
            "rounds are served in order of arrival, and an older version would draw them by lot. "
            "Restore the backup made before this version.",
        ),
    ]
