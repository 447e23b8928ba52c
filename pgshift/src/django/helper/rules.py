"""What an operation does to code that still runs, and to tables that are in use. How large these are, pgshift knows."""


def table_of(model):
    """The table of a model's state; None where it has none of its own."""
    from django.db.backends.utils import truncate_name

    if not model.options.get("managed", True) or model.options.get("proxy") or model.options.get("abstract"):
        return None
    named = model.options.get("db_table") or "{}_{}".format(model.app_label, model.name_lower)
    return truncate_name(named, connection.ops.max_name_length())


def column_of(name, field):
    """The column of a field; None where it has none."""
    from django.db.models import ForeignKey, ManyToManyField

    if isinstance(field, ManyToManyField) or type(field).__name__ in ("GenericForeignKey", "GenericRelation", "CompositePrimaryKey"):
        return None
    return field.db_column or (name + "_id" if isinstance(field, ForeignKey) else name)


def fields_of(model):
    fields = model.fields
    return fields if isinstance(fields, dict) else dict(fields)


def columns(state):
    """The columns of each table as the models know them: what runs now asks for these."""
    found = {}
    for model in state.models.values():
        table = table_of(model)
        if table:
            named = [column_of(name, field) for name, field in fields_of(model).items()]
            found.setdefault(table, set()).update(name for name in named if name)
    return found


def has_default(field):
    """Whether the database gives the column a value when nobody does."""
    from django.db.models import NOT_PROVIDED, AutoField

    automatic = isinstance(field, AutoField) or type(field).__name__ == "GeneratedField" or hasattr(field, "expression")
    return automatic or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED


def is_indexed(field):
    return bool(getattr(field, "db_index", False) or field.unique) and not field.primary_key


def is_concurrent(operation):
    return type(operation).__name__ in ("AddIndexConcurrently", "RemoveIndexConcurrently")


def in_database(operation):
    """The operations of which the database gets to know."""
    from django.db.migrations import SeparateDatabaseAndState

    if isinstance(operation, SeparateDatabaseAndState):
        return [inner for each in operation.database_operations for inner in in_database(each)]
    return [operation]


def model_of(operation, app, state):
    name = getattr(operation, "model_name", None) or getattr(operation, "old_name", None) or getattr(operation, "name", None)
    return state.models.get((app, str(name).lower())) if name else None


def remarks_of(operation, app, state, old):
    """What is to be said of an operation of the schema: (rule, table, what, why, recipe)."""
    from django.db import migrations

    kind = type(operation).__name__
    model = model_of(operation, app, state)
    table = table_of(model) if model else None
    if table not in old:
        return
    if isinstance(operation, migrations.AddField):
        yield from added(operation, app, table)
    elif isinstance(operation, migrations.AlterField):
        before = fields_of(model).get(operation.name)
        if before is not None:
            yield from altered(operation, table, before, old[table])
    elif isinstance(operation, migrations.RemoveField):
        field = fields_of(model).get(operation.name)
        column = column_of(operation.name, field) if field is not None else None
        if column in old[table]:
            yield ("django-remove-field", table, "code that is still running reads and writes the column {}: its queries fail".format(column),
                   removal(operation, table, column, field))
    elif isinstance(operation, migrations.RenameField):
        before = fields_of(model).get(operation.old_name)
        column = column_of(operation.old_name, before) if before is not None else None
        if column in old[table] and column != column_of(operation.new_name, before):
            yield ("django-rename", table, "code that is still running uses the column {}: its queries fail".format(column),
                   keep_column(operation, before, column))
    elif isinstance(operation, (migrations.RenameModel, migrations.AlterModelTable)):
        renamed = not model.options.get("db_table") if kind == "RenameModel" else (operation.table or "") != table
        if renamed:
            yield "django-rename", table, "code that is still running uses the table {}: its queries fail".format(table), keep_table(operation, app, table)
    elif isinstance(operation, migrations.DeleteModel):
        yield ("django-delete-model", table, "code that is still running uses the table {}: its queries fail".format(table),
               "# now: Django forgets the model\n" + separate("state_operations", written(operation))
               + "\n# when no old code runs any more, in another release:\n" + run_sql("DROP TABLE {}".format(quoted(table))))
    elif is_concurrent(operation):
        return
    elif isinstance(operation, migrations.AddIndex):
        yield "django-index", table, "nobody can write to the table while the index is built", concurrently(written(operation))
    elif kind == "AddConstraint" and type(operation.constraint).__name__ == "UniqueConstraint":
        yield "django-index", table, "nobody can use the table while the index of the constraint is built", unique(operation, table, fields_of(model))
    elif kind in ("AlterUniqueTogether", "AlterIndexTogether") and tuples_of(getattr(operation, operation.option_name)) - tuples_of(model.options.get(operation.option_name)):
        yield "django-index", table, "nobody can write to the table while the index is built", NO_TOGETHER


def tuples_of(fields):
    """Tuples of names, however they are written: one or several, as tuples or lists."""
    from django.db.models.options import normalize_together

    return {tuple(each) for each in normalize_together(fields or ())}


def added(operation, app, table):
    field = operation.field
    column = column_of(operation.name, field)
    if column is None:
        return
    if not field.null and not has_default(field):
        why = "the database has no default for {}: what code that is still running inserts fails".format(column)
        yield "django-required-field", table, why, with_default(operation, app)
    if is_indexed(field):
        yield "django-index", table, "the index of the new column {} is built while nobody can write to the table".format(column), index_later(operation)


def altered(operation, table, before, old):
    field = operation.field
    column, new = column_of(operation.name, before), column_of(operation.name, field)
    if column is None or new is None or column not in old:
        return
    if column != new:
        yield "django-rename", table, "code that is still running uses the column {}: its queries fail".format(column), None
    if before.null and not field.null and not has_default(field):
        why = "code that is still running may write NULL into {}: that fails".format(column)
        yield "django-narrowed-field", table, why, "# when the code that writes no NULL runs everywhere, in another release:\n" + written(operation)
    elif has_default(before) and not has_default(field) and not field.null and not field.primary_key:
        why = "code that is still running leaves {} to the default of the database, which goes: that fails".format(column)
        yield "django-narrowed-field", table, why, "# when no code leaves it out any more, in another release:\n" + written(operation)
    if is_indexed(field) and not is_indexed(before):
        yield "django-index", table, "the index of {} is built while nobody can write to the table".format(column), index_later(operation)


# Ready code.

NO_TOGETHER = "# Meta.indexes and Meta.constraints can be made without stopping anybody; these cannot:\n" \
    "# give the model an Index or a UniqueConstraint instead, and build it with AddIndexConcurrently"


def written(operation):
    from django.db.migrations.writer import OperationWriter

    try:
        return OperationWriter(operation, indentation=0).serialize()[0].rstrip(",") + ","
    except Exception:  # A field of the project's own may have no written form.
        return "# " + str(operation.describe())


def changed_field(operation, name, **attributes):
    """The same operation with another field, as it would be written."""
    field = operation.field.clone()
    for attribute, value in attributes.items():
        setattr(field, attribute, value)
    return written(type(operation)(operation.model_name, name, field))


def with_default(operation, app):
    import django
    from django.db.models import NOT_PROVIDED

    default = operation.field.default
    if django.VERSION >= (5, 0) and default is not NOT_PROVIDED and not callable(default):
        return changed_field(operation, operation.name, db_default=default)
    return ("# 1. now\n" + changed_field(operation, operation.name, null=True, default=NOT_PROVIDED)
            + "\n# 2. then, in a migration of its own with atomic = False, the rows that are there\n" + batches(app, operation)
            + "\n# 3. when no old code runs any more, in another release\nmigrations.AlterField("
            + changed_field(operation, operation.name).partition("(")[2])


BATCHES = '''def fill(apps, schema_editor):
    db = schema_editor.connection.alias
    rows = apps.get_model({app!r}, {model!r}).objects.using(db).filter({field}__isnull=True)
    while True:
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:1000])
        if not keys:
            return
        rows.filter(pk__in=keys).update({field}=...)'''


def batches(app, operation):
    return BATCHES.format(app=app, model=operation.model_name, field=operation.name)


def separate(side, code):
    inner = "\n".join("        " + line for line in code.split("\n"))
    return "migrations.SeparateDatabaseAndState(\n    {}=[\n{}\n    ],\n),".format(side, inner)


def quoted(name):
    return connection.ops.quote_name(name)


def run_sql(sql, reverse="migrations.RunSQL.noop"):
    return "migrations.RunSQL({!r}, {}),".format(sql, reverse)


def removal(operation, table, column, field):
    free = "" if field.null or has_default(field) else \
        "\n    database_operations=[migrations.RunSQL({!r}, migrations.RunSQL.noop)],".format(
            "ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL".format(quoted(table), quoted(column)))
    first = separate("state_operations", written(operation))
    first = first.replace("\n", free + "\n", 1) if free else first
    return ("# now: Django forgets the field, and new code need not fill it\n" + first
            + "\n# when no old code runs any more, in another release:\n"
            + run_sql("ALTER TABLE {} DROP COLUMN {}".format(quoted(table), quoted(column))))


def keep_column(operation, field, column):
    from django.db.migrations import AlterField

    kept = field.clone()
    kept.db_column = column
    return "# the field has a new name, the column its old one: db_column={!r} in the model, and\n".format(column) + separate(
        "state_operations", written(operation) + "\n" + written(AlterField(operation.model_name, operation.new_name, kept)))


def keep_table(operation, app, table):
    if type(operation).__name__ == "AlterModelTable":
        return None
    return "# the model has a new name, the table its old one: db_table = {!r} in its Meta, and\n".format(table) + separate(
        "state_operations", written(operation) + "\nmigrations.AlterModelTable({!r}, {!r}),".format(operation.new_name, table))


def concurrently(code):
    return ("# in a migration of its own:\nfrom django.contrib.postgres.operations import AddIndexConcurrently\n\natomic = False\n"
            + code.replace("migrations.AddIndex(", "AddIndexConcurrently(", 1))


def index_later(operation):
    field = operation.field
    if field.unique:
        return ("# 1. without unique=True\n" + changed_field(operation, operation.name, _unique=False)
                + "\n# 2. in a migration of its own with atomic = False: CREATE UNIQUE INDEX CONCURRENTLY by RunSQL\n"
                "# 3. ALTER TABLE … ADD CONSTRAINT … UNIQUE USING INDEX, and the field with unique=True as state_operations")
    model = str(operation.model_name).lower()
    return ("# 1. the field without an index of its own\n" + changed_field(operation, operation.name, db_index=False)
            + "\n# 2. its index " + concurrently(
                "AddIndexConcurrently({!r}, models.Index(fields=[{!r}], name={!r})),".format(
                    operation.model_name, operation.name, (model + "_" + operation.name)[:30]))[2:])


def unique(operation, table, fields):
    constraint = operation.constraint
    named = [column_of(name, fields[name]) for name in getattr(constraint, "fields", ()) if name in fields]
    if not named or getattr(constraint, "condition", None) is not None:
        return concurrently("# by RunSQL: CREATE UNIQUE INDEX CONCURRENTLY …; the constraint as state_operations").replace(
            "from django.contrib.postgres.operations import AddIndexConcurrently\n\n", "")
    name = quoted(constraint.name)
    build = "CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({})".format(name, quoted(table), ", ".join(quoted(each) for each in named))
    use = "ALTER TABLE {} ADD CONSTRAINT {} UNIQUE USING INDEX {}".format(quoted(table), name, name)
    drop = "ALTER TABLE {} DROP CONSTRAINT {}".format(quoted(table), name)
    return ("# in a migration of its own:\natomic = False\n" + run_sql(build)
            + "\n# and then:\nmigrations.SeparateDatabaseAndState(\n    database_operations=[migrations.RunSQL({!r}, {!r})],\n"
            "    state_operations=[\n        {}\n    ],\n),".format(use, drop, written(operation).replace("\n", "\n        ")))
