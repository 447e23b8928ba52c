"""What migrations are recorded to have made, and the database does not have: somebody only said that they were applied.

Looks at tables and columns. Whatever has the name of a table counts as one: a view may stand in its place.
"""

COLUMNS = """
SELECT wanted.name, a.attname FROM pg_catalog.unnest(%s::text[]) AS wanted (name)
JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(wanted.name)
WHERE a.attnum > 0 AND NOT a.attisdropped
"""


def missing(loader):
    """Applied migrations of which something is not there, and what; and why that cannot be told."""
    applied = [key for key in full_plan(loader) if key in loader.applied_migrations]
    if not applied or inconsistent(loader):
        return [], None
    try:
        state = first_state(loader, True)
        for key in applied:
            state = loader.graph.nodes[key].mutate_state(state, preserve=False)
        lacking = not_there(columns(state))
        lacking &= wanted_here(state) if lacking else lacking
        return attributed(loader, applied, lacking) if lacking else [], None
    except Exception as error:
        return [], failure(error)["message"]


def not_there(known):
    """Of tables and their columns those that are missing, as (table, column)."""
    names = {connection.ops.quote_name(table): table for table in known}
    there = {}
    with raw_cursor() as cursor:
        cursor.execute(COLUMNS, [list(names)])
        for name, column in cursor.fetchall():
            there.setdefault(names[name], set()).add(column)
    return {(table, column) for table in known for column in known[table] - there.get(table, set())}


def wanted_here(state):
    """What Django makes in this database: not what is swapped, or goes elsewhere."""
    from django.db import router

    found = set()
    for model in state.apps.get_models(include_swapped=True):
        if model._meta.can_migrate(connection) and router.allow_migrate_model(alias, model):
            found.update((model._meta.db_table, field.column) for field in model._meta.local_concrete_fields if field.db_type(connection))
    return found


def attributed(loader, applied, lacking):
    """The migrations by which these tables and columns came."""
    state, before, made_by = first_state(loader, True), {}, {}
    for key in applied:
        state = loader.graph.nodes[key].mutate_state(state, preserve=False)
        after = columns(state)
        for table, column in lacking:
            if column in after.get(table, ()) and column not in before.get(table, ()):
                made_by[table, column] = key
        before = after
    gone = {table for table in before if all((table, column) in lacking for column in before[table])}
    told = {}
    for (table, column), key in sorted(made_by.items()):
        what = "table {}".format(table) if table in gone else "column {}.{}".format(table, column)
        if what not in told.setdefault(key, []):
            told[key].append(what)
    return [{"migration": list(key), "what": told[key]} for key in applied if key in told]
