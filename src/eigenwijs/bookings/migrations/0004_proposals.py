"""Another start that a provider proposes instead of a yes."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0003_halfway"),
        ("catalogue", "0003_course_kind"),
        ("people", "0005_qualification_told"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("starts_on", models.DateField()),
                ("price_cents", models.BigIntegerField()),
                ("accept_by", models.DateField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_one_open_a_run",
        ),
        migrations.RemoveConstraint(
            model_name="booking",
            name="booking_state_known",
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
                            "proposed",
                            "replaced",
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
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("requested", "proposed", "confirmed", "decided", "objected", "started"),
                    )
                ),
                fields=("person", "run"),
                name="booking_one_open_a_run",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="booking",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposal",
                to="bookings.booking",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalogue.run"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="proposal_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="859751ddca4821f40ca5c98f13a2c8c67400e6b3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_proposal_append_only_28776",
                    table="bookings_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        no_way_back_with(
            "SELECT count(*) FROM bookings_proposal",
            "other starts were proposed, and the older schema cannot say that. They cannot go back.",
        ),
    ]
