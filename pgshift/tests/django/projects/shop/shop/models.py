from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    cents = models.IntegerField()
    total = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    code = models.CharField(max_length=20, default="", db_index=True)

    class Meta:
        indexes = [models.Index(fields=["cents"], name="order_cents")]
