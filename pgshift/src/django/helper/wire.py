"""pgshift inside of a Django project's interpreter: asked and told over stdin and stdout, one JSON object a line.

Nothing is written into the project. What the project prints goes to stderr. All files of this directory are one program,
run in the order in which pgshift puts them together; they have to run on Python 3.6 and Django 3.2.
"""

import json
import os
import queue
import signal
import sys
import threading

# What is longer is cut where it is only shown.
SHOWN = 4000


class Refused(Exception):
    """Something that the reader can do something about."""

    def __init__(self, code, message, causes=(), hint=None):
        super().__init__(message)
        self.fields = {"code": code, "message": message, "causes": list(causes), "hint": hint}


class Wire:
    """The two pipes to pgshift. When it is gone, this process ends at once: nobody watches over it any more."""

    def __init__(self):
        self.output = os.fdopen(os.dup(1), "wb")
        source = os.fdopen(os.dup(0), "rb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.close(nothing)
        sys.stdin, sys.stdout = open(os.devnull), sys.stderr
        self.inbox = queue.Queue()
        self.process = os.getpid()
        threading.Thread(target=self.read, args=(source,), daemon=True).start()

    def read(self, source):
        for line in source:
            self.inbox.put(json.loads(line.decode("utf-8")))
        os._exit(0)

    def say(self, what, **fields):
        self.pass_on(json.dumps(dict(fields, say=what), ensure_ascii=False, default=str).encode("utf-8", "replace"))

    def pass_on(self, line):
        self.only_here()
        try:
            self.output.write(line + b"\n")
            self.output.flush()
        except OSError:
            os._exit(0)

    def hear(self):
        self.only_here()
        return self.inbox.get()

    def only_here(self):
        """A child that the project forked has no say: it would end or go on with what its parent is at."""
        if os.getpid() != self.process:
            sys.stderr.write("pgshift: a process that a migration forked came back out of it: it ends here\n")
            sys.stderr.flush()
            os._exit(1)

    def ask(self, what, **fields):
        """Says something that pgshift answers. Before the answer it may want to look at the database."""
        self.say(what, **fields)
        while True:
            answer = self.hear()
            if answer["do"] == "look":
                self.say("rows", **look(answer["sql"]))
            else:
                return answer


def look(sql):
    """What a query of pgshift's gives, as text."""
    try:
        with raw_cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall()
    except Exception as error:
        return {"error": failure(error), "rows": []}
    return {"error": None, "rows": [[None if value is None else shown_value(value) for value in row] for row in rows]}


def shown_value(value):
    return {True: "t", False: "f"}[value] if isinstance(value, bool) else str(value)


def failure(error):
    """An exception: what kind, what it says, what the server says, and where in the project it was."""
    # Django's DatabaseError has the driver's as its cause.
    inner = error
    while getattr(inner, "diag", None) is None and inner.__cause__ is not None:
        inner = inner.__cause__
    diag = getattr(inner, "diag", None)
    server = None
    if diag is not None and getattr(diag, "sqlstate", None):
        fields = [("message", "message_primary"), ("detail", "message_detail"), ("hint", "message_hint"), ("context", "context")]
        server = {name: getattr(diag, field, None) for name, field in fields}
        server["sqlstate"] = diag.sqlstate
    kind = type(error).__name__
    text = str(error).strip().split("\n")
    return {
        "kind": kind,
        "message": (kind + ": " + text[0] if text[0] else kind)[:SHOWN],
        "server": server,
        "memory": isinstance(error, MemoryError) or "out of memory" in str(error).lower(),
        "places": places(error),
    }


def write_new(path, text):
    """Writes a file of the project that is not there yet; what cannot be written whole does not stay."""
    try:
        file = open(path, "x", encoding="utf-8")
    except FileExistsError:
        raise Refused("usage", "there is a file {} by now".format(near(path)), [], "somebody else was faster: look at it first")
    except OSError as error:
        raise Refused("project", "cannot write {}".format(near(path)), [str(error)])
    try:
        with file:
            file.write(text)
    except OSError as error:
        os.remove(path)
        raise Refused("project", "cannot write {}".format(near(path)), [str(error)])
    except BaseException:
        os.remove(path)
        raise


def places(error):
    """The last lines of the project's own code on the way to the error, innermost first."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, SyntaxError) and error.filename:
        frames.append(traceback.FrameSummary(error.filename, error.lineno or 0, "", line=(error.text or "").strip()))
    own = [frame for frame in frames if is_own(frame.filename)]
    return ["{}:{}: {}".format(near(frame.filename), frame.lineno, (frame.line or "")[:200]) for frame in own[:-4:-1]]


def is_own(path):
    """Whether a file belongs to the project, and not to a library or to us."""
    if path.startswith("<"):
        return False
    parts = os.path.abspath(path).split(os.sep)
    library = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
    return not ("site-packages" in parts or "dist-packages" in parts or os.path.abspath(path).startswith(library))


sys.dont_write_bytecode = True  # The project's directories stay as they are.
signal.signal(signal.SIGINT, signal.SIG_IGN)
wire = Wire()
