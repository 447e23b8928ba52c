import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_redundant_data")]
    operations = [
        migrations.RemoveField("employee", "email"),
        migrations.RemoveField("employee", "phone"),
        migrations.AlterField(
            "employee", "user", models.ForeignKey(settings.AUTH_USER_MODEL, django.db.models.deletion.PROTECT)
        ),
    ]
