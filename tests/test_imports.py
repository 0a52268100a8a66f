"""Imports run one way, and no module imports itself through others."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = [
    {"scrubber.x12"},
    {"scrubber.claims"},
    {"scrubber.side_files"},
    {"scrubber.reference"},
    {"scrubber.severities"},
    {"scrubber.edit"},
    {"scrubber_edits", "scrubber.conformance"},
    {"scrubber.engine"},
    {"scrubber.outputs", "scrubber.history"},
    {"scrubber.running"},
    {"scrubber.expectations", "scrubber.testing", "scrubber.comparison"},
    {"scrubber.dropfolder", "scrubber.service"},
    {"scrubber.commands"},
    {"scrubber.cli", "scrubber.pytest_plugin"},
    {"scrubber.command_page", "scrubber.start"},
]
"""The layers: each may import those above it in this list. Add a new part of the package here."""

DROPFOLDER_DOOR = "scrubber.dropfolder.operations"
"""The one module of the drop folder that commands and the service may import."""

FOLDERS = {"scrubber": "scrubber", "scrubber_edits": "edits"}
"""Folders of this repository by the names that their modules are imported by."""

EDITS_MAY_IMPORT = ("scrubber.edit", "scrubber.claims", "scrubber.reference", "scrubber_edits")


def modules() -> dict[str, Path]:
    """Every module of the tool and of its edits by name."""
    found = {}
    for package, folder in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = (package, *path.relative_to(ROOT / folder).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module, parsed once for all tests."""
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path, package: str = "scrubber", *, at_import: bool = False) -> set[str]:
    """Own modules that a module of a package imports; with `at_import` only those loaded together with it."""
    return {name for node in _nodes(tree_of(path), at_import) for name in _names(node, package)}


def package_of(module: str) -> str:
    return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]


def _nodes(tree: ast.AST, at_import: bool) -> Iterator[ast.AST]:
    """All nodes; with `at_import` none within functions, nor after `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        late = isinstance(node, ast.FunctionDef) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        )
        if at_import and late:
            continue
        yield node
        yield from _nodes(node, at_import)


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
    elif isinstance(node, ast.ImportFrom):
        module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
        if module in MODULES:
            names = (f"{module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else module for name in names)


def layer(module: str) -> int:
    for depth, members in enumerate(LAYERS):
        if any(module == member or module.startswith(f"{member}.") for member in members):
            return depth
    raise AssertionError(f"{module} has no place in LAYERS")


@pytest.mark.parametrize("module", [name for name in MODULES if name != "scrubber"])
def test_imports_point_downwards(module: str) -> None:
    wrong = {
        name
        for name in imported(MODULES[module], package_of(module))
        if name != "scrubber" and layer(name) > layer(module)
    }
    assert not wrong


@pytest.mark.parametrize(
    "module", [name for name in MODULES if name.startswith(("scrubber.commands", "scrubber.service"))]
)
def test_commands_and_service_import_nothing_of_the_drop_folder_but_its_operations(module: str) -> None:
    names = imported(MODULES[module], package_of(module))
    assert {name for name in names if name.startswith("scrubber.dropfolder")} <= {DROPFOLDER_DOOR}


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("scrubber_edits")])
def test_edits_import_nothing_but_what_edits_need(module: str) -> None:
    wrong = {name for name in imported(MODULES[module], package_of(module)) if not name.startswith(EDITS_MAY_IMPORT)}
    assert not wrong


@pytest.mark.parametrize("path", sorted((ROOT / "edits").glob("*.py")), ids=lambda path: path.stem)
def test_edits_import_one_another_relatively(path: Path) -> None:
    """Their folder and their installed package have different names; mypy knows the one, Python the other."""
    names = {name for node in ast.walk(tree_of(path)) for name in _absolute(node)}
    assert not names & {"edits", "scrubber_edits"}


def _absolute(node: ast.AST) -> Iterator[str]:
    """The top-level names that an import names."""
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield str(node.module).partition(".")[0]


def test_no_imports_go_in_a_circle() -> None:
    imports = {name: imported(path, package_of(name), at_import=True) for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for inner in sorted(imports[name]):
                visit(inner, (*above, name))
            done.add(name)

    for name in imports:
        visit(name, ())


def test_the_circle_finder_sees_late_imports(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("import scrubber.x12\ndef f():\n    from scrubber.claims import model\n")
    assert imported(source) == {"scrubber.x12", "scrubber.claims.model"}
    assert imported(source, at_import=True) == {"scrubber.x12"}


def test_the_circle_finder_sees_relative_imports(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("from . import jwjz\nfrom .ndc import ndc_missing\n")
    assert imported(source, "scrubber_edits") == {"scrubber_edits.jwjz", "scrubber_edits.ndc"}
