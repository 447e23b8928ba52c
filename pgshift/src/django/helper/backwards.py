"""What taking migrations back would do: in which order, what cannot be taken back, which rows would go."""


def tell_backwards(order):
    loader = make_loader()
    target = find(loader, order["to"])
    executor = make_executor()
    if target[1] is not None and target not in loader.graph.nodes:
        # As Django does it by itself since 4.0.
        executor.loader.replace_migrations = False
        executor.loader.build_graph()
    plan = [migration for migration, backwards in executor.migration_plan([target]) if backwards]
    plan = with_dependants(executor.loader, plan)
    if not plan and target[1] is not None and target not in loader.applied_migrations:
        raise Refused("usage", "{}.{} is not applied".format(*target), [], "name the last migration that stays")
    told = []
    for migration in plan:
        key = (migration.app_label, migration.name)
        state = executor.loader.project_state(key)
        operations = list(reversed(migration.operations))
        told.append({
            "migration": list(key),
            "irreversible": [describe_operation(each) for each in operations if not each.reversible],
            "losses": [loss for each in operations for loss in losses(each, migration.app_label, state)],
        })
    wire.say("backwards", plan=told)


def with_dependants(loader, plan):
    """Before what a squashed migration stands for goes what needs that: Django leaves it, and then finds its history inconsistent."""
    going = {(migration.app_label, migration.name) for migration in plan}
    first = []
    for key, squashed in loader.replacements.items():
        if key in loader.graph.nodes and going.intersection(tuple(each) for each in squashed.replaces):
            for child in sorted(loader.graph.node_map[key].children):
                first.extend(each for each in loader.graph.backwards_plan(child.key) if each in loader.applied_migrations)
    first = [key for index, key in enumerate(first) if key not in first[:index]]
    return [loader.graph.nodes[key] for key in first] + [each for each in plan if (each.app_label, each.name) not in first]


def losses(operation, app, state):
    """Tables and columns that are dropped when an operation is taken back."""
    from django.db import migrations

    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return [loss for each in operation.database_operations for loss in losses(each, app, state)]
    if isinstance(operation, (migrations.RunPython, migrations.RunSQL)):
        return [{"table": None, "column": None, "what": describe_operation(operation)}]
    try:
        if isinstance(operation, migrations.CreateModel):
            model = state.apps.get_model(app, operation.name)
            if model._meta.proxy or not model._meta.managed:
                return []
            many = [field.remote_field.through for field in model._meta.local_many_to_many]
            tables = [model] + [through for through in many if through._meta.auto_created]
            return [{"table": each._meta.db_table, "column": None, "what": None} for each in tables]
        if isinstance(operation, migrations.AddField):
            model = state.apps.get_model(app, operation.model_name)
            field = model._meta.get_field(operation.name)
            if field.many_to_many:
                through = field.remote_field.through
                return [{"table": through._meta.db_table, "column": None, "what": None}] if through._meta.auto_created else []
            return [{"table": model._meta.db_table, "column": field.column, "what": None}] if field.column else []
    except LookupError:
        # A later operation of the same migration has renamed or removed it.
        return [{"table": None, "column": None, "what": describe_operation(operation)}]
    return []
