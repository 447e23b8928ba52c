"""The project is loaded as its own manage.py does it, and led to the database that pgshift was given."""

# What libpq reads, by the name of its environment variable.
LIBPQ = {
    "PGHOST": "host",
    "PGHOSTADDR": "hostaddr",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGPASSWORD": "password",
    "PGDATABASE": "dbname",
    "PGPASSFILE": "passfile",
    "PGCHANNELBINDING": "channel_binding",
    "PGCONNECT_TIMEOUT": "connect_timeout",
    "PGOPTIONS": "options",
    "PGSSLMODE": "sslmode",
    "PGSSLNEGOTIATION": "sslnegotiation",
    "PGSSLCERT": "sslcert",
    "PGSSLCERTMODE": "sslcertmode",
    "PGSSLKEY": "sslkey",
    "PGSSLROOTCERT": "sslrootcert",
    "PGSSLCRL": "sslcrl",
    "PGSSLCRLDIR": "sslcrldir",
    "PGSSLSNI": "sslsni",
    "PGSSLMINPROTOCOLVERSION": "ssl_min_protocol_version",
    "PGSSLMAXPROTOCOLVERSION": "ssl_max_protocol_version",
    "PGGSSENCMODE": "gssencmode",
    "PGREQUIREAUTH": "require_auth",
    "PGREQUIREPEER": "requirepeer",
    "PGTARGETSESSIONATTRS": "target_session_attrs",
    "PGLOADBALANCEHOSTS": "load_balance_hosts",
    "PGSERVICE": "service",
}


class Reached(BaseException):
    """manage.py came as far as Django: all that it sets up is there."""


def load(order):
    """Loads the project; it has not connected to anything yet."""
    global connection, alias, led
    alias = order["database"]
    if order["memory"] is not None:
        limit_memory(order["memory"])
    try:
        import django
        import django.core.management as management
    except ImportError as error:
        causes = ["{}: {}".format(sys.executable, error)]
        hint = "name the project's own interpreter with --python, or activate its virtualenv"
        raise Refused("no_django", "this Python has no Django", causes, hint)
    if not (3, 2) <= django.VERSION[:2]:
        raise Refused("old_django", "Django {} is older than 3.2".format(django.get_version()))
    settings_module = order["settings"]
    if settings_module:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
    try:
        if order["manage"]:
            run_manage(order["manage"], management)
        elif os.getcwd() not in sys.path:
            sys.path.insert(0, os.getcwd())
        if settings_module:
            os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
        from django.conf import settings
        databases = settings.DATABASES
    except (Exception, SystemExit) as error:
        told = failure(error)
        raise Refused("project", "the project cannot be loaded", [told["message"]] + told["places"], hint_of(error))
    if alias not in databases:
        named = ", ".join(sorted(databases)) or "none"
        raise Refused("no_alias", "the settings have no database {!r}".format(alias), ["they have: " + named], "name one with --database")
    led = lead(databases, order["connection"], order["copy"]) if order["connection"] is not None else []
    if order["scratch"]:
        # What a trial says to others is heard by nobody.
        settings.CACHES = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in settings.CACHES}
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    plain = dict(databases[alias].get("OPTIONS") or {}, application_name="pgshift")
    plain.pop("pool", None)
    databases[alias]["OPTIONS"] = plain
    try:
        django.setup()
        from django.db import connections
        from django.utils import translation

        # As migrate and makemigrations do it: what is written and compared has the language of nobody.
        translation.deactivate_all()

        connection = connections[alias]
        vendor = connection.vendor
    except Exception as error:
        told = failure(error)
        raise Refused("project", "the project cannot be loaded", [told["message"]] + told["places"], hint_of(error))
    if vendor != "postgresql":
        raise Refused("not_postgresql", "the database {!r} of the settings is {}, not PostgreSQL".format(alias, vendor))
    if order["read_only"]:
        make_read_only()
    known = set(LIBPQ.values())
    parameters = dict(connection.get_connection_params())
    if "database" in parameters:  # As psycopg2 calls it before Django 4.
        parameters["dbname"] = parameters.pop("database")
    wire.say(
        "loaded",
        django=django.get_version(),
        settings=os.environ.get("DJANGO_SETTINGS_MODULE", ""),
        connection={key: str(value) for key, value in parameters.items() if key in known and value is not None},
        own_migrate=own_command(management, "migrate"),
    )


def run_manage(manage, management):
    """Runs manage.py up to where it would do what it was asked: what it sets up before counts."""
    import runpy

    if not os.path.isfile(manage):
        raise Refused("no_manage", "there is no file {}".format(manage), [], "say where it is with --django path/to/manage.py")
    sys.path.insert(0, os.path.dirname(os.path.abspath(manage)))
    sys.argv = [manage, "migrate"]

    def reached(*_, **__):
        raise Reached()

    usual = management.execute_from_command_line
    management.execute_from_command_line = reached
    try:
        runpy.run_path(manage, run_name="__main__")
    except Reached:
        pass
    finally:
        management.execute_from_command_line = usual


def hint_of(error):
    if type(error).__name__ == "ImproperlyConfigured":
        return "name the settings with --settings, or give manage.py the environment that it needs"
    if isinstance(error, ImportError):
        return "is it the project's own interpreter? name it with --python"
    if isinstance(error, KeyError):
        return "give the project the environment variables that it needs"
    return None


def lead(databases, given, is_copy):
    """Leads the project to the given database, and says which of its own went there. On a copy the others stay out of reach."""
    led = []
    chosen = dict(databases[alias])
    options = {LIBPQ[name]: value for name, value in given.items() if name in LIBPQ}
    for name, database in databases.items():
        replica = is_copy and (database.get("ENGINE"), database.get("NAME")) == (chosen.get("ENGINE"), chosen.get("NAME"))
        if name == alias or replica:
            own = {key: value for key, value in (database.get("OPTIONS") or {}).items() if key not in LIBPQ.values()}
            rest = {key: value for key, value in options.items() if key not in ("host", "port", "user", "password", "dbname")}
            named = [("HOST", "host"), ("PORT", "port"), ("USER", "user"), ("PASSWORD", "password"), ("NAME", "dbname")]
            database.update({setting: options.get(key, "") for setting, key in named}, OPTIONS=dict(own, **rest))
            led.append(name)
        elif is_copy:
            database.update(HOST="/not-in-a-rehearsal", NAME=":memory:" if "sqlite" in database.get("ENGINE", "") else database.get("NAME"))
    return led


def make_read_only():
    """Whoever only looks must not write, whatever code of the project runs."""
    from django.db.backends.signals import connection_created

    def protect(connection, **_):
        if connection.alias != alias:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_catalog.pg_backend_pid()")
            # Behind a pooler the setting could stay for others.
            if cursor.fetchone()[0] == announced(connection.connection):
                cursor.execute("SET default_transaction_read_only = on")

    protect.stays = True
    connection_created.connect(protect, weak=False)


def check_system(_order):
    """Django's system check, without which migrate does nothing."""
    from django.core import checks

    found = checks.run_checks(databases=[alias])
    serious = [each for each in found if each.is_serious() and not each.is_silenced()]
    if not serious:
        return wire.say("checked")
    causes = [" ".join(str(each).split()) for each in serious[:5]]
    if len(serious) > len(causes):
        causes.append("and {} more".format(len(serious) - len(causes)))
    hint = "mend them; `manage.py check --database {}` tells them all, and SILENCED_SYSTEM_CHECKS leaves some out".format(alias)
    raise Refused("system_check", "Django's system check finds errors, and migrate would not begin", causes, hint)


def own_command(management, command):
    """The application that brings such a command of its own, or None."""
    application = management.get_commands().get(command, "django.core")
    name = application if isinstance(application, str) else getattr(application, "name", "")
    return None if name == "django.core" else name


def limit_memory(limit):
    import resource

    # What a process writes to, not what it maps: libraries and threads' stacks reserve far more than they use.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


class Raw:
    """A cursor that tells nobody of what it runs."""

    def __enter__(self):
        connection.ensure_connection()
        self.cursor = connection.connection.cursor()
        return self.cursor

    def __exit__(self, *_):
        self.cursor.close()


def raw_cursor():
    return Raw()
