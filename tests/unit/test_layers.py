"""Imports run one way: pages, use cases, ports, domain; adapters are named by the composition root alone."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GROUND = {"ground", "errors"}
DOMAIN = {"domain"}
PORTS = {"ports"}
USE_CASES = {
    "library",
    "retrieve",
    "health",
    "inspect",
    "silent_bug",
    "change",
    "rebuild",
    "sync",
    "vectors",
    "live_index",
    "importing",
    "exporting",
    "many",
    "shelf",
    "backup",
    "restore",
    "jobs",
    "workspaces",
    "nearness",
    "attention",
    "settling",
    "effects",
    "upload",
    "judge",
    "measuring",
    "compare",
    "ranking",
    "honesty",
    "gate",
    "evaluate",
    "tuning",
    "map",
}
ADAPTERS = {"embedders", "records", "indexes", "readers", "stores", "fitting"}
COMPOSITION = {"wiring", "workbench"}
COMMAND_LINE = {"cli", "__main__"}
LAYERS = {
    "ground floor": GROUND,
    "domain": DOMAIN,
    "ports": PORTS,
    "use cases": USE_CASES,
    "adapters": ADAPTERS,
    "composition root": COMPOSITION,
    "command line": COMMAND_LINE,
}
MAY_IMPORT = {
    "ground floor": {"ground floor"},
    "domain": {"ground floor", "domain"},
    "ports": {"ground floor", "domain", "ports"},
    "adapters": {"ground floor", "domain", "ports"},
    "use cases": {"ground floor", "domain", "ports", "use cases"},
    "composition root": set(LAYERS) - {"command line"},
    "command line": set(LAYERS) - {"adapters"},
    "pages": {"ground floor", "domain", "ports", "use cases", "composition root", "pages"},
}


def modules() -> dict[str, Path]:
    """Every module of the application by its dotted name."""
    found = {}
    for path in (*(ROOT / "services").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def parsed(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


@cache
def imports(name: str, *, everywhere: bool = True) -> set[str]:
    """The modules that a module imports; ``everywhere``: inside functions too."""
    nodes = ast.walk(parsed(name)) if everywhere else iter(parsed(name).body)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively: name the module in full."
            origin = node.module or ""
            inner = {f"{origin}.{alias.name}" for alias in node.names}
            found |= {i if i in MODULES else origin for i in inner}
    return found


def ours(name: str, *, everywhere: bool = True) -> set[str]:
    return {i for i in imports(name, everywhere=everywhere) if i in MODULES}


def layer(name: str) -> str:
    """Empty where the module is in none."""
    package, _, rest = name.partition(".")
    if package in ("pages", "app"):
        return "pages"
    return next((title for title, members in LAYERS.items() if rest.split(".")[0] in members), "")


SERVICES = sorted(name for name in MODULES if name.startswith("services."))
INDOORS = [name for name in sorted(MODULES) if name != "services"]


def sibling(name: str, other: str) -> bool:
    """Whether two adapters are of one package."""
    return layer(name) == layer(other) == "adapters" and name.split(".")[1] == other.split(".")[1]


# One test looks at all modules and names every one that is wrong: a test for each would take a hundred times as long.
def test_every_module_has_its_layer() -> None:
    homeless = sorted({name.split(".")[1] for name in SERVICES if not layer(name)})
    assert homeless == [], (
        f"In no layer yet: add {', '.join(homeless)} to GROUND, DOMAIN, PORTS, USE_CASES, ADAPTERS, COMPOSITION or "
        "COMMAND_LINE at the top of tests/unit/test_layers.py."
    )


def test_no_layer_names_what_is_gone() -> None:
    there = {name.split(".")[1] for name in SERVICES}
    assert {member for members in LAYERS.values() for member in members} - there == set()


def forbidden(name: str) -> set[str]:
    """What a module imports of layers above its own; all of it, where it has no layer."""
    allowed = MAY_IMPORT.get(layer(name), set())
    return {other for other in ours(name) - {"services"} if layer(other) not in allowed and not sibling(name, other)}


def test_a_module_imports_its_own_layer_and_those_below() -> None:
    wrong = [
        f"{name} imports {', '.join(sorted(above))}, and may import only the layers "
        f"{', '.join(sorted(MAY_IMPORT.get(layer(name), set())))}."
        for name in INDOORS
        if (above := forbidden(name))
    ]
    assert wrong == []


def test_services_know_nothing_of_streamlit_or_pages() -> None:
    drawing = {
        name: above
        for name in SERVICES
        if (above := {i for i in imports(name) if i.split(".")[0] in ("streamlit", "pages", "app")})
    }
    assert drawing == {}, "What it draws belongs in pages/."


def test_only_the_composition_root_names_adapters_of_several_kinds() -> None:
    naming = {name for name in INDOORS if layer(name) != "adapters" and any(layer(i) == "adapters" for i in ours(name))}
    assert naming <= {f"services.{member}" for member in COMPOSITION}


def test_there_are_no_cycles() -> None:
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"A cycle: {' imports '.join((*path[path.index(name) :], name))}."
        if name not in done:
            for other in sorted(ours(name, everywhere=False)):
                visit(other, (*path, name))
            done.add(name)

    for name in sorted(MODULES):
        visit(name, ())
    assert len(done) == len(MODULES)


def test_the_check_sees_imports_inside_functions_and_of_names() -> None:
    assert "services.ports" in ours("services.sync")
    assert "services.ground.digests" in ours("services.domain.scripts"), "from services.ground import digests"
    assert "chromadb" in imports("services.indexes.probe")
    assert "chromadb" not in imports("services.indexes.probe", everywhere=False)
