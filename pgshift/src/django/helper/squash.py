"""One migration in the place of several, as squashmigrations makes it, and its trial: each run of migrations in a process of its own.

Nothing is written before `keep`: until then the new migration is only in memory, made from the text that would be written.
"""

import warnings

squashed = None


class Squashed:
    """What would be written."""

    def __init__(self, order):
        from django.db.migrations.loader import MigrationLoader

        self.app = order["app"]
        self.loader = MigrationLoader(None)
        if self.app not in self.loader.migrated_apps:
            raise Refused("usage", "there is no app {!r} with migrations".format(self.app), [], "`pgshift status` shows all migrations")
        first, last = (self.find(name) if name else None for name in (order["first"], order["last"]))
        own = [key for key in self.loader.graph.forwards_plan(last) if key[0] == self.app]
        if first is not None and first not in own:
            raise Refused("usage", "{}.{} does not come before {}.{}".format(*(first + last)))
        self.keys = own[own.index(first):] if first else own
        self.replaced = [self.loader.graph.nodes[key] for key in self.keys]
        self.refuse()
        self.name = self.named(order["name"], first, last)
        if not re.match(r"\w+\Z", self.name):
            raise Refused("usage", "{!r} is no name for a file that Python can read".format(self.name), [], "letters, digits and underscores are")
        if (self.app, self.name) in self.loader.disk_migrations:
            raise Refused("usage", "there is a migration {}.{} already".format(self.app, self.name), [], "give this one another name with --name")
        self.before = [operation for migration in self.replaced for operation in migration.operations]
        self.operations = self.optimized() if order["optimize"] else list(self.before)
        self.atomic = self.made_atomic()
        for operation in self.operations:
            self.can_be_written(operation, operation)
        self.write()
        self.module = self.imported()
        self.states_agree()

    def find(self, name):
        key = find(self.loader, "{}.{}".format(self.app, name))
        if key[1] is None:
            raise Refused("usage", "{} is not a migration".format(name), [], "name the last one that becomes a part of the file")
        if key not in self.loader.graph.nodes:
            raise Refused("usage", "{}.{} was squashed: another migration stands in its place".format(*key))
        return key

    def refuse(self):
        """What cannot be put together at all."""
        import django

        for migration in self.replaced:
            if migration.replaces and django.VERSION < (6,):
                hint = "delete the files that it replaces and its `replaces` first, when no database needs them, or begin behind it: pgshift squash APP FROM TO"
                raise Refused("usage", "{} has been put together itself".format(migration), [], hint)
        if len(self.keys) < 2:
            raise Refused("usage", "{}.{} alone is nothing to put together".format(*self.keys[0]), [], "name a later one as the last, or none as the first")
        mine = set(self.keys)
        for index, migration in enumerate(self.replaced):
            for other in self.loader.graph.node_map[self.keys[index]].parents:
                behind = [key for key in self.loader.graph.forwards_plan(other.key) if key in mine]
                if other.key not in mine and behind:
                    causes = ["{} needs {}.{}, which needs {}.{}".format(migration, *(tuple(other.key) + behind[-1]))]
                    hint = "put the parts before and behind it together on their own: up to {}, and from {} on".format(self.keys[index - 1][1], migration.name)
                    raise Refused("circular", "in one file they would need themselves", causes, hint)

    def can_be_written(self, operation, whole):
        """`whole` is the operation of a migration that it is, or is a part of."""
        for each in [*getattr(operation, "database_operations", ()), *getattr(operation, "state_operations", ())]:
            self.can_be_written(each, whole)
        _, arguments, named = operation.deconstruct()
        try:
            type(operation)(*arguments, **named)
        except Exception as error:
            of = next((each for each in self.replaced if any(whole is one for one in each.operations)), self.app)
            what = "{} of {} cannot be written into another file".format(type(operation).__name__, of)
            hint = "its deconstruct() has to give what its __init__() takes; or put what comes before it and behind it together on their own"
            raise Refused("project", what, ["{}: {}".format(type(error).__name__, error)], hint)

    def named(self, given, first, last):
        """The name as squashmigrations gives it."""
        if first is None:
            return "0001_{}".format(given or "squashed_" + last[1])
        return "{}_{}".format(first[1].split("_", 1)[0], given) if given else "{}_squashed_{}".format(first[1], last[1])

    def optimized(self):
        from django.db.migrations.optimizer import MigrationOptimizer

        optimized = MigrationOptimizer().optimize([plain_index(operation) for operation in self.before], self.app)
        passing = [operation.field for operation in self.before if not getattr(operation, "preserve_default", True)]
        return [let_pass(operation, passing) for operation in optimized]

    def made_atomic(self):
        """Whether it can be one transaction: what was outside of one and may need that cannot be in it."""
        outside = [operation for migration in self.replaced if not migration.atomic for operation in migration.operations]
        return not any(operation is each for operation in self.operations for each in outside if not is_djangos_own(each))

    def dependencies(self):
        """Those of the first one, and all on other apps, each once and in one order."""
        from django.conf import settings
        from django.db.migrations.migration import SwappableTuple

        found = set()
        for index, migration in enumerate(self.replaced):
            for dependency in migration.dependencies:
                if isinstance(dependency, SwappableTuple) and dependency.setting == settings.AUTH_USER_MODEL:
                    found.add(("__setting__", "AUTH_USER_MODEL"))
                elif dependency[0] != self.app or not index:
                    found.add(tuple(dependency))
        return sorted(found)

    def write(self):
        from django.db import migrations
        from django.db.migrations.writer import MigrationWriter

        fields = {"dependencies": self.dependencies(), "operations": self.operations, "replaces": self.keys, "atomic": self.atomic}
        fields["run_before"] = [tuple(child) for migration in self.replaced for child in migration.run_before]
        migration = type("Migration", (migrations.Migration,), fields)(self.name, self.app)
        migration.initial = all(parent.key[0] != self.app for parent in self.loader.graph.node_map[self.keys[0]].parents)
        writer = MigrationWriter(migration)
        self.path = writer.path
        if os.path.exists(self.path):
            raise Refused("usage", "there is a file {} already".format(near(self.path)), [], "give this one another name with --name")
        text = writer.as_string()
        text, self.borrowed = borrow(text, sorted({each.__module__ for each in self.loader.disk_migrations.values()}))
        # Django's writer forgets these before 6.0.
        head, more = "class Migration(migrations.Migration):\n", ""
        if not self.atomic and "\n    atomic = False\n" not in text:
            more += "\n    atomic = False\n"
        if migration.run_before and "\n    run_before = " not in text:
            more += "\n    run_before = {!r}\n".format(migration.run_before)
        self.text = text.replace(head, head + more, 1)

    def imported(self):
        """The new migration as it will be when its file is read."""
        import types

        package = self.loader.migrations_module(self.app)[0]
        module = types.ModuleType("{}.{}".format(package, self.name))
        module.__file__, module.__package__ = self.path, package
        sys.modules[module.__name__] = module
        exec(compile(self.text, self.path, "exec"), module.__dict__)
        return module

    def states_agree(self):
        """With it Django has to know the same models as without it."""
        from django.db.migrations.autodetector import MigrationAutodetector
        from django.db.migrations.exceptions import CircularDependencyError, NodeNotFoundError
        from django.db.migrations.loader import MigrationLoader

        with self.in_place():
            try:
                loader = MigrationLoader(None)
            except (CircularDependencyError, NodeNotFoundError) as error:
                raise Refused("circular", "the project's migrations don't fit together with it", [str(error)], "put fewer of them together")
        now, before = loader.project_state(), self.loader.project_state()
        changes = MigrationAutodetector(now, before).changes(graph=loader.graph)
        causes = ["{}: {}".format(app, operation.describe()) for app, found in sorted(changes.items()) for each in found for operation in each.operations]
        if causes:
            raise Refused("squash_differs", "with it the models would be others", causes[:5], "--no-optimize takes the operations as they are")

    def states(self, keys):
        """Where a database can be between the first and the last: what is a squashed migration itself is made of others, if their files are there."""
        files = self.loader.disk_migrations
        for key in keys:
            inner = [tuple(each) for each in files[key].replaces]
            if inner and all(each in files for each in inner):
                yield from self.states(inner)
            else:
                yield key

    @contextlib.contextmanager
    def in_place(self):
        """As if its file were there."""
        from django.db.migrations.loader import MigrationLoader

        usual = MigrationLoader.load_disk

        def load_disk(loader):
            usual(loader)
            loader.disk_migrations[self.app, self.name] = self.module.Migration(self.name, self.app)

        MigrationLoader.load_disk = load_disk
        try:
            yield
        finally:
            MigrationLoader.load_disk = usual

    def carried(self):
        """Code that stays in it, code that is left out, and code that is still taken from the old files."""
        for migration in self.replaced:
            path = sys.modules[migration.__module__].__file__
            lines = operation_lines(parsed(path)[1])
            for index, operation in enumerate(migration.operations):
                stays = any(operation is each for each in self.operations)
                if not is_code(operation) or not stays and not getattr(operation, "elidable", False):
                    continue
                yield {
                    "migration": [migration.app_label, migration.name],
                    "path": near(path),
                    "line": lines[index] if len(lines) == len(migration.operations) else 1,
                    "text": describe_operation(operation)[:SHOWN],
                    "how": "left_out" if not stays else "borrowed" if self.borrows(operation) else "kept",
                }

    def borrows(self, operation):
        functions = (getattr(operation, "code", None), getattr(operation, "reverse_code", None))
        return any(getattr(each, "__module__", None) in self.borrowed for each in functions)


def is_code(operation):
    """Whether it does in the database what no model says."""
    from django.db.migrations.operations import RunPython, RunSQL, SeparateDatabaseAndState

    if isinstance(operation, SeparateDatabaseAndState):
        return bool(operation.database_operations)
    return isinstance(operation, (RunPython, RunSQL)) or not operation.reduces_to_sql


def is_djangos_own(operation):
    """Whether it runs in a transaction as well as outside of one."""
    return type(operation).__module__.startswith("django.db.migrations.operations.") and not is_code(operation)


def plain_index(operation):
    """An index that need not be built beside others' writes: where the new file runs, the table is new."""
    from django.contrib.postgres import operations as postgres
    from django.db import migrations

    if type(operation) is getattr(postgres, "AddIndexConcurrently", None):
        return migrations.AddIndex(operation.model_name, operation.index)
    if type(operation) is getattr(postgres, "RemoveIndexConcurrently", None):
        return migrations.RemoveIndex(operation.model_name, operation.name)
    return operation


def let_pass(operation, passing):
    """A default that is for the rows of one moment does not stay in the model: Django's optimizer forgets that of the fields that
    it puts into another operation."""
    from django.db import migrations
    from django.db.models import NOT_PROVIDED

    def bare(field):
        if not any(field is each for each in passing):
            return field
        field = field.clone()
        field.default = NOT_PROVIDED
        return field

    if isinstance(operation, migrations.CreateModel):
        fields = [(name, bare(field)) for name, field in operation.fields]
        return type(operation)(operation.name, fields, operation.options, operation.bases, operation.managers)
    field = getattr(operation, "field", None)
    if getattr(operation, "preserve_default", False) and any(field is each for each in passing):
        return type(operation)(operation.model_name, operation.name, field, preserve_default=False)
    return operation


def borrow(text, modules):
    """What the new file takes from files whose names Python cannot import as they are; and from which it takes anything."""
    borrowed, lines = [], []
    for module in modules:
        used = r"(?<![\w.\"'])" + re.escape(module) + r"\."
        if not re.search(used, text):
            continue
        borrowed.append(module)
        if not module.rpartition(".")[2].isidentifier():
            local = re.sub(r"\W", "_", module)
            text = re.sub(used, local + ".", text)
            lines.append("{} = import_module({!r})".format(local, module))
    if lines:
        # Behind the comment that Django writes of them, which says that they are to be copied.
        place = text.index("\n\nclass Migration(")
        head = re.sub(r"(?m)^(?=from |import )", "from importlib import import_module\n\n", text[:place].rstrip("\n"), count=1)
        text = "{}\n# Until then they are taken from there.\n{}\n{}".format(head, "\n".join(lines), text[place:])
    return text, borrowed


def tell_squashed(order):
    global squashed
    squashed = Squashed(order)
    wire.say(
        "squashed",
        app=squashed.app,
        name=squashed.name,
        path=near(squashed.path),
        text=squashed.text,
        atomic=squashed.atomic,
        replaces=squashed.keys,
        states=list(squashed.states(squashed.keys)),
        before=len(squashed.before),
        operations=len(squashed.operations),
        carried=list(squashed.carried()),
    )


def keep(_order):
    write_new(squashed.path, squashed.text)
    wire.say("kept")


def trial(order):
    """Runs `migrate` on a database, in a process of its own: what a run leaves in memory is not there in the next."""
    inner, outer = os.pipe()
    alive, parent = os.pipe()
    with warnings.catch_warnings():
        # The other thread only reads what pgshift says; the child does not need it.
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        os.close(inner)
        os.close(parent)
        try:
            answer = tried(order, alive)
        except BaseException as error:
            answer = {"say": "failed", "operation": None, "statement": None, "seconds": 0.0}
            answer.update(failure(error))
            answer["places"].insert(0, "in {}".format(running[-1]) if running else "before the first migration")
        with os.fdopen(outer, "wb") as pipe:
            pipe.write(json.dumps(answer, ensure_ascii=False, default=str).encode("utf-8", "replace"))
        os._exit(0)
    os.close(outer)
    os.close(alive)
    with os.fdopen(inner, "rb") as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    os.close(parent)
    if not said:
        raise RuntimeError("the process that ran the migrations ended with status {}".format(status))
    wire.pass_on(said)


running = []


def tried(order, alive):
    """One run of Django's own migrate command, whatever the project calls its own."""
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.recorder import MigrationRecorder

    threading.Thread(target=end_with, args=(alive,), daemon=True).start()
    go_to(order["name"])
    usual = MigrationExecutor.apply_migration

    def apply_migration(executor, state, migration, **named):
        running.append(str(migration))
        return usual(executor, state, migration, **named)

    MigrationExecutor.apply_migration = apply_migration
    to = order["to"] or []
    if to:
        leave_signal_out()
    with contextlib.ExitStack() as stack:
        if order["squashed"]:
            stack.enter_context(squashed.in_place())
        call_command(Command(), *to, database=alias, verbosity=0, interactive=False, skip_checks=True)
    now = MigrationRecorder(connection).applied_migrations()
    return {"say": "tried", "ran": running, "recorded": [".".join(key) for key in sorted(now)]}


def leave_signal_out():
    """On the way to a state post_migrate is not sent: its handlers may miss tables that come later, and would make there what they
    do not make in one run. At the end it is sent."""
    from django.core.management.commands import migrate

    migrate.emit_post_migrate_signal = lambda *_, **__: None


def end_with(alive):
    """Ends this process when the one that started it ends."""
    os.read(alive, 1)
    os._exit(0)


def go_to(name):
    """Leads everything that was led to the scratch server to one of its databases."""
    from django.conf import settings
    from django.db import connections

    for each in led:
        settings.DATABASES[each]["NAME"] = connections[each].settings_dict["NAME"] = name
