from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contributions", "0013_time_to_learn")]

    operations = [ValidateConstraint("amountdue", "amount_due_asks_money_only")]
