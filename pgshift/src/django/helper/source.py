"""What a file of migrations says, read as text: its operations, its comments, what it imports, what its functions do to tables."""

# What ends a query without all of its rows coming over.
FEW = {"iterator", "first", "last", "get", "earliest", "latest", "count", "exists", "aggregate", "in_bulk", "create", "get_or_create",
       "update_or_create", "bulk_create", "update", "delete", "aiterator"}
# What makes all rows come over at once, or goes through them.
TAKES = {"list", "tuple", "set", "sorted", "enumerate", "reversed", "tqdm", "iter"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
PARTS = ("__in", "__range", "pk__gt", "pk__gte", "id__gt", "id__gte")


def parsed(path):
    """The file's text and its syntax tree; nothing when it cannot be read."""
    import ast

    try:
        with open(path, "rb") as file:
            data = file.read()
        return data, ast.parse(data)
    except (OSError, SyntaxError, ValueError):
        return b"", None


def operation_nodes(tree):
    """The operations where they are written as one list; nothing where they are not."""
    import ast

    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            for each in node.body:
                targets = each.targets if isinstance(each, ast.Assign) else []
                if any(isinstance(target, ast.Name) and target.id == "operations" for target in targets):
                    return getattr(each.value, "elts", [])
    return []


def last_line(node):
    import ast

    return max([getattr(each, "end_lineno", None) or getattr(each, "lineno", 0) for each in ast.walk(node)] or [0])


class Source:
    """One file."""

    def __init__(self, path):
        import io
        import tokenize

        self.path = path
        data, self.tree = parsed(path)
        self.lines = data.decode("utf-8", "replace").split("\n")
        self.comments = {}
        try:
            for token in tokenize.tokenize(io.BytesIO(data).readline):
                if token.type == tokenize.COMMENT:
                    self.comments[token.start[0]] = token.string.lstrip("#").strip()
        except (tokenize.TokenError, SyntaxError):
            pass
        self.operations = operation_nodes(self.tree)

    def said(self, first, last):
        """The comments in these lines, and in the lines right before them that say nothing else."""
        said = [self.comments[line] for line in range(first, last + 1) if line in self.comments]
        line = first - 1
        while line in self.comments and self.lines[line - 1].strip().startswith("#"):
            said.insert(0, self.comments[line])
            line -= 1
        return said

    def said_of_file(self):
        return [text for text in self.comments.values() if text.startswith("pgshift:") and "ignore-file" in text]

    def function(self, code):
        """The definition of a function that this file has, or None."""
        import ast

        code = getattr(code, "func", code)  # As functools.partial keeps it.
        inner = getattr(code, "__code__", None)
        if inner is None or self.tree is None or os.path.abspath(inner.co_filename) != os.path.abspath(self.path):
            return None
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef) and node.name == inner.co_name:
                first = min([node.lineno] + [each.lineno for each in node.decorator_list])
                if first == inner.co_firstlineno:
                    return node
        return None

    def with_called(self, function):
        """The function and those of the same file that it calls."""
        import ast

        own = {node.name: node for node in (self.tree.body if self.tree else ()) if isinstance(node, ast.FunctionDef)}
        found, todo = [], [function]
        while todo:
            node = todo.pop()
            if node in found:
                continue
            found.append(node)
            called = [each.func.id for each in ast.walk(node) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)]
            todo.extend(own[name] for name in called if name in own)
        return found

    def imports(self, package):
        """What the file takes from elsewhere: (node, name here, the thing or None, the module)."""
        import ast

        for node in ast.walk(self.tree) if self.tree else ():
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.asname or alias.name, None, alias.name
            elif isinstance(node, ast.ImportFrom):
                base = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
                module = ".".join(base + ([node.module] if node.module else []))
                for alias in node.names:
                    yield node, alias.asname or alias.name, getattr(sys.modules.get(module), alias.name, None), module


def is_model(thing):
    """Whether it is a model that has a table."""
    from django.db.models import Model

    return isinstance(thing, type) and issubclass(thing, Model) and hasattr(thing, "_meta") and not thing._meta.abstract


def dotted(node):
    """The names of a chain such as a.b.c(), without what it is called with; the first is None where it is no name."""
    import ast

    names, keywords, sliced = [], [], False
    while True:
        if isinstance(node, ast.Call):
            keywords += [keyword.arg for keyword in node.keywords if keyword.arg]
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            sliced = True
            node = node.value
        else:
            names.append(node.id if isinstance(node, ast.Name) else None)
            return names[::-1], keywords, sliced


class Work:
    """Rows of a whole table that a function goes through."""

    def __init__(self, node, models, kind, at_once):
        self.node, self.models, self.kind, self.at_once = node, models, kind, at_once


class Reading:
    """What a function asks of tables. `imported` are the models that the file imports, by their name there."""

    def __init__(self, function, imported):
        import ast

        self.function, self.named, self.variables, self.mentioned = function, dict(imported), {}, set(imported.values())
        for node in ast.walk(function):
            model = historical(node)
            if model:
                self.mentioned.add(model)
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if historical(node.value):
                    self.named[name] = historical(node.value)
                else:
                    self.variables.setdefault(name, node.value)

    def works(self):
        import ast

        found = []

        def visit(node, loops):
            sources = []
            if isinstance(node, ast.For):
                sources = [node.iter]
            elif isinstance(node, ast.comprehension):
                sources = [node.iter]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TAKES:
                sources = node.args[:1]
            elif isinstance(node, ast.Call):
                found.extend(self.changed(node, loops))
            for source in sources:
                found.extend(self.taken(source, loops))
            inner = loops + [node] if isinstance(node, (ast.For, ast.While)) else loops
            for child in ast.iter_child_nodes(node):
                visit(child, inner)

        visit(self.function, [])
        return found

    def models_of(self, name):
        """Which models it may be; None when nobody can tell."""
        if name in self.named:
            return {self.named[name]}
        return self.mentioned or None

    def taken(self, source, loops):
        """All rows that are gone through."""
        import ast

        while isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id in TAKES and source.args:
            source = source.args[0]
        if isinstance(source, ast.Name) and source.id in self.variables:
            place, source = source, self.variables[source.id]
        else:
            place = source
        names, keywords, sliced = dotted(source)
        if not MANAGERS & set(names[1:]) or sliced or self.depends(source, loops):
            return []
        if any(keyword.endswith(PARTS) for keyword in keywords):
            return []
        chunked = "iterator" in names
        if not chunked and FEW & set(names):
            return []
        return [Work(place, self.models_of(names[0]), "loop", not chunked)]

    def changed(self, call, loops):
        """All rows that one statement changes."""
        names, keywords, sliced = dotted(call)
        if names[-1] not in ("update", "delete") or not MANAGERS & set(names[1:]) or loops:
            return []
        if "get" in names or any(keyword.endswith(PARTS) for keyword in keywords):
            return []
        return [Work(call, self.models_of(names[0]), names[-1], True)]

    def depends(self, source, loops):
        """Whether it asks for what belongs to one row of a loop around it."""
        import ast

        outer = set()
        for loop in loops:
            if isinstance(loop, ast.While):
                return True
            if self.taken(loop.iter, []):
                outer |= {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
        return any(isinstance(node, ast.Name) and node.id in outer for node in ast.walk(source))


def historical(node):
    """The model of `apps.get_model("app", "Model")`, or None."""
    import ast

    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_model"):
        return None
    said = list(node.args) + [keyword.value for keyword in node.keywords]
    words = [each.value if hasattr(each, "value") else getattr(each, "s", None) for each in said]
    if not words or not all(isinstance(word, str) for word in words):
        return None
    parts = words[0].split(".") if len(words) == 1 else words[:2]
    return (parts[0], parts[1].lower()) if len(parts) == 2 else None


def only_raises(function):
    """Whether all that it does is to refuse."""
    import ast

    body = [node for node in function.body if not (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call))]
    return len(body) == 1 and isinstance(body[0], ast.Raise)
