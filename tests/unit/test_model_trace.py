"""What is read out of the model checker's output, and which property a check looks at; the checks are `make model`."""

import re
from pathlib import Path

import pytest

from tools.model import MISTAKES, PARTS, RIGHT, Check, CheckerError, configuration, is_as_expected, read_finding
from tools.model_trace import read_value, write_steps

MODEL = Path(__file__).parents[2] / "docs" / "model"
BASE = (MODEL / "right.cfg").read_text(encoding="utf-8")
COUNTED = "497 states generated, 206 distinct states found, 105 states left on queue.\n"
BROKEN = """Error: Temporal properties were violated.

State 1: <Initial predicate>
/\\ late = {}
/\\ row = [ seq |-> 1,
  val |-> 5000,
  status |-> "COMPLETED",
  claimed |-> FALSE ]
/\\ drawn = 1

State 2: <Approve line 75, col 5 to line 81, col 77 of module steadyscore>
/\\ late = {[seq |-> 2, val |-> 3500]}
/\\ row = [seq |-> 2, val |-> 3500, status |-> "PENDING", claimed |-> TRUE]
/\\ drawn = 2

State 3: Stuttering

"""


def test_a_counterexample_reads_as_steps_and_what_they_changed() -> None:
    finding = read_finding(BROKEN + COUNTED)

    assert not finding.held
    assert finding.states == 206
    assert list(write_steps(finding.steps)) == [
        " 1 Initial",
        " 2 Approve: late 2 (3500); row PENDING claimed 2 (3500)",
        " 3 and nothing more happens",
    ]


def test_a_counterexample_that_goes_round_in_circles_says_so() -> None:
    finding = read_finding(BROKEN.replace("State 3: Stuttering", "Back to state 1: <Wipe line 1, col 1>") + COUNTED)

    assert finding.steps[-1].name == "and so again and again from state 1"


def test_a_model_that_holds_has_no_steps() -> None:
    finding = read_finding(
        "Model checking completed. No error has been found.\n"
        "2,495,074 states generated, 1,055,462 distinct states found, 0 states left on queue.\n"
        "The depth of the complete state graph search is 36.\n"
    )

    assert (finding.held, finding.steps, finding.states, finding.depth) == (True, [], 1055462, 36)


@pytest.mark.parametrize(
    "output", [pytest.param("", id="nothing"), pytest.param("Error: Parsing failed.\n" + COUNTED, id="no trace")]
)
def test_a_checker_that_comes_to_no_end_proves_nothing(output: str) -> None:
    with pytest.raises(CheckerError, match="did not come to an end"):
        read_finding(output)


@pytest.mark.parametrize(
    ("tla", "python"),
    [
        pytest.param("{}", [], id="an empty set"),
        pytest.param("<<1, 0>>", [1, 0], id="a tuple"),
        pytest.param("[ seq |-> 3,\n  isOpen |-> TRUE ]", {"seq": 3, "isOpen": True}, id="a record on two lines"),
        pytest.param('{[pc |-> "idle", has |-> {1}]}', [{"pc": "idle", "has": [1]}], id="records in a set"),
    ],
)
def test_a_value_of_tla_reads_in_pythons_terms(tla: str, python: object) -> None:
    assert read_value(tla) == python


def test_a_check_that_must_hold_looks_at_everything() -> None:
    assert configuration(RIGHT, BASE) == BASE


@pytest.mark.parametrize("check", [*MISTAKES, *PARTS], ids=lambda check: check.name)
def test_a_check_changes_the_constants_it_names_and_looks_at_one_property(check: Check) -> None:
    written = configuration(check, BASE)

    for constant in check.constants:
        assert re.search(rf"^    {constant}$", written, re.MULTILINE)
    assert check.breaks is None or re.findall(r"(?:INVARIANT|PROPERTY) (\w+)", written) == [check.breaks]


def test_a_constant_that_the_model_does_not_have_is_an_error() -> None:
    with pytest.raises(CheckerError, match="NoGravity"):
        configuration(Check("of another world", ("NoGravity = TRUE",)), BASE)


def test_an_invariant_is_looked_for_as_an_invariant_and_a_promise_as_a_property() -> None:
    assert "\nINVARIANT I1_Visible\n" in configuration(Check("", breaks="I1_Visible"), BASE)
    assert "\nPROPERTY EndsWithTheLatest\n" in configuration(Check("", breaks="EndsWithTheLatest"), BASE)


def test_a_mistake_that_is_not_found_is_not_as_expected() -> None:
    holds = read_finding("No error has been found.\n" + COUNTED)
    breaks = read_finding(BROKEN + COUNTED)

    assert is_as_expected(RIGHT, holds)
    assert is_as_expected(MISTAKES[0], breaks)
    assert not is_as_expected(RIGHT, breaks)
    assert not is_as_expected(MISTAKES[0], holds)


def test_the_three_mistakes_of_openg2p_are_switches_of_the_model() -> None:
    switches = [check.constants[0] for check in MISTAKES]

    assert switches == ["ProcessingBeforeSend = TRUE", "NoOrder = TRUE", "SkipIfSameAsLastCompleted = TRUE"]
    assert all(f"{switch.removesuffix('TRUE')}FALSE" in BASE for switch in switches)
