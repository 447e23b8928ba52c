"""A customer relationship system as it shall be: contact data with the user, addresses in a table, one default currency."""

from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class User(AbstractUser):
    phone = models.CharField(max_length=40, blank=True, default="")


class Address(models.Model):
    address_line1 = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=100, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        db_table = "addresses"


class Addressable(models.Model):
    address = models.ForeignKey(Address, on_delete=models.CASCADE)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.BigIntegerField()
    owner = GenericForeignKey()

    class Meta:
        db_table = "addressables"


class Organization(models.Model):
    name = models.CharField(max_length=100)
    default_currency = models.CharField(max_length=3, null=True)

    class Meta:
        db_table = "organizations"


class Customer(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200, null=True)
    city = models.CharField(max_length=100, null=True)
    country = models.CharField(max_length=100, null=True)
    postal_code = models.CharField(max_length=20, null=True)

    class Meta:
        db_table = "customers"


class Employee(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    address = models.CharField(max_length=200, null=True)
    city = models.CharField(max_length=100, null=True)
    country = models.CharField(max_length=100, null=True)
    postal_code = models.CharField(max_length=20, null=True)

    class Meta:
        db_table = "employees"


class Deal(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, null=True)

    class Meta:
        db_table = "deals"
