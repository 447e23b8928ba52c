from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_employees")]
    operations = [
        migrations.RunSQL("ALTER TABLE employees VALIDATE CONSTRAINT employees_user_given", migrations.RunSQL.noop)
    ]
