"""Score definitions: what a score type of a register is computed from, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scoring.attributes import is_path
from scoring.debounce import DebouncePolicy
from scoring.errors import InvalidDefinition, RegisterPurposeConflict
from scoring.json_values import JsonObject, require_storable

SCORED_PURPOSE = "REGISTER"
"""The one register purpose that has scores (section 2 of the source document)."""

MAX_SCORE_TYPE_LENGTH = 64


@dataclass(frozen=True)
class RegisterFacts:
    """What the core must know of a register: its purpose and, where declared, its attributes' types by dot path."""

    register_id: str
    purpose: str
    attribute_types: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ScoreDefinition:
    """A register's rule for one score type; `version` goes up with every change that can change a score."""

    register_id: str
    score_type: str
    contributing_attributes: tuple[str, ...]
    debounce: DebouncePolicy
    score_config: JsonObject = field(default_factory=dict)
    is_enabled: bool = True
    score_definition_id: str = ""
    version: int = 1


def require_scored_purpose(register: RegisterFacts) -> None:
    """Raise RegisterPurposeConflict unless the register may have scores."""
    if register.purpose != SCORED_PURPOSE:
        raise RegisterPurposeConflict(
            f"register {register.register_id} has purpose {register.purpose}; only registers of purpose "
            f"{SCORED_PURPOSE} have score definitions",
            field="register_id",
        )


def check_shape(definition: ScoreDefinition, register: RegisterFacts) -> None:
    """Refuse a definition that is wrong whatever its compute service says.

    Raises:
        InvalidDefinition: score type, attributes or config; an attribute that the register does not have.
        RegisterPurposeConflict: the register has no scores.
    """
    require_scored_purpose(register)
    _check_score_type(definition.score_type)
    _check_paths(definition.contributing_attributes)
    _check_known(definition.contributing_attributes, register)
    require_storable(definition.score_config, "score_config")


def _check_score_type(score_type: str) -> None:
    if not score_type.strip() or not score_type.isprintable() or len(score_type) > MAX_SCORE_TYPE_LENGTH:
        raise InvalidDefinition(
            f"score_type must be 1 to {MAX_SCORE_TYPE_LENGTH} printable characters, such as PMT_SCORE",
            field="score_type",
        )


def _check_paths(paths: Iterable[str]) -> None:
    seen: set[str] = set()
    for path in paths:
        if not is_path(path):
            raise InvalidDefinition(
                f"{path!r} is no attribute path; write names joined by single dots",
                field="contributing_attributes",
            )
        if path in seen:
            raise InvalidDefinition(f"{path} stands twice; name it once", field="contributing_attributes")
        seen.add(path)
    if not seen:
        raise InvalidDefinition(
            "contributing_attributes is empty; name at least one attribute path",
            field="contributing_attributes",
        )


def _check_known(paths: Iterable[str], register: RegisterFacts) -> None:
    if register.attribute_types is None:
        return
    for path in paths:
        if path not in register.attribute_types:
            known = ", ".join(sorted(register.attribute_types))
            raise InvalidDefinition(
                f"{path} is no attribute of register {register.register_id}; it has {known}",
                field="contributing_attributes",
            )
