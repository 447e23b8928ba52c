from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("shop", "0003_fill")]
    operations = [
        migrations.RunSQL(
            ["CREATE TABLE shop_log (n int)", "INSERT INTO shop_log VALUES (1)"],
            ["DROP TABLE shop_log"],
        ),
        AddIndexConcurrently("order", models.Index(fields=["cents"], name="order_cents")),
        migrations.RunSQL(["INSERT INTO shop_log VALUES (2)"], migrations.RunSQL.noop),
    ]
