import django.db.models.deletion
from django.db import migrations, models

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [
        migrations.CreateModel(
            "Address",
            [
                ("id", KEY),
                ("address_line1", models.CharField(max_length=200, blank=True, default="")),
                ("city", models.CharField(max_length=100, blank=True, default="")),
                ("country", models.CharField(max_length=100, blank=True, default="")),
                ("postal_code", models.CharField(max_length=20, blank=True, default="")),
            ],
            {"db_table": "addresses"},
        ),
        migrations.CreateModel(
            "Addressable",
            [
                ("id", KEY),
                ("object_id", models.BigIntegerField()),
                ("address", models.ForeignKey("crm.Address", django.db.models.deletion.CASCADE)),
                ("content_type", models.ForeignKey("contenttypes.ContentType", django.db.models.deletion.CASCADE)),
            ],
            {"db_table": "addressables"},
        ),
        migrations.AddField("organization", "default_currency", models.CharField(max_length=3, null=True)),
        migrations.AlterField("deal", "currency", models.CharField(max_length=3, null=True)),
    ]
