"""The key under which compiled code is kept: it changes with whatever compiled code is made from.

A compiled function is made from its own module and, since callees and constants are compiled into it, from any module
that this one imports. All of them are found by following imports, whatever folder they are in.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGES = ("sim", "agents")
HARMLESS = {"CACHE", "COMPILED", "is_warm"}  # names of the compiler module that compile nothing

Import = tuple[str, str | None]  # a module, and the name taken from it: None for the module itself


def module_files(root: Path, packages: Iterable[str] = PACKAGES) -> dict[str, Path]:
    """All modules below the packages by dotted name; a package is its `__init__`."""
    found = {}
    for file in sorted(file for package in packages for file in (root / package).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def text_digest(files: dict[str, Path]) -> str:
    """A hash of all texts as they stand: quick to make, and with it a source key can be remembered."""
    parts = (hashlib.sha256(file.read_bytes()).hexdigest() + name for name, file in files.items())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def source_key(root: Path, compiler: str) -> str:
    """A hash of all modules that compiled code is made from, but for their comments and docstrings.

    Parameters
    ----------
    root : Path
        The folder that holds the packages `sim` and `agents`.
    compiler : str
        The dotted name of the module that compiles.
    """
    sources = _Sources(module_files(root))
    parts = (f"{name}:{_meaning(sources.tree(name))}" for name in sorted(_reached(sources, compiler)))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def reached_modules(root: Path, compiler: str) -> set[str]:
    """The dotted names of all modules that compiled code is made from."""
    return _reached(_Sources(module_files(root)), compiler)


class _Sources:
    """Modules, each read and parsed at most once."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.files = files
        self._trees: dict[str, ast.Module] = {}

    def tree(self, name: str) -> ast.Module:
        if name not in self._trees:
            self._trees[name] = ast.parse(self.files[name].read_bytes())
        return self._trees[name]

    def mentions(self, name: str, word: str) -> bool:
        return word.encode() in self.files[name].read_bytes()

    def is_package(self, name: str) -> bool:
        return name in self.files and self.files[name].stem == "__init__"

    def imports(self, name: str) -> Iterator[Import]:
        """What a module imports, at its top and within functions."""
        for node in ast.walk(self.tree(name)):
            if isinstance(node, ast.Import):
                yield from ((alias.name, None) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                source = self._source(name, node)
                yield from ((source, alias.name) for alias in node.names)

    def _source(self, name: str, node: ast.ImportFrom) -> str:
        """The absolute name of the module that a `from` names."""
        if node.level == 0:
            return node.module or ""
        parts = name.split(".")
        parts = parts[: len(parts) - node.level + self.is_package(name)]
        return ".".join([*parts, node.module] if node.module else parts)

    def module_of(self, source: str, name: str | None) -> str:
        """The module that an import names: `from a import b` may mean the module `a.b`."""
        return f"{source}.{name}" if f"{source}.{name}" in self.files else source


def _reached(sources: _Sources, compiler: str) -> set[str]:
    todo = {compiler} | _defining_compiled(sources, compiler)
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name in sources.files and name not in reached:
            reached.add(name)
            todo.add(name.rpartition(".")[0])  # importing a.b runs a too
            todo |= {sources.module_of(*imported) for imported in sources.imports(name)}
    return reached


def _defining_compiled(sources: _Sources, compiler: str) -> set[str]:
    """The modules that import what compiles, from the compiler module or from a package that hands it on."""
    defining: set[str] = set()
    givers = [compiler]
    while givers:
        giver = givers.pop()
        word = giver.rpartition(".")[2]
        for name in sources.files.keys() - defining - {compiler}:
            # to look for the word is quick, and spares most modules the parsing; a relative import may not have it
            inside = sources.is_package(giver) and name.startswith(f"{giver}.")
            if (inside or sources.mentions(name, word)) and _takes_from(sources, name, giver):
                defining.add(name)
                givers += [name] if sources.is_package(name) else []
    return defining


def _takes_from(sources: _Sources, name: str, giver: str) -> bool:
    for source, taken in sources.imports(name):
        if sources.module_of(source, taken) == giver and (source != giver or taken not in HARMLESS):
            return True
    return False


def _meaning(tree: ast.Module) -> str:
    """A module as Python understands it, without positions and texts that stand by themselves."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            setattr(node, "body", [one for one in body if not _is_text(one)])  # noqa: B010 - nodes have no common type
    return ast.dump(tree)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
