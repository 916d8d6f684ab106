"""Who may import whom: the table of design.md section 3, held against every module's imports."""

import ast
import sys
from collections.abc import Iterable, Mapping
from importlib.util import resolve_name
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

MAY_IMPORT: Mapping[str, tuple[str, ...]] = {
    "scoring": (),
    "store": ("scoring", "sqlalchemy"),
    "registry": ("scoring", "store", "sqlalchemy"),
    "builders": ("scoring", "store", "sqlalchemy"),
    "activities": ("scoring", "store", "temporalio.activity", "temporalio.exceptions"),
    "workflows": ("temporalio", "scoring", "activities"),
    "relay": ("scoring", "store", "workflows", "temporalio.client", "temporalio.common"),
    # starlette is what fastapi is made of, fastapi_offline a fastapi whose documentation needs no other server;
    # limits counts writes; httpx fetches an identity provider's keys and what roles permit, jwt checks tokens by them;
    # aiodataloader and cachetools keep profiles, for a request and for minutes
    "api": (
        *("scoring", "store", "registry", "builders", "fastapi", "fastapi_offline", "pydantic", "starlette"),
        *("limits", "httpx", "jwt", "aiodataloader", "cachetools"),
    ),
}
"""Besides the standard library and itself."""

ASSEMBLE = {"steadyscore", "migrations"}
"""These may import everything."""

NO_PACKAGES = {"tests", "tools", "bench", "faults"}


def imported_names(source: str, module: str) -> set[str]:
    """Every name that a module imports, wherever the import stands, such as `temporalio.activity`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), module.rpartition(".")[0] or module)
            names |= {f"{origin.rstrip('.')}.{alias.name}" for alias in node.names}
    return names


def forbidden(names: Iterable[str], package: str) -> set[str]:
    """Those of the names that the package may not import."""
    if package in ASSEMBLE:
        return set()
    allowed = (*sys.stdlib_module_names, package, *MAY_IMPORT[package])
    return {name for name in names if not any(f"{name}.".startswith(f"{one}.") for one in allowed)}


def top_level_packages(project: Path) -> set[str]:
    """Every top-level directory with Python modules in it."""
    directories = [path for path in project.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))]
    return {directory.name for directory in directories if any(directory.glob("*.py"))} - NO_PACKAGES


def modules() -> list[Path]:
    """Every module of every package."""
    packages = sorted(top_level_packages(PROJECT))
    return [path.relative_to(PROJECT) for package in packages for path in sorted((PROJECT / package).rglob("*.py"))]


def dotted_name(path: Path) -> str:
    """`store/tables.py` is `store.tables`, `store/__init__.py` is `store.__init__`."""
    return ".".join(path.with_suffix("").parts)


@pytest.mark.parametrize("path", modules(), ids=dotted_name)
def test_no_package_imports_the_benchmarks_or_the_faults(path: Path) -> None:
    names = imported_names((PROJECT / path).read_text(encoding="utf-8"), dotted_name(path))

    assert not [name for name in names if f"{name}.".startswith(("bench.", "faults."))]


def test_the_oracle_shares_no_code_with_what_it_judges() -> None:
    names = imported_names((PROJECT / "bench" / "oracle.py").read_text(encoding="utf-8"), "bench.oracle")

    strangers = {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names}
    assert strangers == {"asyncpg", "bench.approvals.Approval"}


def test_only_what_measures_us_imports_the_core_and_the_store() -> None:
    importing = {
        path.name
        for path in (PROJECT / "bench").rglob("*.py")
        if {name.partition(".")[0] for name in imported_names(path.read_text(encoding="utf-8"), "bench.contenders.x")}
        & MAY_IMPORT.keys()
    }

    # what builders' reads and writes take is measured by calling them: no peer has them
    assert importing == {"backlog.py", "builders.py", "builders_writes.py", "ours.py"}


def test_every_top_level_package_stands_in_the_table() -> None:
    assert top_level_packages(PROJECT) == MAY_IMPORT.keys() | ASSEMBLE


@pytest.mark.parametrize("path", modules(), ids=dotted_name)
def test_a_module_imports_only_what_its_package_may(path: Path) -> None:
    source = (PROJECT / path).read_text(encoding="utf-8")

    assert forbidden(imported_names(source, dotted_name(path)), path.parts[0]) == set()


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        pytest.param("scoring.x", "import sqlalchemy", {"sqlalchemy"}, id="a third party in the core"),
        pytest.param("scoring.x", "def f():\n    import store.tables", {"store.tables"}, id="within a function"),
        pytest.param("scoring.x", "try:\n    import numpy\nexcept ImportError: ...", {"numpy"}, id="within a try"),
        pytest.param("scoring.x", "import os, api", {"api"}, id="beside an allowed one"),
        pytest.param("store.x", "from registry import tables", {"registry.tables"}, id="against the direction"),
        pytest.param("store.x", "import sqlalchemy_utils", {"sqlalchemy_utils"}, id="a name that begins alike"),
        pytest.param(
            "activities.x", "from temporalio import workflow", {"temporalio.workflow"}, id="a part not allowed"
        ),
        pytest.param("relay.x", "import temporalio", {"temporalio"}, id="the whole where a part is allowed"),
        pytest.param(
            "api.x", "from activities.compute import A", {"activities.compute.A"}, id="the API and activities"
        ),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str, found: set[str]) -> None:
    assert forbidden(imported_names(source, module), module.partition(".")[0]) == found


def test_a_relative_import_that_leaves_its_package_is_found() -> None:
    with pytest.raises(ImportError, match="beyond top-level package"):
        imported_names("from ... import store", "api.routes.x")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param(
            "scoring.x", "import asyncio, os.path\nfrom collections.abc import Iterable", id="standard library"
        ),
        pytest.param("scoring.x", "from scoring.errors import NotFound", id="itself"),
        pytest.param("api.routes.x", "from ..services import Services", id="itself, relative"),
        pytest.param("activities.x", "from temporalio import activity", id="an allowed part"),
        pytest.param(
            "activities.x", "from temporalio.exceptions import ApplicationError", id="a name of an allowed part"
        ),
        pytest.param("workflows.x", "from temporalio import workflow", id="an allowed whole"),
        pytest.param("steadyscore.x", "import uvicorn, workflows, api", id="the door"),
    ],
)
def test_an_allowed_import_is_let_through(module: str, source: str) -> None:
    assert forbidden(imported_names(source, module), module.partition(".")[0]) == set()


def test_a_new_package_is_noticed(tmp_path: Path) -> None:
    for name in ("scoring/x.py", "utils/__init__.py", "bench/x.py", ".venv/x.py", "docs/page.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert top_level_packages(tmp_path) == {"scoring", "utils"}
