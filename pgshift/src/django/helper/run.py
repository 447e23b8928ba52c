"""Runs migrations by Django's own executor, one at a time: pgshift says when, and what goes with each statement.

An atomic migration runs in one transaction with Django's record of it and pgshift's: Django alone writes its record
after the commit whenever statements were deferred to the end.
"""

import contextlib
import time


class Stopped(BaseException):
    """pgshift does not let it go on; it has the reason."""


class Runner:
    """All that is kept between two migrations."""

    def __init__(self, order):
        from django.db.migrations.executor import MigrationExecutor

        recording = self.recording

        class Executor(MigrationExecutor):
            def record_migration(self, *what, **named):
                with recording():
                    super().record_migration(*what, **named)

        self.weak = set(order["weak"])
        self.traced = order["trace"]
        self.after = []
        self.inside = False
        self.executor = Executor(connection)
        self.executor.recorder.record_unapplied = self.unrecorded(self.executor.recorder.record_unapplied)
        self.state = None
        self.before = {}
        self.plan, self.unsaid = [], []

    def unrecorded(self, usual):
        def forget(app, name):
            with self.recording():
                usual(app, name)

        return forget

    @contextlib.contextmanager
    def recording(self):
        """Django's record and pgshift's are one. Since 6.0 a record is made of others: of all that a migration replaces, and back."""
        if self.inside:
            yield
            return
        self.inside = True
        try:
            with together():
                yield
                write(self.after)
        finally:
            self.inside = False

    def prepare(self, order):
        """What `migrate` does before its first migration, the signal included."""
        from django.apps import apps
        from django.core.management.sql import emit_pre_migrate_signal
        from django.utils.module_loading import module_has_submodule
        from importlib import import_module

        for config in apps.get_app_configs():
            if module_has_submodule(config.module, "management"):
                import_module(".management", config.name)
        connection.prepare_database()
        loader = self.executor.loader
        chosen = [tuple(key) for key in order["migrations"]]
        if any(key not in loader.graph.nodes for key in chosen):
            # It goes back to between what a squashed migration stands for.
            loader.replace_migrations = False
            loader.build_graph()
        self.plan = [(loader.graph.nodes[key], order["backwards"]) for key in chosen]
        self.unsaid = [(loader.graph.nodes[tuple(key)], False) for key in order["unsaid"]]
        if order["backwards"]:
            self.before = self.states_before(set(chosen))
        if self.plan:
            self.executor.recorder.ensure_schema()
        self.state = self.executor._create_project_state(with_applied_migrations=True)
        emit_pre_migrate_signal(0, False, connection.alias, stdout=sys.stderr, apps=self.state.apps, plan=self.plan)
        self.state = self.state.clone()
        wire.say("prepared")

    def finish(self, _order):
        """What `migrate` does after its last migration: content types, permissions and whatever else listens."""
        from django.apps import apps
        from django.core.management.sql import emit_post_migrate_signal
        from django.db.migrations.state import ModelState

        self.executor.check_replacements()
        if self.state is None:
            self.executor.loader.replace_migrations = True
            self.executor.loader.build_graph()
            self.state = self.executor._create_project_state(with_applied_migrations=True)
        self.state.clear_delayed_apps_cache()
        after = self.state.apps
        with after.bulk_update():
            real = getattr(after, "real_models", None)
            keys = [(model.app_label, model.name_lower) for model in real]
            for key in keys:
                after.unregister_model(*key)
        after.render_multiple([ModelState.from_model(apps.get_model(*key)) for key in keys])
        emit_post_migrate_signal(0, False, connection.alias, stdout=sys.stderr, apps=after, plan=self.unsaid + self.plan)
        wire.say("finished")

    def migrate(self, order):
        key = tuple(order["migration"])
        migration = self.executor.loader.graph.nodes[key]
        if order["backwards"]:
            before = self.before[key].clone()
            before.apps  # As Django renders it, before the first lock.
            return self.drive(order, migration, lambda _: self.executor.unapply_migration(before, migration))
        if self.state is None:
            self.executor.loader.build_graph()
            self.state = self.executor._create_project_state(with_applied_migrations=True)
        self.state.apps
        self.drive(order, migration, lambda state: self.executor.apply_migration(state, migration))

    def states_before(self, keys):
        """The states before what will be taken back, as Django makes them: each with all that was applied before it, although
        some of that will be gone by then."""
        loader = self.executor.loader
        state, states = self.executor._create_project_state(), {}
        for key in full_plan(loader):
            if key in keys:
                states[key] = state.clone()
            if key in keys or key in loader.applied_migrations:
                loader.graph.nodes[key].mutate_state(state, preserve=False)
        return states

    def drive(self, order, migration, work):
        run = Run(self, migration, order)
        state, self.state = self.state, None  # The one of a failed migration is neither before nor after it.
        self.after = order["after"]
        begun = time.monotonic()
        try:
            with run.watching():
                with transaction_of(migration):
                    run.number_transaction()
                    done = work(state)
        except Stopped:
            return wire.say("stopped")
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
                raise
            told = failure(error)
            shown = run.shown if told["server"] else None
            if isinstance(shown, tuple):
                shown = shown_statement(*shown)
            taken = time.monotonic() - begun
            how = {"seconds": taken, "lost": run.lost, "stays": run.stays()}
            return wire.say("failed", operation=run.operation, statement=shown, **dict(told, **how))
        self.state = None if order["backwards"] else done
        wire.say("done", seconds=time.monotonic() - begun, statements=run.count)


@contextlib.contextmanager
def together():
    """One transaction; a part of the one that there is."""
    from django.db import transaction

    with transaction.atomic(using=connection.alias):
        yield


def transaction_of(migration):
    return together() if migration.atomic else contextlib.nullcontext() if hasattr(contextlib, "nullcontext") else contextlib.suppress()


@contextlib.contextmanager
def without_savepoint():
    """The transaction of a migration is the outermost, as it is for Django: a savepoint would not outlive a COMMIT in it."""
    connection.savepoint = lambda: None
    try:
        yield
    finally:
        del connection.savepoint


def write(statements):
    """Writes what pgshift wants written, past everything that watches, and as whoever has logged in."""
    if not statements:
        return
    with raw_cursor() as cursor:
        cursor.execute("SHOW role")
        role = cursor.fetchone()[0]
        if role != "none":
            cursor.execute("RESET ROLE")
        for statement in statements:
            cursor.execute(statement)
        if role != "none":
            cursor.execute("SELECT pg_catalog.set_config('role', %s, false)", [role])


class Run:
    """One migration under way: its operations and statements are told, and wait for pgshift's word where that matters."""

    def __init__(self, runner, migration, order):
        self.runner, self.migration = runner, migration
        self.backwards = order["backwards"]
        self.skip, self.deferred, self.editor = order["operations_done"], order["deferred"], None
        self.operation = None
        self.shown = None
        self.count = 0
        self.limited = False
        self.in_editor = None
        self.seen = {}
        self.idle = time.monotonic()
        self.transaction = None
        self.lost = False

    def notice(self, error):
        """Whether the session ended with this error: then nobody has said what became of the statement."""
        session = connection.connection
        broken = session is not None and session.closed and not connection.closed_in_transaction
        self.lost = self.lost or broken or ended_by_server(failure(error)["server"])

    def number_transaction(self):
        if connection.in_atomic_block:
            with raw_cursor() as cursor:
                cursor.execute("SELECT pg_catalog.txid_current()")
                self.transaction = cursor.fetchone()[0]

    def stays(self):
        """Whether a migration that failed has ended its transaction by itself, so that a part of it is done."""
        session = connection.connection
        if self.transaction is None or session is None or session.closed:
            return False
        with contextlib.suppress(Exception):
            with raw_cursor() as cursor:
                cursor.execute("SELECT pg_catalog.txid_status(%s)", [self.transaction])
                return cursor.fetchone()[0] == "committed"
        return False

    @contextlib.contextmanager
    def watching(self):
        operations = self.migration.operations
        direction = "database_backwards" if self.backwards else "database_forwards"
        editor = connection.SchemaEditorClass
        commit, rollback = connection._commit, connection._rollback
        run = self

        class Editor(editor):
            def execute(self, sql, params=()):
                before, run.in_editor = run.in_editor, self
                try:
                    return super().execute(sql, params)
                finally:
                    run.in_editor = before

            def __enter__(self):
                with without_savepoint():
                    entered = super().__enter__()
                run.editor = self
                # What operations put off that are done and not run again.
                self.deferred_sql = list(run.deferred)
                return entered

            def __exit__(self, *why):
                if why[0] is not None or not self.deferred_sql:
                    return super().__exit__(*why)
                run.begin(len(operations), "what was put off to the end", None)
                done = super().__exit__(*why)
                run.end(len(operations))
                return done

        for index, operation in enumerate(operations):
            setattr(operation, direction, self.wrapped(index, operation, getattr(operation, direction)))
        connection.SchemaEditorClass = Editor
        connection._commit = lambda: self.ended("commit", commit)
        connection._rollback = lambda: self.ended("rollback", rollback)
        try:
            with connection.execute_wrapper(self.statement):
                yield
        finally:
            for operation in operations:
                operation.__dict__.pop(direction, None)
            connection.SchemaEditorClass = editor
            connection.__dict__.pop("_commit", None)
            connection.__dict__.pop("_rollback", None)

    def wrapped(self, index, operation, work):
        def forwards(*arguments, **named):
            if self.position(index) < self.skip:
                return
            if self.begin(index, describe_operation(operation), operation):
                work(*arguments, **named)
            self.end(index)

        return forwards

    def position(self, index):
        """Operations are taken back from the last one to the first."""
        count = len(self.migration.operations)
        return count - 1 - index if self.backwards and index < count else index

    def begin(self, index, text, operation):
        self.operation, self.begun, self.before = index, time.monotonic(), self.count
        self.seen = {}
        if operation is not None and not operation.reduces_to_sql:
            reset_peak()
        answer = self.obey("operation", operation=index, text=text[:SHOWN], transaction=connection.in_atomic_block)
        write(answer.get("before", ()))
        return not answer.get("skip")

    def end(self, index):
        repeated = [{"sql": sql, "times": times, "seconds": seconds} for sql, (times, seconds) in self.seen.items() if times > REPEATS]
        answer = self.obey(
            "operation_done",
            operation=index,
            position=self.position(index),
            transaction=connection.in_atomic_block,
            seconds=time.monotonic() - self.begun,
            statements=self.count - self.before,
            memory=peak(),
            repeated=repeated,
            deferred=[] if self.migration.atomic else [str(statement) for statement in self.editor.deferred_sql],
        )
        write(answer.get("after", ()))
        self.operation = None

    def since(self):
        """How long nothing was told: the project's own code ran, and what is only counted."""
        return time.monotonic() - self.idle

    def obey(self, what, **fields):
        answer = wire.ask(what, **fields)
        if what in ("ran", "commit", "rollback"):
            self.idle = time.monotonic()
        if answer["do"] == "stop":
            raise Stopped()
        return answer

    def ended(self, how, work):
        """The transaction ends. What it was allowed to wait ends with it."""
        self.limited = False
        since, begun = self.since(), time.monotonic()
        try:
            done = work()
        except BaseException as error:
            self.notice(error)
            raise
        if not self.runner.traced:
            return done
        self.obey(how, since=since, seconds=time.monotonic() - begun)
        return done

    def statement(self, *what):
        """Everything that goes through a cursor of Django's."""
        try:
            return self.sent(*what)
        except Exception as error:
            self.notice(error)
            raise

    def sent(self, execute, sql, params, many, context):
        text = sql if isinstance(sql, str) else str(sql)
        word = WORD.match(text)
        word = word.group(1).lower() if word else ""
        if word == "rollback":
            self.limited = False
        if word in SAVEPOINTS:
            return execute(sql, params, many, context)
        self.count += 1
        weak = word in self.runner.weak
        apart = self.in_editor is not None and not connection.in_atomic_block
        if weak and not apart and not self.runner.traced or self.operation is None:
            self.shown = (text, params, self.in_editor)
            return execute(sql, params, many, context)
        times, seconds = self.seen.get(text, (0, 0.0))
        if weak and not apart and times >= REPEATS:
            begun = time.monotonic()
            done = execute(sql, params, many, context)
            self.seen[text] = (times + 1, seconds + time.monotonic() - begun)
            return done
        self.seen[text] = (times + 1, seconds)
        return self.with_leave(execute, sql, params, many, context, text, apart)

    def with_leave(self, execute, sql, params, many, context, text, apart):
        self.shown = shown = shown_statement(text, params, self.in_editor)
        answer = self.obey("statement", since=self.since(), sql=shown, apart=apart, transaction=connection.in_atomic_block, operation=self.operation)
        if answer.get("skip"):
            return None
        write(answer.get("before", ()))
        limit = answer.get("lock_timeout")
        try:
            with contextlib.ExitStack() as stack:
                if answer.get("together"):
                    stack.enter_context(together())
                if limit is not None and not (connection.in_atomic_block and self.limited):
                    # It holds to the end of the transaction, or of the statement.
                    stack.enter_context(self.limit(limit))
                done = execute(sql, params, many, context)
                write(answer.get("together") or ())
        except BaseException as error:
            self.notice(error)
            if self.runner.traced or apart:
                self.obey("ran", failed=True, lost=self.lost)
            raise
        if self.runner.traced or apart:
            write(self.obey("ran", failed=False, lost=False).get("after", ()))
        return done

    @contextlib.contextmanager
    def limit(self, milliseconds):
        with raw_cursor() as cursor:
            if connection.in_atomic_block:
                self.limited = True
                cursor.execute("SET LOCAL lock_timeout = {:d}".format(milliseconds))
                yield
                return
            cursor.execute("SHOW lock_timeout")
            usual = cursor.fetchone()[0]
            cursor.execute("SET lock_timeout = {:d}".format(milliseconds))
        try:
            yield
        finally:
            write(["SET lock_timeout = '{}'".format(usual)])


def ended_by_server(server):
    return server is not None and (server["sqlstate"] or "")[:3] in ("57P", "080")


# How often one statement of an operation is told of; more are counted.
REPEATS = 10
SAVEPOINTS = ("savepoint", "release", "rollback")
WORD = re.compile(r"\s*([A-Za-z]+)")


def shown_statement(text, params, editor):
    """The statement with its values where the schema is changed; the values of rows are nobody's business."""
    if editor is not None and params:
        with contextlib.suppress(Exception):
            text = text % tuple(editor.quote_value(value) for value in params)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def reset_peak():
    """The greatest use of memory is counted from here on, where the system can."""
    with contextlib.suppress(OSError):
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def peak():
    """The most memory that this process has had."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        with open("/proc/self/status") as file:
            return int(next(line for line in file if line.startswith("VmHWM:")).split()[1]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
