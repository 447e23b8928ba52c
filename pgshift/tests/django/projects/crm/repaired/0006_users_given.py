from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_users_validated")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE employees ALTER COLUMN user_id SET NOT NULL, DROP CONSTRAINT employees_user_given",
            "ALTER TABLE employees ALTER COLUMN user_id DROP NOT NULL, "
            "ADD CONSTRAINT employees_user_given CHECK (user_id IS NOT NULL) NOT VALID",
        )
    ]
