"""How a score type finds its service: among real packages, in an interpreter of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

FIND = """
import json, sys
from scoring.compute import find_compute_service, formula_of
from scoring.errors import ScoringError
try:
    print(*formula_of(find_compute_service(sys.argv[1], json.loads(sys.argv[2]))))
except ScoringError as error:
    print(type(error).__name__, error.field, error.detail)
"""

SERVICE = """
class {name}:
    formula_version = "{version}"
    async def compute_score(self, internal_record_id, contributing_attribute_values, score_config):
        return 1.0
"""

WEIGHTED_SERVICE = """
class Weighted:
    async def compute_score(
        self, link_internal_record_id, contributing_attribute_config, contributing_attribute_values
    ):
        return 1.0
"""
WEIGHTED = '{"contributing_attribute_config": [{"attribute_name": "income", "attribute_weightage": 2}]}'

EXTENSION = "openg2p_registry_extensions/score_compute/services/__init__.py"
SERVICES = "openg2p_registry_extensions/score_compute/services"
EXTENSION_SERVICE = SERVICE.format(name="G2PScoreComputeServicePmtScore", version="extension")


def write(directory: Path, files: dict[str, str]) -> None:
    """Put the files under the directory."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def a_distribution(target: str, module: str, score_type: str = "PMT_SCORE", name: str = "plug_in") -> dict[str, str]:
    """An installed distribution with one entry point and one module."""
    return {
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/entry_points.txt": f"[g2p_score_compute]\n{score_type} = {target}\n",
        f"{name}/__init__.py": module,
    }


def find(score_type: str, *installed: Path, config: str = "{}") -> str:
    """What serves the score type in an interpreter where these directories are installed."""
    path = os.pathsep.join([*map(str, installed), str(PROJECT)])
    done = subprocess.run(
        [sys.executable, "-c", FIND, score_type, config],
        env=os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("score_type", "serves"),
    [
        pytest.param("PMT_SCORE", "scoring.formulas.PmtScore 1", id="PMT_SCORE"),
        pytest.param("FSF_SCORE", "scoring.formulas.FsfScore 1", id="FSF_SCORE"),
    ],
)
def test_with_nothing_installed_the_formulas_that_ship_here_serve(score_type: str, serves: str) -> None:
    assert find(score_type) == serves


def test_an_extension_module_comes_before_what_ships_here(tmp_path: Path) -> None:
    write(tmp_path, {EXTENSION: EXTENSION_SERVICE})

    assert find("PMT_SCORE", tmp_path).endswith("G2PScoreComputeServicePmtScore extension")


def test_an_entry_point_comes_before_an_extension_module(tmp_path: Path) -> None:
    plug_in = a_distribution("plug_in:Better", SERVICE.format(name="Better", version="entry point"))
    write(tmp_path, {EXTENSION: EXTENSION_SERVICE} | plug_in)

    assert find("PMT_SCORE", tmp_path) == "plug_in.Better entry point"


def test_another_score_type_is_not_touched_by_a_plug_in(tmp_path: Path) -> None:
    plug_in = a_distribution("plug_in:Better", SERVICE.format(name="Better", version="entry point"))
    write(tmp_path, {EXTENSION: EXTENSION_SERVICE} | plug_in)

    assert find("FSF_SCORE", tmp_path) == "scoring.formulas.FsfScore 1"


def test_the_extension_namespace_is_filled_by_separate_packages(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    write(one, {"openg2p_registry_extensions/score_compute/elsewhere.py": ""})
    write(other, {EXTENSION: EXTENSION_SERVICE})

    assert find("PMT_SCORE", one, other).endswith("G2PScoreComputeServicePmtScore extension")


@pytest.mark.parametrize(
    ("score_type", "class_name"),
    [
        pytest.param("PMT_SCORE", "G2PScoreComputeServicePmtScore", id="the document's example"),
        pytest.param("FSF_SCORE", "G2PScoreComputeServiceFsfScore", id="the other one"),
        pytest.param("HOUSEHOLD_RISK_SCORE", "G2PScoreComputeServiceHouseholdRiskScore", id="three words"),
        pytest.param("BUILDER", "G2PScoreComputeServiceBuilder", id="one word"),
        pytest.param("fsf_score", "G2PScoreComputeServiceFsfScore", id="small letters"),
    ],
)
def test_a_class_of_an_extension_is_named_after_its_score_type(
    tmp_path: Path, score_type: str, class_name: str
) -> None:
    write(tmp_path, {EXTENSION: SERVICE.format(name=class_name, version="extension")})

    assert find(score_type, tmp_path).endswith(f"{class_name} extension")


def test_a_score_type_that_nobody_serves_is_not_found_and_the_answer_tells_both_ways_to_serve_it() -> None:
    said = find("LUCK_SCORE")

    assert said.startswith("ComputeServiceNotFound score_type ")
    assert "g2p_score_compute" in said
    assert "G2PScoreComputeServiceLuckScore" in said


WORKING = SERVICE.format(name="Broken", version="1")


@pytest.mark.parametrize(
    ("target", "module"),
    [
        pytest.param("plug_out:Broken", WORKING, id="a module that is missing"),
        pytest.param("plug_in:Missing", WORKING, id="a class that is missing"),
        pytest.param("plug_in:Broken", "import a_package_that_is_missing\n" + WORKING, id="an import that is missing"),
        pytest.param("plug_in:Broken", "from os import nothing\n" + WORKING, id="a name that cannot be imported"),
        pytest.param("plug_in:Broken", "class Broken: pass", id="a class without compute_score"),
        pytest.param("plug_in:Broken", "Broken = 7", id="a number"),
        pytest.param("plug_in:Broken", "class Broken(:", id="a syntax error"),
        pytest.param("plug_in:Broken", "import os\nos.environ['SECRET']\n" + WORKING, id="a module that raises"),
        pytest.param("plug_in:Broken", WORKING + "Broken = Broken()", id="an object where the class should be"),
        pytest.param(
            "plug_in:Broken", WORKING + "    def __init__(self, x): pass", id="a constructor with an argument"
        ),
    ],
)
def test_a_plug_in_that_cannot_be_loaded_is_not_found_and_nothing_steps_in(
    tmp_path: Path, target: str, module: str
) -> None:
    write(tmp_path, a_distribution(target, module))

    said = find("PMT_SCORE", tmp_path)

    assert said.startswith("ComputeServiceNotFound score_type ")
    assert "PMT_SCORE" in said


@pytest.mark.parametrize(
    "module",
    [
        pytest.param("import a_package_that_is_missing", id="an import that is missing"),
        pytest.param("import openg2p_registry", id="an import that is missing and begins alike"),
        pytest.param("import openg2p_registry_extensions.common", id="a part of the namespace that is missing"),
        pytest.param("from os import nothing", id="a name that cannot be imported"),
        pytest.param("class Broken(:", id="a syntax error"),
        pytest.param("import os\nos.environ['SECRET']", id="a module that raises"),
        pytest.param("class G2PScoreComputeServicePmtScore: pass", id="a class without compute_score"),
    ],
)
@pytest.mark.parametrize("name", [EXTENSION, f"{SERVICES}/g2p_score_compute_service_pmt_score.py"])
def test_an_extension_module_that_cannot_be_loaded_is_not_found_and_nothing_steps_in(
    tmp_path: Path, name: str, module: str
) -> None:
    write(tmp_path, {name: module})

    assert find("PMT_SCORE", tmp_path).startswith("ComputeServiceNotFound score_type ")


def test_packages_share_the_namespace_with_a_module_each(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    names = {"PMT_SCORE": "G2PScoreComputeServicePmtScore", "HOUSEHOLD_RISK": "G2PScoreComputeServiceHouseholdRisk"}
    for directory, score_type in ((one, "PMT_SCORE"), (other, "HOUSEHOLD_RISK")):
        module = f"{SERVICES}/g2p_score_compute_service_{score_type.lower()}.py"
        write(directory, {module: SERVICE.format(name=names[score_type], version="of a module")})

    for score_type, name in names.items():
        assert find(score_type, one, other).endswith(f".{name} of a module")
    assert find("FSF_SCORE", one, other) == "scoring.formulas.FsfScore 1"


def test_a_class_in_the_package_comes_before_one_in_a_module(tmp_path: Path) -> None:
    module = EXTENSION_SERVICE.replace("extension", "module")
    write(tmp_path, {EXTENSION: EXTENSION_SERVICE, f"{SERVICES}/g2p_score_compute_service_pmt_score.py": module})

    assert find("PMT_SCORE", tmp_path).endswith("G2PScoreComputeServicePmtScore extension")


def test_a_score_type_that_is_no_module_name_is_looked_for_in_none(tmp_path: Path) -> None:
    write(tmp_path, {f"{SERVICES}/g2p_score_compute_service_a/b.py": ""})

    assert find("A.B", tmp_path).startswith("ComputeServiceNotFound score_type no compute service serves")


@pytest.mark.parametrize("score_type", ["PMT_SCORE", "FSF_SCORE", "LUCK_SCORE", "Any words: at all"])
def test_with_nothing_installed_the_weighted_sum_serves_every_weighted_definition(score_type: str) -> None:
    assert find(score_type, config=WEIGHTED) == "scoring.weighted_sum.WeightedSum 1"


@pytest.mark.parametrize("module", [SERVICE.format(name="Weighted", version="unversioned"), WEIGHTED_SERVICE])
def test_a_plug_in_comes_before_the_weighted_sum(tmp_path: Path, module: str) -> None:
    write(tmp_path, a_distribution("plug_in:Weighted", module))

    assert find("PMT_SCORE", tmp_path, config=WEIGHTED) == "plug_in.Weighted unversioned"


def test_a_plug_in_for_weighted_attributes_serves_no_other_definition(tmp_path: Path) -> None:
    write(tmp_path, a_distribution("plug_in:Weighted", WEIGHTED_SERVICE))

    said = find("PMT_SCORE", tmp_path)

    assert said.startswith("ComputeServiceNotFound contributing_attributes ")
    assert "takes weighted attributes" in said
