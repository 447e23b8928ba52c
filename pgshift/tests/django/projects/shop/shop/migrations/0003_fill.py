from django.db import migrations


def fill(apps, schema_editor):
    print("filling")
    Customer = apps.get_model("shop", "Customer")
    Order = apps.get_model("shop", "Order")
    db = schema_editor.connection.alias
    if not Customer.objects.using(db).exists():
        Customer.objects.using(db).create(name="first")
    for order in Order.objects.using(db).iterator():
        order.total = order.cents / 100
        order.save()


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_total")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
