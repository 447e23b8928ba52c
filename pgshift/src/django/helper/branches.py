"""Two branches of an app: whether what they do touches the same things, and the migration that joins them."""


def touched(operation):
    """What an operation touches, as (model, part); None when nobody can tell."""
    from django.db import migrations

    name = lambda model: str(model).lower()
    if isinstance(operation, (migrations.RunPython, migrations.RunSQL, migrations.SeparateDatabaseAndState)):
        return None
    if isinstance(operation, migrations.RenameModel):
        return {(name(operation.old_name), "*"), (name(operation.new_name), "*")}
    if isinstance(operation, migrations.RenameField):
        return {(name(operation.model_name), name(part)) for part in (operation.old_name, operation.new_name)}
    model = getattr(operation, "model_name", None)
    if model is None:
        own = getattr(operation, "name", None)
        return None if own is None else {(name(own), "*")}
    part = getattr(operation, "name", None) or getattr(getattr(operation, "index", None), "name", None)
    part = part or getattr(getattr(operation, "constraint", None), "name", None)
    return {(name(model), name(part) if part else "*")}


def overlap(loader, app, branches):
    """Why the branches cannot simply be joined, or None."""
    seen = {}
    for branch in branches:
        mine = {}
        for migration in branch["migrations"]:
            for operation in loader.graph.nodes[app, migration].operations:
                things = touched(operation)
                place = "{}.{}: {}".format(app, migration, operation.describe())
                if things is None:
                    return "{}: what it touches cannot be told".format(place)
                for thing in things:
                    mine.setdefault(thing, place)
        for (model, part), place in mine.items():
            for (other, other_part), other_place in seen.items():
                if model == other and (part == other_part or "*" in (part, other_part)):
                    return "{} and {} touch the same".format(other_place, place)
        seen.update(mine)
    return None


def merge(order):
    """Writes the migration that joins the branches of one app, as makemigrations --merge does."""
    from django.apps import apps
    from django.db import migrations
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.writer import MigrationWriter

    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    found = leaves(loader)
    made = []
    for conflict in found:
        if conflict["overlap"]:
            raise Refused("overlap", "the branches of {} cannot simply be joined".format(conflict["app"]), [conflict["overlap"]],
                          "rebase one of them: delete its migrations, take the other's, and run makemigrations again")
    for conflict in found:
        app, names = conflict["app"], [branch["leaf"] for branch in conflict["branches"]]
        numbers = [MigrationAutodetector.parse_number(name) for name in names]
        number = max([number for number in numbers if number is not None] or [0]) + 1
        name = "{:04d}_merge_{}".format(number, "_".join(sorted(names)))
        if len(name) > 100:
            name = "{:04d}_merge_of_{}".format(number, len(names))
        base = type("Migration", (migrations.Migration,), {"dependencies": sorted((app, leaf) for leaf in names)})
        writer = MigrationWriter(base(name, app))
        write_new(writer.path, writer.as_string())
        made.append({"app": app, "name": name, "path": near(writer.path)})
    wire.say("merged", made=made)
