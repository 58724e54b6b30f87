"""Notas that no employer sees: of schemes that count what people told about themselves."""

from django.db import migrations, models

from eigenwijs.kernel.migrating import no_way_back_with


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0007_gross_wage_where_needed"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentrequest",
            name="counts_confided",
            field=models.BooleanField(default=False),
        ),
        no_way_back_with(
            "SELECT count(*) FROM contributions_paymentrequest WHERE counts_confided",
            "notas are hidden from employers; an older version would show them. Go back to the restore "
            "point of before the upgrade.",
        ),
    ]
