"""What migrations are recorded to have made, and the database does not have: somebody only said that they were applied.
And what it has already of those that are not recorded.

Looks at tables and columns. Whatever has the name of a table counts as one: a view may stand in its place.
"""

COLUMNS = """
SELECT wanted.name, a.attname FROM pg_catalog.unnest(%s::text[]) AS wanted (name)
JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(wanted.name)
WHERE a.attnum > 0 AND NOT a.attisdropped
"""


def held_against_database(loader):
    """Applied migrations of which something is not there, and what; others of which all is there; why that cannot be told."""
    applied = [key for key in full_plan(loader) if key in loader.applied_migrations]
    if not applied:
        return {"missing": [], "present": [], "there_unknown": None}
    try:
        return dict(compared(loader, applied), there_unknown=None)
    except Exception as error:
        return {"missing": [], "present": [], "there_unknown": failure(error)["message"]}


def compared(loader, applied):
    state = first_state(loader, True)
    for key in applied:
        state = loader.graph.nodes[key].mutate_state(state, preserve=False)
    made = pairs(state)
    steps, after = [], state.clone()
    for key in [key for key in full_plan(loader) if key not in loader.applied_migrations]:
        before = pairs(after)
        after = loader.graph.nodes[key].mutate_state(after, preserve=False)
        steps.append((key, pairs(after) - before, before - pairs(after)))
    there = those_there({table for table, _ in made.union(*(added for _, added, _ in steps))})
    present = [(key, gone) for key, added, gone in steps if added | gone and added <= there and not gone & there]
    lacking = made - there - {each for _, gone in present for each in gone}
    if lacking:
        lacking &= wanted_here(state)
    missing = attributed(loader, applied, lacking) if lacking else []
    return {"missing": missing, "present": [list(key) for key, _ in present]}


def pairs(state):
    """Tables and columns of the models, as (table, column)."""
    return {(table, column) for table, named in columns(state).items() for column in named}


def those_there(tables):
    """What these tables have in the database."""
    names = {connection.ops.quote_name(table): table for table in tables}
    with raw_cursor() as cursor:
        cursor.execute(COLUMNS, [list(names)])
        return {(names[name], column) for name, column in cursor.fetchall()}


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
