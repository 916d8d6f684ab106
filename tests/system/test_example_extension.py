"""The sample extension package, installed as its README says beside our own wheel, in a clean environment."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "examples" / "openg2p_extension"
WITHOUT = shutil.ignore_patterns(".*", "dist", "__pycache__", "node_modules")

COMPUTE = """
import asyncio, json, sys
from activities.services import Computation, ServiceRunner
from temporalio.exceptions import ApplicationError

async def main():
    runner = ServiceRunner(1)
    for score_type, values, config in json.load(sys.stdin):
        try:
            computed = await runner.run(Computation(score_type, "A", values, config), 20)
            print(json.dumps([computed.score, computed.formula_name, computed.formula_version]))
        except ApplicationError as error:
            print(json.dumps([error.type, error.message]))

asyncio.run(main())
"""

DEFINE = """
import json, sys
from scoring.compute import check_definition
from scoring.debounce import DebouncePolicy
from scoring.definitions import RegisterFacts, ScoreDefinition
from scoring.errors import ScoringError

for score_type, attributes, config in json.load(sys.stdin):
    definition = ScoreDefinition("farmers", score_type, tuple(attributes), DebouncePolicy(0, 0), config)
    try:
        check_definition(definition, RegisterFacts("farmers", "REGISTER"))
        print(json.dumps("accepted"))
    except ScoringError as error:
        print(json.dumps(f"{type(error).__name__}: {error}"))
"""

ODD_SERVICE = """
class G2PScoreComputeServiceOddScore:
    async def compute_score(self, record, session):
        return 1.0
"""


class CleanEnvironment:
    """A virtual environment that has our dependencies, but not the editable install of this project."""

    def __init__(self, directory: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
        self._python = str(directory / "bin" / "python")
        self.packages = Path(self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        # the .pth files in there, such as the one of the editable install, do not count
        (self.packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))

    def run(self, *arguments: str, cwd: Path | None = None, given: object = None) -> str:
        """What Python prints there, given this on its standard input; no index of packages is asked."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
        done = subprocess.run(
            [self._python, *arguments],
            cwd=cwd or self._python.rpartition("/")[0],
            env=inherited | {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONWARNINGS": "default"},
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def lines(self, code: str, given: object) -> list[Any]:
        """What the code prints, JSON a line."""
        return [json.loads(line) for line in self.run("-c", code, given=given).splitlines()]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    """Our wheel and the sample's, installed by the commands of its README."""
    place = tmp_path_factory.mktemp("extension")
    environment = CleanEnvironment(place / "venv")
    sources = {"ours": PROJECT, "sample": EXAMPLE}
    for name in ("pyproject.toml", "README.md", "tools/hatch_console.py", *_packages()):
        _copy(sources["ours"] / name, place / "ours" / name)
    shutil.copytree(EXAMPLE, place / "sample", ignore=WITHOUT)
    environment.run("-m", "hatchling", "build", "--target", "wheel", cwd=place / "ours")
    [ours] = (place / "ours" / "dist").glob("*.whl")
    # the editable install is in sight, so pip would think that it is there already
    environment.run("-m", "pip", "install", "--force-reinstall", "--no-deps", str(ours))
    for command in commands_of_the_readme():
        environment.run(*command, cwd=place / "sample")
    return environment


def _packages() -> list[str]:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    [packages] = re.findall(r"^packages = (\[.*\])$", text, re.MULTILINE)
    return [str(name) for name in json.loads(packages)]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=WITHOUT)
    else:
        target.parent.mkdir(exist_ok=True)
        shutil.copy(source, target)


def commands_of_the_readme() -> list[list[str]]:
    """The README's three commands, without `python`."""
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line) for line in block.splitlines()]
    assert [command[0] for command in commands] == ["python"] * 3
    return [command[1:] for command in commands]


def weighed(name: str, weightage: float, mapping: Mapping[str, float] | None = None) -> dict[str, object]:
    """An attribute as a request carries it."""
    return {
        "attribute_name": name,
        "attribute_weightage": weightage,
        "attribute_computation_required": mapping is not None,
        "attribute_computation_value": mapping,
    }


def test_the_project_comes_from_its_wheel(installed: CleanEnvironment) -> None:
    code = "import json, scoring, activities\nfor one in (scoring, activities): print(json.dumps(one.__file__))"

    places = installed.lines(code, None)

    assert places == [str(installed.packages / name / "__init__.py") for name in ("scoring", "activities")]


def test_the_wheel_carries_the_console_and_every_file_that_it_names(installed: CleanEnvironment) -> None:
    console = installed.packages / "api" / "console"
    page = (console / "index.html").read_text(encoding="utf-8")

    named = re.findall(r'(?:src|href)="\./([^"]+)"', page)
    assert {Path(name).suffix for name in named} >= {".js", ".svg"}
    assert [name for name in named if not (console / name).is_file()] == []
    assert list(console.rglob("*.map")) == []
    assert [name for name in ("web", "node_modules", "tools") if (installed.packages / name).exists()] == []


def test_services_of_every_signature_compute(installed: CleanEnvironment) -> None:
    services = "openg2p_registry_extensions.score_compute.services"
    heads = weighed("head", 3, {"FEMALE": 0.3, "MALE": 0.1})
    weighted = {"contributing_attribute_config": [heads, weighed("income", 1)]}

    computed = installed.lines(
        COMPUTE,
        [
            ["ASSET_SCORE", {"land": 2, "cows": 3}, {"weights": {"land": 1.5, "cows": 0.5}}],
            ["ASSET_SCORE", {"land": 2}, {"contributing_attribute_config": [weighed("land", 4)]}],
            ["HOUSEHOLD_RISK_SCORE", {"income": 6000, "household.member_count": 4}, {"threshold": 1500}],
            ["VULNERABILITY_SCORE", {"head": "FEMALE", "income": 0.1}, weighted],
            ["PMT_SCORE", {"income": 3500, "assets.land_area": 2.1, "household.member_count": 4}, {}],
        ],
    )

    asset = f"{services}.g2p_score_compute_service_asset_score.G2PScoreComputeServiceAssetScore"
    vulnerability = f"{services}.g2p_score_compute_service_vulnerability_score.G2PScoreComputeServiceVulnerabilityScore"
    assert computed == [
        [4.5, asset, "1"],
        [8.0, asset, "1"],
        [50.0, "openg2p_example_scores.household_risk.HouseholdRiskScore", "1"],
        [0.25, vulnerability, "1"],
        [1401.83, "scoring.formulas.PmtScore", "1"],
    ]


def test_what_a_service_cannot_compute_is_told_by_its_attribute(installed: CleanEnvironment) -> None:
    heads = weighed("head", 3, {"FEMALE": 0.3, "MALE": 0.1})
    weighted = {"contributing_attribute_config": [heads, weighed("income", 1)]}
    household = {"income": 6000, "household.member_count": 4}

    said = installed.lines(
        COMPUTE,
        [
            ["ASSET_SCORE", {"land": 2}, {"weights": {"land": 1.5, "goats": 9}}],
            ["ASSET_SCORE", {"land": "two"}, {"weights": {"land": 1.5}}],
            ["ASSET_SCORE", {"land": True}, {"weights": {"land": 1.5}}],
            ["HOUSEHOLD_RISK_SCORE", {"income": 6000}, {}],
            ["HOUSEHOLD_RISK_SCORE", household, {"threshold": 0}],
            ["HOUSEHOLD_RISK_SCORE", household, {"threshold": "many"}],
            ["VULNERABILITY_SCORE", {"head": "NOBODY", "income": 0.1}, weighted],
            ["VULNERABILITY_SCORE", {"head": ["FEMALE"], "income": 0.1}, weighted],
            ["VULNERABILITY_SCORE", {"head": "FEMALE", "income": "abc"}, weighted],
            ["VULNERABILITY_SCORE", {"head": "FEMALE"}, weighted],
            ["VULNERABILITY_SCORE", {"income": 1}, {"contributing_attribute_config": [weighed("income", 0)]}],
        ],
    )

    assert said == [
        ["ScoreInputError", message]
        for message in (
            "goats must be a number",
            "land must be a number",
            "land must be a number",
            "household.member_count must be a number that is not negative",
            "score_config.threshold must be a number above 0",
            "score_config.threshold must be a number above 0",
            "head holds a value that is not mapped to a number",
            "head holds a value that is not mapped to a number",
            "income must be a number",
            "income must be a number",
            "attribute_weightage: the weights must add up to more than 0",
        )
    ]


def test_a_definition_is_refused_for_a_service_that_could_not_be_called(installed: CleanEnvironment) -> None:
    # as a second package in the same namespace
    services = installed.packages / "openg2p_registry_extensions" / "score_compute" / "services"
    (services / "g2p_score_compute_service_odd_score.py").write_text(ODD_SERVICE)

    said = installed.lines(
        DEFINE,
        [
            ["ASSET_SCORE", ["land"], {}],
            ["HOUSEHOLD_RISK_SCORE", ["income", "household.member_count"], {"threshold": 1500}],
            ["VULNERABILITY_SCORE", [], {}],
            ["VULNERABILITY_SCORE", ["income"], {}],
            ["ODD_SCORE", ["income"], {}],
            ["ODD_SCORE", [], {}],
            ["LUCK_SCORE", ["income"], {}],
        ],
    )

    assert said[:3] == ["accepted"] * 3
    assert "takes weighted attributes" in said[3]
    assert all("OddScore.compute_score takes (record, session); it must take one of" in one for one in said[4:6])
    assert said[6].startswith("ComputeServiceNotFound: no compute service serves score type 'LUCK_SCORE'")


@pytest.mark.parametrize("threshold", [0, -1, "many", True, None])
def test_a_definition_is_refused_by_the_services_own_check(installed: CleanEnvironment, threshold: object) -> None:
    [said] = installed.lines(DEFINE, [["HOUSEHOLD_RISK_SCORE", ["income"], {"threshold": threshold}]])

    assert said == "InvalidDefinition: score_config.threshold must be a number above 0"
