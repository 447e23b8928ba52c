"""Does what pgshift asks, one thing after another."""

runner = None


def open_run(order):
    """Connects for good, and holds the lock of the session that works, so that nobody else begins before it is gone."""
    from django.db.backends.signals import connection_created

    ours = connection

    def hold(connection, **_):
        # Threads of the project have sessions of their own.
        if connection is not ours:
            return
        while True:
            with raw_cursor() as cursor:
                cursor.execute("SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_try_advisory_lock(%s, %s)", order["lock"])
                pid, held = cursor.fetchone()
            answer = wire.ask("connected", pid=pid, announced=announced(connection.connection), held=held)["do"]
            if answer == "go":
                return
            if answer == "stop":
                raise Stopped()

    connection_created.connect(hold, weak=False)
    try:
        connection.ensure_connection()
    except Stopped:
        return wire.say("stopped")
    wire.say("opened")


def prepare(order):
    global runner
    runner = Runner(order)
    runner.prepare(order)


def announced(session):
    info = getattr(session, "info", None)
    return info.backend_pid if info is not None else session.get_backend_pid()


ORDERS = {
    "load": load,
    "state": tell_state,
    "check": check_system,
    "sql": tell_sql,
    "lint": tell_lint,
    "merge": merge,
    "squash": tell_squashed,
    "trial": trial,
    "keep": keep,
    "backwards": tell_backwards,
    "open": open_run,
    "look": lambda order: wire.say("rows", **look(order["sql"])),
    "prepare": prepare,
    "migrate": lambda order: runner.migrate(order),
    "finish": lambda order: runner.finish(order),
}

wire.say("ready", python=sys.version.split()[0], executable=sys.executable)
while True:
    order = wire.hear()
    try:
        ORDERS[order["do"]](order)
    except Refused as refused:
        wire.say("refused", **refused.fields)
    except (Stopped, SystemExit) as error:
        wire.say("refused", code="project", message="the project ended the run", causes=[repr(error)], hint=None)
    except Exception as error:
        wire.say("failed", operation=None, statement=None, seconds=0.0, **failure(error))
