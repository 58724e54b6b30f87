"""Numbers of their own for notas that no employer sees: gaps in the others would tell of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0008_notas_no_employer_sees"),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE SEQUENCE contributions_hidden_request_number START 5000000000;
            -- After a way back and forth: on from the last one.
            SELECT setval('contributions_hidden_request_number', max(number))
            FROM contributions_paymentrequest HAVING max(number) >= 5000000000
            """,
            "DROP SEQUENCE contributions_hidden_request_number",
        ),
    ]
