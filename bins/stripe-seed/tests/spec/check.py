"""Holds recorded requests against Stripe's published description of its API.

Stripe's own Python library is generated from that description. Its services say which methods and
paths there are, and its typed dictionaries which fields each of them takes. Nothing of the library
is run here: its source is parsed.

    check.py FOLDER_OF_THE_LIBRARY RECORD...

A record has a JSON object on each line: method, path, query and body, both as they travelled.
Prints what is wrong, a line each, and ends with 1 where anything is.
"""

import ast
import json
import re
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote

# What a list of these would say in one word.
NUMBER = re.compile(r"-?\d+(\.\d+)?")
INTEGER = re.compile(r"-?\d+")


class Library:
    """The source of Stripe's library: operations and the fields that they take."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.modules = {}
        self.fields = {}

    def version(self):
        """Returns the version of the API that it speaks."""
        text = (self.folder / "stripe/_api_version.py").read_text()
        return re.search(r'CURRENT = "([^"]+)"', text).group(1)

    def operations(self, roots):
        """Returns (method, template, type of the parameters) of everything below some paths."""
        found = []
        for path in sorted(self.folder.glob("stripe/**/*_service.py")):
            text = path.read_text()
            if any(f'"{root}' in text for root in roots):
                found.extend(self._operations_of(self._module(path)))
        return found

    def _module(self, path):
        if path not in self.modules:
            tree = ast.parse(path.read_text())
            imports = {}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    imports.update({alias.name: node.module for alias in node.names})
            named = {}
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    named[node.name] = node
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    named[node.targets[0].id] = node.value
            self.modules[path] = (tree, imports, named)
        return path

    def _operations_of(self, path):
        tree, _, _ = self.modules[path]
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            parameters = [arg for arg in function.args.args if arg.arg == "params"]
            for call in ast.walk(function):
                is_request = (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr == "_request"
                )
                if not is_request:
                    continue
                method, template = call.args[0].value, call.args[1]
                if isinstance(template, ast.Call):
                    template = template.func.value
                kind = self.kind(parameters[0].annotation, path) if parameters else ("none",)
                yield method.upper(), template.value, kind

    def kind(self, node, path):
        """Turns an annotation into what a value must be."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.kind(ast.parse(node.value, mode="eval").body, path)
        if isinstance(node, ast.Constant) and node.value is None:
            return ("none",)
        if isinstance(node, ast.BinOp):
            return union([self.kind(node.left, path), self.kind(node.right, path)])
        if isinstance(node, ast.Name):
            plain = {"str": "text", "int": "integer", "bool": "boolean"}
            plain.update({"float": "number", "Decimal": "number", "Any": "any"})
            return (plain[node.id],) if node.id in plain else ("object", path, node.id)
        name = node.value.id
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Literal":
            return ("words", [word.value for word in inner])
        if name in ("Dict", "Mapping"):
            return ("map", self.kind(inner[1], path))
        if name == "UntypedStripeObject":
            return ("map", self.kind(inner[0], path))
        kinds = [self.kind(one, path) for one in inner]
        if name in ("List", "Sequence"):
            return ("list", kinds[0])
        if name == "Optional":
            return union([*kinds, ("none",)])
        if name in ("Union", "NotRequired"):
            return union(kinds)
        raise ValueError(f"unknown annotation {ast.dump(node)} in {path}")

    def fields_of(self, path, name):
        """Returns the fields of a typed dictionary: name -> (kind, whether it is required)."""
        key = (path, name)
        if key not in self.fields:
            self.fields[key] = dict(self._fields_of(path, name))
        return self.fields[key]

    def _fields_of(self, path, name):
        _, imports, named = self.modules[path]
        if name not in named:
            module = self.folder / (imports[name].replace(".", "/") + ".py")
            yield from self.fields_of(self._module(module), name).items()
            return
        node = named[name]
        if isinstance(node, ast.Call):
            # TypedDict("Name", {...}), for fields whose names are words of Python.
            for field, annotation in zip(node.args[1].keys, node.args[1].values):
                yield field.value, self._field(annotation, path)
            return
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id not in ("TypedDict", "RequestOptions"):
                yield from self.fields_of(path, base.id).items()
        for field in node.body:
            if isinstance(field, ast.AnnAssign):
                yield field.target.id, self._field(field.annotation, path)

    def _field(self, annotation, path):
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        is_subscript = isinstance(annotation, ast.Subscript)
        is_optional = is_subscript and annotation.value.id == "NotRequired"
        return self.kind(annotation, path), not is_optional


def union(kinds):
    """Joins alternatives. Beside real words, "any text" is only the library's room for news."""
    flat = []
    for kind in kinds:
        flat.extend(kind[1] if kind[0] == "union" else [kind])
    if any(kind[0] == "words" and any(kind[1]) for kind in flat):
        flat = [kind for kind in flat if kind[0] != "text"]
    flat = [kind for kind in flat if kind[0] != "none"] or flat
    return flat[0] if len(flat) == 1 else ("union", flat)


def decode(text):
    """Turns a form or a query into dictionaries in each other, and returns what is broken too."""
    values, broken = {}, []
    for name, value in parse_qsl(text or "", keep_blank_values=True):
        match = re.fullmatch(r"([^\[\]]+)((?:\[[^\[\]]*\])*)", name)
        if not match:
            broken.append((name, "the brackets do not match"))
            continue
        keys = [match.group(1), *re.findall(r"\[([^\[\]]*)\]", match.group(2))]
        place = values
        for key in keys[:-1]:
            place = place.setdefault(key or str(len(place)), {}) if isinstance(place, dict) else {}
        key = keys[-1] or str(len(place)) if isinstance(place, dict) else None
        if key is None or key in place:
            broken.append((name, "it is there twice"))
        else:
            place[key] = value
    return values, broken


def check_value(library, value, kind, place):
    """Returns what is wrong with a value, as (place, reason)."""
    name = kind[0]
    if name == "union":
        tries = [check_value(library, value, one, place) for one in kind[1]]
        # The alternative that comes closest says what is wrong.
        return min(tries, key=lambda wrong: (depth(wrong, place), len(wrong)))
    if name == "object":
        return check_object(library, value, library.fields_of(kind[1], kind[2]), place)
    if name == "list":
        if not isinstance(value, dict):
            return [(place, f"{value!r} is no list")]
        if list(value) != [str(index) for index in range(len(value))]:
            return [(place, "it is no list counted from 0")]
        pairs = [(one, f"{place}[{index}]") for index, one in value.items()]
        return [wrong for one, where in pairs for wrong in check_value(library, one, kind[1], where)]
    if name == "map":
        if not isinstance(value, dict):
            return [(place, f"{value!r} is no map")]
        pairs = [(one, f"{place}[{key}]") for key, one in value.items()]
        return [wrong for one, where in pairs for wrong in check_value(library, one, kind[1], where)]
    if isinstance(value, dict):
        return [(place, f"it has parts, and ought to be {name}")]
    if name == "words":
        words = kind[1]
        return [] if value in words else [(place, f"{value!r} is none of {', '.join(words)}")]
    if name == "integer" and not INTEGER.fullmatch(value):
        return [(place, f"{value!r} is no integer")]
    if name == "number" and not NUMBER.fullmatch(value):
        return [(place, f"{value!r} is no number")]
    if name == "boolean" and value not in ("true", "false"):
        return [(place, f"{value!r} is neither true nor false")]
    return []


def depth(wrong, place):
    """Tells how far an alternative missed: what is wrong further within is a nearer miss."""
    return 0 if not wrong else 2 if any(where == place for where, _ in wrong) else 1


def check_object(library, value, fields, place=""):
    """Returns what is wrong with the fields of an object."""
    if not isinstance(value, dict):
        return [(place, f"{value!r} has no fields")]

    def inside(name):
        return f"{place}[{name}]" if place else name

    wrong = []
    for name, one in value.items():
        if name in fields:
            wrong.extend(check_value(library, one, fields[name][0], inside(name)))
        else:
            wrong.append((inside(name), "there is no such field"))
    missing = [name for name, (_, required) in fields.items() if required and name not in value]
    return wrong + [(inside(name), "it is required, and missing") for name in missing]


class Checker:
    """The operations that a record may use."""

    def __init__(self, library, records):
        self.library = library
        # Paths are looked for by their first two words, such as /v1/customers.
        roots = {"/".join(record["path"].split("/")[:3]) for record in records}
        self.table = []
        for method, template, kind in library.operations(roots):
            pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
            self.table.append((template.count("{"), method, template, re.compile(pattern), kind))
        # A path that is spelled out comes before one with a place for an id.
        self.table.sort(key=lambda row: row[0])

    def check(self, record):
        """Returns the operation that a record uses, and what is wrong with it."""
        path = unquote(record["path"])
        for _, method, template, pattern, kind in self.table:
            if method == record["method"].upper() and pattern.fullmatch(path):
                return f"{method} {template}", self._parameters(record, kind)
        return None, [("", "there is no such operation")]

    def _parameters(self, record, kind):
        query, body = record.get("query"), record.get("body")
        if record["method"].upper() == "POST" and query:
            return [("", "a POST has its parameters in its body")]
        values, wrong = decode("&".join(part for part in (query, body) if part))
        if kind == ("none",):
            return wrong + [(name, "there is no such field") for name in values]
        return wrong + check_value(self.library, values, kind, "")


def main(arguments):
    """Checks records and returns the exit code."""
    if len(arguments) < 2:
        print(__doc__.split("\n\n")[2].strip(), file=sys.stderr)
        return 2
    library = Library(arguments[0])
    records = []
    for path in arguments[1:]:
        lines = Path(path).read_text().splitlines()
        records.extend((f"{path}:{at}", json.loads(line)) for at, line in enumerate(lines, 1))
    checker = Checker(library, [record for _, record in records])
    operations, count = set(), 0
    for place, record in records:
        operation, wrong = checker.check(record)
        operations.add(operation)
        for where, reason in wrong:
            count += 1
            name = operation or f"{record['method']} {record['path']}"
            print(f"{place}: {name}: {where + ': ' if where else ''}{reason}")
    operations.discard(None)
    told = f"{len(records)} requests, {len(operations)} operations, API {library.version()}"
    print(f"{told}: {count} violations")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
