"""The SQL of what is pending, as far as it can be known before it runs, and plainly where it cannot."""

import re

REHEARSE = "rehearse it on a copy to see what it runs"


def tell_sql(order):
    """Tells of each operation of the wanted migrations the statements that it will run; with `all`, or ran, from nothing on."""
    wanted = {tuple(key) for key in order["migrations"]}
    loader = without_squashed(wanted)
    plan = [key for key in full_plan(loader) if order["all"] or key in wanted]
    if not plan:
        return wire.say("sql_end")
    state = first_state(loader, order["all"])
    state.apps
    collected = Collected()
    with connection.execute_wrapper(collected.introspected):
        for key in plan:
            if key in wanted:
                state = one_migration(loader.graph.nodes[key], state, collected)
            else:
                state = loader.graph.nodes[key].mutate_state(state, preserve=False)
    wire.say("sql_end")


class Collected:
    """What earlier migrations of the plan will have changed, and what was asked of the database as it is now."""

    def __init__(self):
        self.text = ""
        self.opaque = None
        self.asked = []

    def introspected(self, execute, sql, params, many, context):
        self.asked.extend(str(value) for value in (params or ()))
        return execute(sql, params, many, context)

    def doubt(self):
        """Why a statement may be another one when its turn comes, or None."""
        named = [name for name in self.asked if '"' + name + '"' in self.text]
        if named:
            return "it depends on what earlier migrations make of {}".format(named[0])
        return None


def one_migration(migration, state, collected):
    editor = connection.schema_editor(collect_sql=True, atomic=False)
    failed = None
    editor.deferred_sql = []
    for index, operation in enumerate(migration.operations):
        old = state.clone()
        operation.state_forwards(migration.app_label, state)
        begin, collected.asked = len(editor.collected_sql), []
        why = failed
        if not operation.reduces_to_sql:
            why = "its code decides what it runs: " + REHEARSE
        elif failed is None:
            try:
                operation.database_forwards(migration.app_label, editor, old, state)
            except Exception as error:
                why = failed = "Django can tell its SQL only when earlier migrations have run ({}): {}".format(
                    failure(error)["message"], REHEARSE)
        doubt = why or collected.doubt() or computed(operation)
        tell_statements(migration, index, statements(editor, begin), why, doubt, collected)
    begin, collected.asked = len(editor.collected_sql), []
    try:
        for statement in editor.deferred_sql:
            editor.execute(statement, None)
    except Exception as error:
        failed = failure(error)["message"]
    editor.deferred_sql = []
    tell_statements(migration, len(migration.operations), statements(editor, begin), None, failed, collected)
    return state


def computed(operation):
    """Whether a default is another one each time that it is asked for."""
    field = getattr(operation, "field", None)
    default = getattr(field, "default", None)
    now = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    if now or callable(default) and not isinstance(default, type):
        return "its default is computed when it runs"
    return None


def statements(editor, begin):
    texts = (text.strip() for text in editor.collected_sql[begin:])
    return [text.rstrip(";") for text in texts if text and not is_comment(text)]


def is_comment(text):
    return all(not line.strip() or line.strip().startswith("--") for line in text.split("\n"))


def tell_statements(migration, index, texts, opaque, doubt, collected):
    for text in texts:
        collected.text += text + "\n"
    if texts or opaque:
        wire.say("sql", migration=[migration.app_label, migration.name], operation=index, statements=texts, opaque=opaque, doubt=doubt)
