"""As many would write it, with the mistakes of that."""

from django.contrib.contenttypes.models import ContentType
from django.db import migrations
from django.db.models import Count


def contacts_to_users(apps, schema_editor):
    Employee = apps.get_model("crm", "Employee")
    User = apps.get_model("crm", "User")
    for employee in Employee.objects.all():
        if employee.user_id:
            user = employee.user
            user.email = employee.email or user.email
            user.phone = employee.phone or user.phone
            user.save()
        else:
            # Two with the same address cannot both have it as their name.
            name = employee.email or "employee_{}".format(employee.id)
            employee.user = User.objects.create(username=name, email=employee.email or "", phone=employee.phone or "")
            employee.save()


def addresses_to_table(apps, schema_editor):
    Address = apps.get_model("crm", "Address")
    Addressable = apps.get_model("crm", "Addressable")
    for Model in (apps.get_model("crm", "Customer"), apps.get_model("crm", "Employee")):
        content_type = ContentType.objects.get_for_model(Model)
        for row in Model.objects.all():
            if row.address or row.city:
                address = Address.objects.create(address_line1=row.address or "", city=row.city or "", country=row.country or "", postal_code=row.postal_code or "")
                Addressable.objects.create(address=address, content_type=content_type, object_id=row.id)


def default_currencies(apps, schema_editor):
    Organization = apps.get_model("crm", "Organization")
    Deal = apps.get_model("crm", "Deal")
    for organization in Organization.objects.all():
        common = Deal.objects.filter(organization=organization).values("currency").annotate(times=Count("currency")).order_by("-times").first()
        organization.default_currency = common["currency"] if common else "USD"
        organization.save()


def no_way_back(apps, schema_editor):
    raise RuntimeError("restore the backup")


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_addresses")]
    operations = [
        migrations.RunPython(contacts_to_users, no_way_back),
        migrations.RunPython(addresses_to_table, no_way_back),
        migrations.RunPython(default_currencies, no_way_back),
    ]
