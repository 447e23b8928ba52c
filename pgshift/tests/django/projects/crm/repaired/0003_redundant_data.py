"""The same without the mistakes: by keys, each batch in a transaction of its own, and what is done is not done again."""

from django.db import migrations, transaction
from django.db.models import Count

BATCH = 500


def batches(query):
    """The rows of a query, some at a time, each time in a transaction of its own."""
    last = 0
    while True:
        with transaction.atomic(using=query.db):
            rows = list(query.filter(pk__gt=last).order_by("pk")[:BATCH])
            yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1].pk


def contacts_to_users(apps, schema_editor):
    db = schema_editor.connection.alias
    Employee = apps.get_model("crm", "Employee")
    users = apps.get_model("crm", "User").objects.using(db)
    for employee in batches(Employee.objects.using(db).select_related("user")):
        if employee.user is None:
            name = employee.email or "employee_{}".format(employee.pk)
            if users.filter(username=name).exists():
                name = "employee_{}".format(employee.pk)
            employee.user = users.create(username=name, email=employee.email or "", phone=employee.phone or "")
            employee.save(update_fields=["user"])
        else:
            employee.user.email = employee.email or employee.user.email
            employee.user.phone = employee.phone or employee.user.phone
            employee.user.save(update_fields=["email", "phone"])


def addresses_to_table(apps, schema_editor):
    db = schema_editor.connection.alias
    Address = apps.get_model("crm", "Address")
    addressables = apps.get_model("crm", "Addressable").objects.using(db)
    types = apps.get_model("contenttypes", "ContentType").objects.using(db)
    for Model in (apps.get_model("crm", "Customer"), apps.get_model("crm", "Employee")):
        kind, _ = types.get_or_create(app_label="crm", model=Model._meta.model_name)
        for row in batches(Model.objects.using(db)):
            if (row.address or row.city) and not addressables.filter(content_type=kind, object_id=row.pk).exists():
                address = Address(address_line1=row.address or "", city=row.city or "", country=row.country or "", postal_code=row.postal_code or "")
                address.save(using=db)
                addressables.create(address=address, content_type=kind, object_id=row.pk)


def default_currencies(apps, schema_editor):
    db = schema_editor.connection.alias
    deals = apps.get_model("crm", "Deal").objects.using(db)
    for organization in batches(apps.get_model("crm", "Organization").objects.using(db)):
        used = deals.filter(organization=organization, currency__isnull=False)
        common = used.values("currency").annotate(times=Count("pk")).order_by("-times", "currency").first()
        organization.default_currency = common["currency"] if common else "USD"
        organization.save(update_fields=["default_currency"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0002_addresses")]
    # The old columns are still there: nothing has to be taken back.
    operations = [
        migrations.RunPython(contacts_to_users, migrations.RunPython.noop),
        migrations.RunPython(addresses_to_table, migrations.RunPython.noop),
        migrations.RunPython(default_currencies, migrations.RunPython.noop),
    ]
