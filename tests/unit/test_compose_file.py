"""docker-compose.yml: valid by Compose's own rules, and in step with our command line, settings and package list."""

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main

from steadyscore.cli import app
from steadyscore.settings import Settings

PROJECT = Path(__file__).parents[2]
COMPOSE_FILE = PROJECT / "docker-compose.yml"

# where `steadyscore up` keeps its own servers, and their ports: no business of a container's
OF_STEADYSCORE_UP = {"STEADYSCORE_HOME", "TEMPORAL_PORT", "TEMPORAL_UI_PORT", "DEVELOPMENT_KEY_FILE"}
# stands for PAYLOAD_KEYS, which Compose requires: it cannot require one of two, and without keys nothing is encrypted
INSTEAD_OF_ANOTHER = {"PAYLOAD_KEYS_FILE"}

Service = dict[str, Any]


def load_check() -> ModuleType:
    """Import tools/check_compose.py, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("check_compose", PROJECT / "tools" / "check_compose.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_compose = load_check()


@pytest.fixture(scope="module")
def checker() -> list[str]:
    command: list[str] = check_compose.find_checker()[1]
    return command


@pytest.fixture(scope="module")
def services(checker: list[str]) -> dict[str, Service]:
    found: dict[str, Service] = check_compose.resolved_model(COMPOSE_FILE, checker)["services"]
    return found


def our_services(services: dict[str, Service]) -> dict[str, Service]:
    return {name: service for name, service in services.items() if service["image"] == "steadyscore"}


def variables_of_ours(services: dict[str, Service]) -> set[str]:
    return {variable for service in our_services(services).values() for variable in service["environment"]}


def our_commands(service: Service) -> list[list[str]]:
    health = service.get("healthcheck", {}).get("test", [])
    commands = [service.get("entrypoint") or [], service.get("command") or [], health[1:]]
    return [command for command in commands if command[:1] == ["steadyscore"]]


def test_every_steadyscore_command_is_one_of_the_command_line(services: dict[str, Service]) -> None:
    used = {command[1] for service in services.values() for command in our_commands(service)}

    assert used >= {"migrate", "api", "worker", "relay"}
    assert used <= typer.main.get_group(app).commands.keys()


def test_every_variable_of_our_services_is_a_setting(services: dict[str, Service]) -> None:
    assert variables_of_ours(services) <= {setting.upper() for setting in Settings.model_fields}


def test_every_setting_reaches_our_services(services: dict[str, Service]) -> None:
    settings = {setting.upper() for setting in Settings.model_fields}

    assert settings - variables_of_ours(services) == OF_STEADYSCORE_UP | INSTEAD_OF_ANOTHER


def test_our_long_running_services_start_after_the_migration(services: dict[str, Service]) -> None:
    waiting = our_services(services).keys() - {"migrate"}

    after = {services[name]["depends_on"]["migrate"]["condition"] for name in waiting}
    assert after == {"service_completed_successfully"}


def test_ports_are_published_on_the_loopback_only(services: dict[str, Service]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_every_package_of_the_wheel_is_let_into_the_image_build() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    let_in = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{package}/" for package in packages} <= set(let_in)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        pytest.param("    image: temporalio/ui", "    imgae: temporalio/ui", "imgae", id="an unknown key"),
        pytest.param(
            "      temporal-schema:\n        condition",
            "      nobody:\n        condition",
            "nobody",
            id="waiting for nobody",
        ),
        pytest.param(
            "service_completed_successfully", "service_completed", "service_completed", id="an unknown condition"
        ),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, checker: list[str], right: str, wrong: str, said: str) -> None:
    content = COMPOSE_FILE.read_text(encoding="utf-8")
    assert right in content
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(content.replace(right, wrong), encoding="utf-8")

    with pytest.raises(check_compose.ComposeCheckError, match=said):
        check_compose.resolved_model(broken, checker)
