import os

SECRET_KEY = "only for tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "crm"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("CRM_DATABASE", "crm"),
        "USER": os.environ.get("CRM_USER", "postgres"),
        "HOST": os.environ.get("CRM_HOST", ""),
        "PORT": os.environ.get("CRM_PORT", ""),
    }
}
AUTH_USER_MODEL = "crm.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
