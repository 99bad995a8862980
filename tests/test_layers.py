"""Data goes down one list, and imports with it: no cycle, no torch where none belongs."""

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "generator"
TORCH_LIVES_IN = ("detr", "training", "inference", "grading")


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imports_of(path: Path, *, lazy: bool) -> set[str]:
    """What a module imports when it is imported; with `lazy`, inside functions too."""
    tree = ast.parse(path.read_text())
    nodes = ast.walk(tree) if lazy else _top_level(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _top_level(tree: ast.Module) -> list[ast.stmt]:
    """Statements that run on import; `if TYPE_CHECKING` does not."""
    statements: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        statements.append(node)
    return statements


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def graph(*, lazy: bool) -> dict[str, set[str]]:
    return {
        name: {other for other in imports_of(path, lazy=lazy) if other in MODULES} - {name}
        for name, path in MODULES.items()
    }


def find_cycle(edges: dict[str, set[str]]) -> list[str]:
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        for other in sorted(edges.get(name, ())):
            cycle = visit(other, [*trail, name])
            if cycle:
                return cycle
        done.add(name)
        return []

    for name in sorted(edges):
        cycle = visit(name, [])
        if cycle:
            return cycle
    return []


def test_the_finder_finds() -> None:
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert find_cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_cycles() -> None:
    edges = graph(lazy=True)
    assert len(edges) > 30
    assert find_cycle(edges) == []


def layers() -> dict[str, int]:
    """The line of the architecture's table that each module or package stands in."""
    page = PACKAGE.parent / "docs" / "architecture.md"
    rows = [line.split("|")[2] for line in page.read_text().splitlines() if line.startswith("| ")]
    return {
        name.rstrip("/"): number
        for number, cell in enumerate(rows)
        for name in re.findall(r"`([a-z_]+/?)`", cell)
    }


def test_modules_import_from_the_lines_above_alone() -> None:
    line_of = layers()
    ours = {name.split(".")[1] for name in MODULES if "." in name} - {"training"}
    assert ours == set(line_of) - {"generator"}
    breaches = [
        f"{name} imports {other}"
        for name, others in graph(lazy=True).items()
        for other in others
        if "." in name and not name.startswith("generator.training")
        if line_of[other.split(".")[1]] > line_of[name.split(".")[1]]
    ]
    assert breaches == []


def test_torch_stays_where_it_lives() -> None:
    users = {
        name.split(".")[1]
        for name, path in MODULES.items()
        if {top.split(".")[0] for top in imports_of(path, lazy=True)} & {"torch", "torchvision"}
    }
    assert users == set(TORCH_LIVES_IN)


def test_measures_and_pages_of_a_build_never_reach_training() -> None:
    edges = graph(lazy=True)
    users = [
        name
        for name, others in edges.items()
        if not name.startswith("generator.training")
        and any(other.startswith("generator.training") for other in others)
    ]
    assert users == []
