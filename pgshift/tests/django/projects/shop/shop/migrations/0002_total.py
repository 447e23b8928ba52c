from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        migrations.AddField("order", "total", models.DecimalField(max_digits=10, decimal_places=2, null=True)),
        migrations.AddField("order", "code", models.CharField(max_length=20, default="", db_index=True)),
    ]
