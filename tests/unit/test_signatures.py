"""The three signatures of compute services, and how each is given what a computation needs."""

from functools import wraps
from typing import Any

import pytest

from scoring.compute import call_service
from scoring.errors import ComputeServiceNotFound
from scoring.json_values import JsonObject
from scoring.signatures import Signature, signature_of

A = "internal_record_id, contributing_attribute_values, score_config"
B = "link_internal_record_id, contributing_attribute_values, score_config"
C = "link_internal_record_id, contributing_attribute_config, contributing_attribute_values"

INCOME: JsonObject = {
    "attribute_name": "income",
    "attribute_weightage": 0.5,
    "attribute_computation_required": False,
    "attribute_computation_value": None,
}
FROZEN: JsonObject = {"cap": 9, "contributing_attribute_config": [INCOME]}


def a_service(parameters: str, decorator: str = "") -> type:
    """A class whose method takes these parameters and returns them by name."""
    scope: dict[str, Any] = {}
    exec(f"class Service:\n    {decorator}\n    def compute_score({parameters}): return locals()", scope)  # noqa: S102
    service: type = scope["Service"]
    return service


@pytest.mark.parametrize(
    ("parameters", "signature"),
    [
        pytest.param(f"self, {A}", Signature.BY_INTERNAL_ID, id="A"),
        pytest.param(f"self, {B}", Signature.BY_LINK_ID, id="B"),
        pytest.param(f"self, {C}", Signature.WEIGHTED, id="C"),
        pytest.param(f"this, {A}", Signature.BY_INTERNAL_ID, id="another word for self"),
        pytest.param(
            "self, score_config, contributing_attribute_values, internal_record_id",
            Signature.BY_INTERNAL_ID,
            id="in another order",
        ),
        pytest.param(f"self, *, {C}", Signature.WEIGHTED, id="by name only"),
        pytest.param(f"self, {B}, precision=4", Signature.BY_LINK_ID, id="with one of its own that has a default"),
        pytest.param(f"self, {C}, *rest, **more", Signature.WEIGHTED, id="with room for more"),
    ],
)
def test_a_signature_is_told_by_the_names_of_its_parameters(parameters: str, signature: Signature) -> None:
    assert signature_of(a_service(parameters)) is signature


@pytest.mark.parametrize(("decorator", "first"), [("@staticmethod", ""), ("@classmethod", "kind, ")])
def test_a_method_without_self_counts_too(decorator: str, first: str) -> None:
    assert signature_of(a_service(first + A, decorator)) is Signature.BY_INTERNAL_ID


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param("self", id="none"),
        pytest.param("", id="not even self"),
        pytest.param("self, record, values, config", id="other names"),
        pytest.param("self, internal_record_id, contributing_attribute_values", id="one is missing"),
        pytest.param(f"self, {A}, session", id="one more that is required"),
        pytest.param(f"self, internal_record_id, {C}", id="two of them in one"),
        pytest.param(f"self, {A}, /", id="by position only"),
        pytest.param("self, *arguments, **named", id="whatever there is"),
        pytest.param(
            "self, internal_record_id, contributing_attribute_config, contributing_attribute_values", id="mixed"
        ),
    ],
)
def test_any_other_signature_is_refused_with_those_that_there_are(parameters: str) -> None:
    with pytest.raises(ComputeServiceNotFound, match=r"Service\.compute_score takes \(") as refused:
        signature_of(a_service(parameters))

    assert all(ways in refused.value.detail for ways in (A, B, C))
    assert refused.value.field == "score_type"


def decorated(parameters: str, hands_on: str, inner: str = f"self, {A}", decorator: str = "") -> type:
    """A class whose method has these parameters around those of another one, which it calls with the arguments."""
    scope: dict[str, Any] = {"wraps": wraps}
    lines = [
        f"def inner({inner}): return {{**locals()}}",
        "class Service:",
        f"    {decorator}",
        "    @wraps(inner)",
        f"    def compute_score({parameters}): return inner({hands_on})",
    ]
    exec("\n".join(lines), scope)  # noqa: S102
    service: type = scope["Service"]
    return service


@pytest.mark.parametrize(
    ("service", "record"),
    [
        pytest.param(
            decorated("*arguments, **named", "*arguments, **named"), "internal_record_id", id="it hands on everything"
        ),
        pytest.param(decorated("self, **named", "self, **named"), "internal_record_id", id="everything but itself"),
        pytest.param(decorated("**named", "**named", A, "@staticmethod"), "internal_record_id", id="without self"),
        pytest.param(
            decorated(f"self, {A}", "self, internal_record_id", "self, record"), "record", id="it fits another method"
        ),
    ],
)
def test_a_decorated_method_is_called_as_it_can_be(service: type, record: str) -> None:
    assert call_service(service(), "A", {}, {})[record] == "A"


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param("self, record, values, config", id="other names"),
        pytest.param("self, *arguments", id="by position only"),
        pytest.param("self, internal_record_id, *arguments", id="some by position only"),
        pytest.param(f"self, session, {A}", id="one more that is required"),
        pytest.param("*, internal_record_id, **named", id="no room for self"),
    ],
)
def test_a_decorator_that_hides_the_parameters_is_refused(parameters: str) -> None:
    with pytest.raises(ComputeServiceNotFound, match=r"compute_score takes \(.*\) around \(internal_record_id, "):
        signature_of(decorated(parameters, ""))


def test_a_method_that_python_knows_no_parameters_of_is_refused() -> None:
    with pytest.raises(ComputeServiceNotFound, match=r"takes \(nothing\)"):
        signature_of(type("Service", (), {"compute_score": max}))


def given(parameters: str, config: JsonObject) -> dict[str, Any]:
    """What a service with these parameters is called with."""
    arguments: dict[str, Any] = call_service(a_service(parameters)(), "A", {"income": 7}, config)
    return {name: value for name, value in arguments.items() if name != "self"}


def test_a_plain_definition_is_computed_from_its_config_under_both_names_of_the_record() -> None:
    rest = {"contributing_attribute_values": {"income": 7}, "score_config": {"cap": 9}}

    assert given(f"self, {A}", {"cap": 9}) == {"internal_record_id": "A", **rest}
    assert given(f"self, {B}", {"cap": 9}) == {"link_internal_record_id": "A", **rest}


@pytest.mark.parametrize("parameters", [A, B])
def test_a_plug_in_that_knows_no_weighted_attributes_finds_their_weights_in_its_config(parameters: str) -> None:
    config = given(f"self, {parameters}", FROZEN)["score_config"]

    assert config == {**FROZEN, "weights": {"income": 0.5}}
    assert "weights" not in FROZEN


def test_a_plug_in_for_weighted_attributes_is_given_them_and_no_config() -> None:
    assert given(f"self, {C}, precision=4", FROZEN) == {
        "link_internal_record_id": "A",
        "contributing_attribute_config": [INCOME],
        "contributing_attribute_values": {"income": 7},
        "precision": 4,
    }
