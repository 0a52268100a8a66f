"""Imports run one way, from what knows much to what knows little; no module imports itself by a detour."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAYERS = [
    {"scrubber.x12"},
    {"scrubber.claims"},
    {"scrubber.reference"},
    {"scrubber.edit"},
    {"edits", "scrubber.conformance"},
    {"scrubber.engine"},
    {"scrubber.outputs"},
    {"scrubber.running"},
    {"scrubber.expectations"},
    {"scrubber.dropfolder"},
    {"scrubber.commands"},
    {"scrubber.cli", "scrubber.pytest_plugin"},
]
"""Who knows whom: a layer may import those above it in this list. A new part of the package goes in here."""

DROPFOLDER_DOOR = "scrubber.dropfolder.operations"
"""The one module of the drop folder that commands may import."""

UNTIL_ONE_DOOR = {"scrubber.dropfolder.worker": {"scrubber.commands.console", "scrubber.commands.options"}}
"""Imports that go when commands and workers get their engine from one set of options below both."""

EDITS_MAY_IMPORT = ("scrubber.edit", "scrubber.claims", "scrubber.reference")


def modules() -> dict[str, Path]:
    """Every module of the tool and of its edits by name."""
    found = {}
    for folder in ("scrubber", "edits"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path, *, at_import: bool = False) -> set[str]:
    """Own modules that a module imports; with `at_import` only those loaded together with it."""
    return {name for node in _nodes(ast.parse(path.read_text()), at_import) for name in _names(node)}


def _nodes(tree: ast.AST, at_import: bool) -> Iterator[ast.AST]:
    """All nodes; with `at_import` none within functions, nor behind `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        late = isinstance(node, ast.FunctionDef) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        )
        if at_import and late:
            continue
        yield node
        yield from _nodes(node, at_import)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
    elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in MODULES else node.module


def layer(module: str) -> int:
    for depth, members in enumerate(LAYERS):
        if any(module == member or module.startswith(f"{member}.") for member in members):
            return depth
    raise AssertionError(f"{module} has no place in LAYERS")


@pytest.mark.parametrize("module", [name for name in MODULES if name != "scrubber"])
def test_imports_point_downwards(module: str) -> None:
    wrong = {name for name in imported(MODULES[module]) if name != "scrubber" and layer(name) > layer(module)}
    assert not wrong - UNTIL_ONE_DOOR.get(module, set())


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("scrubber.commands")])
def test_commands_import_nothing_of_the_drop_folder_but_its_operations(module: str) -> None:
    assert {name for name in imported(MODULES[module]) if name.startswith("scrubber.dropfolder")} <= {DROPFOLDER_DOOR}


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("edits")])
def test_edits_import_nothing_but_what_edits_need(module: str) -> None:
    wrong = {name for name in imported(MODULES[module]) if not name.startswith((*EDITS_MAY_IMPORT, "edits"))}
    assert not wrong


def test_no_circles() -> None:
    imports = {name: imported(path, at_import=True) for name, path in MODULES.items()}
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
