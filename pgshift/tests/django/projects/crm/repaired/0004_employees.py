"""Django forgets the columns now; they go when no old code runs any more, with another release.

What comes without a user is refused from now on. The rows that are there are looked at next, while others work."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_redundant_data")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE employees ADD CONSTRAINT employees_user_given CHECK (user_id IS NOT NULL) NOT VALID",
                    "ALTER TABLE employees DROP CONSTRAINT employees_user_given",
                )
            ],
            state_operations=[
                migrations.RemoveField("employee", "email"),
                migrations.RemoveField("employee", "phone"),
                migrations.AlterField(
                    "employee", "user", models.ForeignKey(settings.AUTH_USER_MODEL, django.db.models.deletion.PROTECT)
                ),
            ],
        )
    ]
