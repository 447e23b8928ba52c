"""What there is: migrations of all apps in Django's order, which of them are applied, and what contradicts what."""


def make_loader():
    from django.db.migrations.exceptions import BadMigrationError, CircularDependencyError, NodeNotFoundError
    from django.db.migrations.loader import MigrationLoader

    try:
        return MigrationLoader(connection)
    except (BadMigrationError, CircularDependencyError, NodeNotFoundError) as error:
        raise Refused("bad_graph", "the migrations don't fit together", [str(error)], "`python manage.py makemigrations` says the same: mend the files")
    except Exception as error:
        told = failure(error)
        if told["server"] or type(error).__name__ in ("OperationalError", "InterfaceError"):
            raise
        raise Refused("project", "the migrations cannot be loaded", [told["message"]] + told["places"], hint_of(error))


def make_executor():
    from django.db.migrations.executor import MigrationExecutor

    make_loader()  # It says better what is wrong.
    return MigrationExecutor(connection)


def tell_state(order):
    loader = make_loader()
    full = full_plan(loader)
    wanted = [key for key in full if key not in loader.applied_migrations]
    chosen = plan_to(loader, order["to"]) if order["to"] else wanted
    counts = going_on(loader, full, chosen)
    told = [describe(loader, key, key in counts, counts.get(key, False)) for key in list(counts) + sorted(set(loader.disk_migrations) - set(counts))]
    changes, why = model_changes(loader) if order["changes"] else ({}, None)
    wire.say(
        "state",
        migrations=told,
        unknown=unknown(loader),
        leaves=leaves(loader),
        inconsistent=inconsistent(loader),
        changes=changes,
        changes_unknown=why,
        **held_against_database(loader)
    )


def going_on(loader, full, chosen):
    """What Django goes on with when the chosen ones are applied, in order, and whether each is chosen: once a part of what was squashed
    is applied, its parts and no longer itself."""
    inside = {key for key in chosen if key not in loader.graph.nodes}

    def counted(key):
        if inside.isdisjoint(parts_of(loader, key)):
            return [key]
        return [part for each in loader.replacements[key].replaces for part in counted(tuple(each))]

    counts = {key: True for key in chosen} if inside else {}
    for key in full:
        for part in counted(key):
            if part in loader.disk_migrations:
                counts.setdefault(part, False)
    for key in chosen:
        counts[key] = True
    return counts


def parts_of(loader, key):
    """What was squashed into it, and into that."""
    for each in loader.replacements[key].replaces if key in loader.replacements else ():
        yield tuple(each)
        yield from parts_of(loader, tuple(each))


def full_plan(loader):
    """All migrations of the graph in the order in which Django runs them on an empty database."""
    seen, plan = set(), []
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key not in seen:
                seen.add(key)
                plan.append(key)
    return plan


def find(loader, named):
    """The migration that somebody named as APP.NAME, APP.PREFIX or APP, be it one in whose place a squashed one stands; None as its
    name for `zero`."""
    from django.db.migrations.loader import AmbiguityError

    app, _, name = named.partition(".")
    if app not in loader.migrated_apps:
        raise Refused("usage", "there is no app {!r} with migrations".format(app), [], "`pgshift status` shows all migrations")
    if name == "zero":
        return app, None
    if not name:
        return sorted(loader.graph.leaf_nodes(app))[-1]
    try:
        key = (app, loader.get_migration_by_prefix(app, name).name)
    except AmbiguityError:
        raise Refused("usage", "several migrations of {} begin with {!r}".format(app, name))
    except KeyError:
        raise Refused("usage", "there is no migration {!r} in {}".format(name, app), [], "`pgshift status` shows all migrations")
    while key not in loader.graph.nodes and key in loader.replacements:
        key = tuple(loader.replacements[key].replaces[-1])
    return key


def without_squashed(keys):
    """A loader whose graph has these, and where they are ones that were squashed, them beside what stands in their place: with it
    Django goes to them, back since 4.0 and forwards since 6.0."""
    loader = make_loader()
    if any(key not in loader.graph.nodes for key in keys):
        loader.replace_migrations = False
        loader.build_graph()
    return loader


def plan_to(loader, named):
    key = find(loader, named)
    if key[1] is None:
        raise Refused("usage", "apply cannot go to zero", [], "`pgshift revert APP zero` takes all of an app back")
    if key in loader.graph.nodes:
        return [step for step in loader.graph.forwards_plan(key) if step not in loader.applied_migrations]
    steps = [step for step in without_squashed([key]).graph.forwards_plan(key) if step not in loader.applied_migrations]
    for squashed in steps:
        if not set(steps).isdisjoint(parts_of(loader, squashed)):
            what = "{}.{} needs {}.{} and what was squashed into it".format(*(key + squashed))
            raise Refused("usage", what, [], "pgshift apply --to {}.{} comes first".format(*squashed))
    return steps


def near(path):
    """A path as it would be typed here; of a library as it is."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def moment(time):
    """As records tell times; one without a time zone stays without."""
    import datetime

    if time.tzinfo is None:
        return time.isoformat(timespec="milliseconds")
    return time.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def describe(loader, key, in_graph, wanted):
    migration = loader.disk_migrations.get(key) or loader.graph.nodes[key]
    path = sys.modules[migration.__module__].__file__
    row = loader.applied_migrations.get(key)
    applied_at = getattr(row, "applied", None)
    # Those that replace others count as applied when these are, with no row of their own.
    tree = parsed(path)[1]
    lines = operation_lines(tree)
    operations = migration.operations
    return {
        "app": key[0],
        "name": key[1],
        "path": near(path),
        "own": is_own(path),
        "checksum": checksum(tree),
        "applied": key in loader.applied_migrations,
        "applied_at": moment(applied_at) if applied_at else None,
        "in_graph": in_graph,
        "atomic": bool(migration.atomic),
        "wanted": wanted,
        "operations": [
            {
                "line": lines[index] if len(lines) == len(operations) else 1,
                "kind": type(operation).__name__,
                "text": describe_operation(operation)[:SHOWN],
                "sql": bool(operation.reduces_to_sql),
            }
            for index, operation in enumerate(operations)
        ],
    }


def describe_operation(operation):
    """What Django says of it, and which function it runs."""
    code = getattr(operation, "code", None)
    if callable(code):
        return "{}({})".format(type(operation).__name__, getattr(code, "__qualname__", "…"))
    return str(operation.describe())


def unknown(loader):
    """What is recorded as applied and has no file, those aside whose place another migration took."""
    replaced = {tuple(key) for migration in loader.disk_migrations.values() for key in migration.replaces}
    gone = sorted(set(loader.applied_migrations) - set(loader.disk_migrations) - replaced)
    return [{"app": app, "name": name, "installed": app in loader.migrated_apps} for app, name in gone]


def leaves(loader):
    """Apps with several last migrations, and what each of these branches has of its own."""
    graph = loader.graph
    found = []
    for app, names in sorted(loader.detect_conflicts().items()):
        plans = {name: graph.forwards_plan((app, name)) for name in sorted(names)}
        shared = set.intersection(*(set(plan) for plan in plans.values()))
        branches = [
            {"leaf": name, "migrations": [other for of, other in plan if of == app and (of, other) not in shared]}
            for name, plan in plans.items()
        ]
        found.append({"app": app, "branches": branches, "overlap": overlap(loader, app, branches)})
    return found


def inconsistent(loader):
    from django.db.migrations.exceptions import InconsistentMigrationHistory

    try:
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        return str(error)
    return None


def model_changes(loader):
    """Apps whose models are no longer what their migrations make, and what makemigrations would write."""
    from django.apps import apps
    from django.core import management
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.state import ProjectState

    if loader.detect_conflicts():
        return {}, None
    try:
        detect = lambda: MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
        changes = detect()
        if changes and own_command(management, "makemigrations") is not None:
            # It may have left them out by a change of Django's fields, which stays.
            changes = (detect() or changes) if own_makemigrations_counts() else {}
    except (Exception, SystemExit) as error:
        return {}, failure(error)["message"]
    return {
        app: {
            "own": is_own(sys.modules[apps.get_app_config(app).module.__name__].__file__ or ""),
            "operations": [str(operation.describe()) for migration in migrations for operation in migration.operations],
        }
        for app, migrations in changes.items()
    }, None


def own_makemigrations_counts():
    """Whether the project's own makemigrations counts any change: some leave out what no database sees."""
    from django.core import management

    try:
        management.call_command("makemigrations", check_changes=True, dry_run=True, interactive=False, verbosity=0)
    except SystemExit:
        return True
    return False


def checksum(tree):
    """A hash of what the file says: comments and layout don't count, nor which Python reads it."""
    import hashlib

    if tree is None:
        return ""
    return hashlib.sha256(canonical(tree).encode("utf-8", "surrogatepass")).hexdigest()


# What differs between versions of Python, or says nothing.
SILENT = {"ctx", "kind", "type_comment", "type_ignores", "type_params"}
CONSTANTS = {"Num": "n", "Str": "s", "Bytes": "s", "NameConstant": "value", "Constant": "value"}


def canonical(node):
    import ast

    if isinstance(node, list):
        return "[" + ",".join(canonical(each) for each in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    name = type(node).__name__
    if name == "Index":
        return canonical(node.value)
    if name in CONSTANTS:
        return "Constant(" + repr(getattr(node, CONSTANTS[name])) + ")"
    fields = [(field, value) for field, value in ast.iter_fields(node) if field not in SILENT and value not in (None, [])]
    return name + "(" + ",".join(field + "=" + canonical(value) for field, value in sorted(fields, key=lambda field: field[0])) + ")"


def operation_lines(tree):
    """The line of each operation; nothing when they are not written as one list."""
    return [node.lineno for node in operation_nodes(tree)]
