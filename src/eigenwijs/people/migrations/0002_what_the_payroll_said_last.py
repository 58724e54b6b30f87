"""Keep with an employment what its payroll said last: of which period, and which birth date."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import OuterRef, Subquery


def keep_birth_dates(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """Take what the file says for what was delivered: the two were the same until now."""
    employment = apps.get_model("people", "Employment")
    person = apps.get_model("people", "Person")
    born = person.objects.filter(pk=OuterRef("person")).values("birth_date")
    employment.objects.update(delivered_birth_date=Subquery(born))


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="employment",
            name="delivered_birth_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="employment",
            name="stated_on",
            field=models.DateField(null=True),
        ),
        migrations.RunPython(keep_birth_dates, migrations.RunPython.noop),
    ]
