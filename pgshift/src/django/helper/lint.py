"""What is to be said of migrations before they run. Whether it matters, pgshift judges: it knows how large tables are."""

import re

CONTENT_TYPE = '''ContentType = apps.get_model("contenttypes", "ContentType")
content_type, _ = ContentType.objects.using(schema_editor.connection.alias).get_or_create(
    app_label=Model._meta.app_label, model=Model._meta.model_name)
# dependencies: ("contenttypes", "0002_remove_content_type_name")'''
ITERATE = '''for row in Model.objects.using(db).order_by("pk").iterator(chunk_size=1000):
    …
# or, where rows are changed, by keys: list(rows.values_list("pk", flat=True)[:1000]), and rows.filter(pk__in=keys).update(…)'''
CHANGES = re.compile(r'\s*(?:insert\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|merge\s+into|copy)\s+("[^"]+"(?:\."[^"]+")?|[\w.]+)', re.I)
ALTERS = re.compile(r'\s*(?:alter\s+table|drop\s+table)(?:\s+if\s+exists)?(?:\s+only)?\s+("[^"]+"(?:\."[^"]+")?|[\w.]+)', re.I)
DROPS = re.compile(ALTERS.pattern + r'\s+drop\s+(?:column\s+)?(?:if\s+exists\s+)?("[^"]+"|\w+)\s*(?:cascade|restrict)?\s*;?\s*$', re.I)


def tell_lint(order):
    """Tells of the wanted migrations what speaks against them. With `all`, each is judged as if it came next."""
    wanted = {tuple(key) for key in order["migrations"]}
    loader = without_squashed(wanted)
    # What was squashed and what stands in its place do not both come.
    coming = [key for key in full_plan(loader) if loader.replace_migrations or key in wanted]
    plan = [key for key in coming if order["all"] or key not in loader.applied_migrations]
    state = first_state(loader, order["all"])
    old = columns(state)
    for key in plan:
        migration = loader.graph.nodes[key]
        if key in wanted:
            one = Judged(migration, loader)
            state = one.walk(state, columns(state) if order["all"] else old)
            one.tell()
        else:
            state = migration.mutate_state(state, preserve=False)
    wire.say("lint_end")


def first_state(loader, everything):
    from django.db.migrations.state import ProjectState

    if everything:
        return ProjectState(real_apps=loader.unmigrated_apps)
    return make_executor()._create_project_state(with_applied_migrations=True)


class Judged:
    """A migration that is judged."""

    def __init__(self, migration, loader):
        self.migration = migration
        module = sys.modules[migration.__module__]
        self.package = migration.__module__.rpartition(".")[0]
        self.source = Source(module.__file__)
        self.remarks, self.places, self.data, self.schema, self.referred = [], [], [], [], []

    def walk(self, state, old):
        imported = self.imported()
        nodes = self.source.operations
        if len(nodes) != len(self.migration.operations):
            nodes = [None] * len(self.migration.operations)
        app = self.migration.app_label
        for operation, node in zip(self.migration.operations, nodes):
            place = self.place_of(node)
            self.places.append(place)
            for each in in_database(operation):
                self.operation(each, app, state, old, place, imported)
            operation.state_forwards(app, state)
        self.mixed()
        return state

    def place_of(self, node):
        if node is None:
            return {"line": 1, "column": 1, "comments": self.source.said_of_file()}
        said = self.source.said(node.lineno, last_line(node))
        return {"line": node.lineno, "column": node.col_offset + 1, "comments": said + self.source.said_of_file()}

    def at(self, node, operation_place):
        """A place in a function of this file; the operation's own comments count there, too."""
        place = self.place_of(node)
        place["comments"] = place["comments"] + (operation_place["comments"] if operation_place else [])
        return place

    def remark(self, rule, place, text, why, tables=(), recipe=None):
        """`tables` is None where nobody can tell which."""
        named = None if tables is None else sorted(tables)
        self.remarks.append(dict(place, rule=rule, text=text[:SHOWN], tables=named, why=why, recipe=recipe))

    def operation(self, operation, app, state, old, place, imported):
        from django.db import migrations

        text = describe_operation(operation)
        if isinstance(operation, migrations.RunPython):
            return self.python(operation, state, old, place, imported)
        if isinstance(operation, migrations.RunSQL):
            return self.sql(operation, old, place)
        if is_concurrent(operation) and self.migration.atomic:
            self.remark("ban-concurrent-index-creation-in-transaction", place, text,
                        "it cannot run in a transaction, and the migration is one: it fails", recipe="atomic = False")
        model = model_of(operation, app, state)
        table = table_of(model) if model else None
        touched = {table} & set(old)
        if isinstance(operation, migrations.CreateModel):
            for _, field in operation.fields if not isinstance(operation.fields, dict) else operation.fields.items():
                self.referred.extend(self.referenced(field, app, state) & set(old))
        if type(operation).__name__ not in ("AlterModelOptions", "AlterModelManagers", "AlterOrderWithRespectTo"):
            self.schema.extend(touched)
        for rule, table, why, recipe in remarks_of(operation, app, state, old):
            self.remark(rule, place, text, why, [table], recipe)

    def referenced(self, field, app, state):
        target = getattr(getattr(field, "remote_field", None), "model", None)
        if target is None or column_of("", field) is None:
            return set()
        named = target if isinstance(target, str) else target._meta.label
        key = tuple(named.lower().split(".")) if "." in named else (app, named.lower())
        model = state.models.get((key[0], key[1]))
        return {table_of(model)} - {None} if model else set()

    def python(self, operation, state, old, place, imported):
        from django.db.migrations import RunPython

        text = describe_operation(operation)
        if operation.code is RunPython.noop:
            return
        back = self.source.function(operation.reverse_code) if operation.reverse_code else None
        if not operation.reversible:
            self.remark("django-irreversible", place, text, "there is no way back: revert stops here",
                        recipe="migrations.RunPython({}, migrations.RunPython.noop),".format(getattr(operation.code, "__name__", "…")))
        elif back is not None and only_raises(back):
            self.remark("django-irreversible", place, text,
                        "its way back only fails: nobody is told before it runs that there is none",
                        recipe="migrations.RunPython({}),  # Django says itself that it cannot be reversed".format(getattr(operation.code, "__name__", "…")))
        function = self.source.function(operation.code)
        seen, works = set(), []
        for each in self.source.with_called(function) if function else ():
            reading = Reading(each, imported)
            for work in reading.works():
                if id(work.node) not in seen:
                    seen.add(id(work.node))
                    works.append((work, self.tables(work.models, state, old)))
        every = set()
        unknown = function is None
        for work, tables in works:
            if work.at_once:
                why = "all rows come into memory at once" if work.kind == "loop" else "all rows are changed by one statement, and stay locked until its end"
                self.remark("django-unbatched", self.at(work.node, place), text, why, tables, ITERATE)
            if tables is None:
                unknown = True
            else:
                every |= tables
        self.data.append((place, text, None if unknown and not every else every))
        if self.migration.atomic and (every or works):
            self.remark("django-long-transaction", place, text,
                        "it goes through the table in one transaction: the rows that it changes stay locked until its end",
                        every or None, "atomic = False  # and each batch in a transaction of its own: with transaction.atomic(using=db)")

    def tables(self, models, state, old):
        if models is None:
            return None
        found = {table_of(state.models[key]) for key in ((app, name) for app, name in models) if key in state.models}
        return found & set(old)

    def sql(self, operation, old, place):
        if not operation.sql:
            return
        text = describe_operation(operation)
        statements = [operation.sql] if isinstance(operation.sql, str) else [each if isinstance(each, str) else each[0] for each in operation.sql]
        if not operation.reversible:
            self.remark("django-irreversible", place, text, "there is no way back: revert stops here", recipe="migrations.RunSQL(…, migrations.RunSQL.noop),")
        gone = []
        for sql in (one for each in statements for one in connection.ops.prepare_sql_script(each)):
            changed, altered_table, dropped = CHANGES.match(sql), ALTERS.match(sql), DROPS.match(sql)
            if changed:
                self.data.append((place, text, {plain_name(changed.group(1))} & set(old)))
            if altered_table:
                self.schema.extend({plain_name(altered_table.group(1))} & set(old))
            if dropped:
                gone.append(plain_name(dropped.group(2)) not in old.get(plain_name(dropped.group(1)), ()))
        if gone and all(gone):
            # No model has the columns any more.
            place["settled"] = ["ban-drop-column"]

    def mixed(self):
        if not (self.migration.atomic and self.data and (self.schema or self.referred)):
            return
        place, text, tables = self.data[0]
        if not self.schema:
            return self.remark("django-data-and-schema", place, text, "new tables refer to others in the same transaction: nobody can write to those until all rows are done",
                               self.referred, "# two migrations: one for the schema, one for the rows")
        # Nobody can use the altered tables while rows are worked on, whichever these are.
        self.remark("django-data-and-schema", place, text, "tables are altered in the same transaction: nobody can use them until all rows are done",
                    set(self.schema) | (tables or set()), "# two migrations: one for the schema, one for the rows")

    def imported(self):
        """Tells of models that are imported; returns them by their name in the file."""
        import ast

        found, types = {}, {}
        for node, name, thing, module in self.source.imports(self.package):
            last = module.rpartition(".")[2]
            if last == "signals" and not module.startswith("django."):
                self.said("django-imported-model", node, "signals know the models of today, not those of this migration: what they send and hear breaks later")
            if is_model(thing):
                key = (thing._meta.app_label, thing._meta.model_name)
                found[name] = key
                types[name] = (node, thing)
            elif isinstance(node, ast.Import) and last == "models" and not module.startswith("django.db"):
                self.attributes(node, name, sys.modules.get(module))
        self.content_types(types)
        for name, (node, thing) in types.items():
            self.said("django-imported-model", node, "{} is the model of today, not the one of this migration: it breaks when the model changes".format(thing.__name__),
                      "{} = apps.get_model({!r}, {!r})".format(name, thing._meta.app_label, thing.__name__))
        return found

    def said(self, rule, node, why, recipe=None):
        line = self.source.lines[node.lineno - 1].strip()
        self.remark(rule, self.place_of(node), line, why, recipe=recipe)

    def attributes(self, node, name, module):
        """Models that are used as app.models.Name."""
        import ast

        for each in ast.walk(self.source.tree):
            if isinstance(each, ast.Attribute) and each.attr in MANAGERS:
                names = dotted(each)[0]
                if len(names) > 2 and ".".join(str(one) for one in names[:-2]) == name and is_model(getattr(module, names[-2], None)):
                    self.said("django-imported-model", each, "{} is the model of today, not the one of this migration: it breaks when the model changes".format(names[-2]),
                              "apps.get_model({!r}, {!r})".format(getattr(module, names[-2])._meta.app_label, names[-2]))

    def content_types(self, types):
        """get_for_model gives content types of today, which historical models refuse."""
        import ast

        own = {name for name, (_, thing) in types.items() if thing._meta.label == "contenttypes.ContentType"}
        bad = set()
        for function in [node for node in self.source.tree.body if isinstance(node, ast.FunctionDef)] if own else ():
            assigned = [target for node in ast.walk(function) if isinstance(node, ast.Assign) for target in node.targets]
            historic = {target.id for target in assigned if isinstance(target, ast.Name)}
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    names = dotted(node)[0]
                    if names[-1] in ("get_for_model", "get_for_models") and names[0] in own - historic:
                        bad.add(names[0])
                        self.said("django-content-type", node, "it gives a content type of today, which historical models refuse: it fails with ValueError when it is assigned", CONTENT_TYPE)
        for name in bad:
            del types[name]

    def tell(self):
        key = [self.migration.app_label, self.migration.name]
        wire.say("lint", migration=key, places=self.places, remarks=self.remarks, comments=self.source.said_of_file())


def plain_name(text):
    """A name as SQL has it, without its schema."""
    last = text.split('"."')[-1].strip('"') if '"' in text else text.rpartition(".")[2].lower()
    return last
