"""Score definitions: what a score type of a register is computed from, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from scoring.attributes import is_path, no_path
from scoring.debounce import DebouncePolicy
from scoring.errors import InvalidDefinition, RegisterPurposeConflict
from scoring.json_values import JsonObject, json_text, require_storable
from scoring.weighted_attributes import FROZEN_WEIGHTS, WeightedAttribute, check_attribute

SCORED_PURPOSE = "REGISTER"
"""The one register purpose that has scores (section 2 of the source document)."""

MAX_SCORE_TYPE_LENGTH = 64
MAX_CONFIG_BYTES = 64_000
"""What every request may carry of its definition: a third of `scoring.messages.MAX_REQUEST_BYTES`."""


@dataclass(frozen=True)
class RegisterFacts:
    """What the core must know of a register: its purpose and, where declared, its attributes' types by dot path."""

    register_id: str
    purpose: str
    attribute_types: Mapping[str, str] | None = None
    register_mnemonic: str = ""


@dataclass(frozen=True)
class ScoreDefinition:
    """A register's rule for one score type; `version` goes up with every change that can change a score.

    It names its contributing attributes itself, or has them from its weighted attributes (see `weighted`). One with
    neither computes nothing until it has weighted attributes.
    """

    register_id: str
    score_type: str
    contributing_attributes: tuple[str, ...]
    debounce: DebouncePolicy
    score_config: JsonObject = field(default_factory=dict)
    is_enabled: bool = True
    score_definition_id: str = ""
    version: int = 1
    weighted_attributes: tuple[WeightedAttribute, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it names contributing attributes without weighing them."""
        return bool(self.contributing_attributes) and not self.weighted_attributes


def weighted(definition: ScoreDefinition, attributes: Iterable[WeightedAttribute]) -> ScoreDefinition:
    """The definition with these weighted attributes, by name: they are its contributing attributes, too."""
    by_name = tuple(sorted(attributes, key=lambda attribute: attribute.attribute_name))
    names = tuple(attribute.attribute_name for attribute in by_name)
    return replace(definition, weighted_attributes=by_name, contributing_attributes=names)


def why_nothing_is_computed(definition: ScoreDefinition) -> str | None:
    """What keeps the definition from computing any score; None where nothing does."""
    if not definition.contributing_attributes:
        return "has no weighted attributes yet; add one with create_score_contributing_attribute"
    if not definition.is_enabled:
        return "is disabled; enable it first"
    return None


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
    field = "attribute_name" if definition.weighted_attributes else "contributing_attributes"
    _check_paths(definition.contributing_attributes, field)
    _check_known(definition.contributing_attributes, register, field)
    require_storable(definition.score_config, "score_config")
    _check_config(definition)
    _check_weighted(definition)
    _check_size(definition)


def _check_score_type(score_type: str) -> None:
    if not score_type.strip() or not score_type.isprintable() or len(score_type) > MAX_SCORE_TYPE_LENGTH:
        raise InvalidDefinition(
            f"score_type must be 1 to {MAX_SCORE_TYPE_LENGTH} printable characters, such as PMT_SCORE",
            field="score_type",
        )


def _check_config(definition: ScoreDefinition) -> None:
    if FROZEN_WEIGHTS in definition.score_config:
        raise InvalidDefinition(
            f"score_config.{FROZEN_WEIGHTS} is written by the service; add weighted attributes with "
            "create_score_contributing_attribute instead",
            field=f"score_config.{FROZEN_WEIGHTS}",
        )
    if "weights" not in definition.score_config or definition.is_plain:
        return
    if not definition.contributing_attributes:
        raise InvalidDefinition(
            "contributing_attributes is empty; name the attribute paths that score_config.weights weighs, or leave out "
            "both and add weighted attributes",
            field="contributing_attributes",
        )
    raise InvalidDefinition(
        "score_config.weights contradicts the weighted attributes; leave it out and change their weightage instead",
        field="score_config.weights",
    )


def _check_weighted(definition: ScoreDefinition) -> None:
    if not definition.weighted_attributes:
        return
    for attribute in definition.weighted_attributes:
        check_attribute(attribute)
    as_weighted = weighted(definition, definition.weighted_attributes)
    if definition.contributing_attributes != as_weighted.contributing_attributes:
        raise InvalidDefinition(
            "contributing_attributes of a definition with weighted attributes are their names; add, change and delete "
            "those, or delete the definition and create it anew",
            field="contributing_attributes",
        )


def _check_size(definition: ScoreDefinition) -> None:
    """What is larger would leave a request no room for the record's values: it would fail for every record."""
    config = len(json_text(definition.score_config))
    frozen = config + sum(len(json_text(vars(attribute))) for attribute in definition.weighted_attributes)
    if frozen <= MAX_CONFIG_BYTES:
        return
    raise InvalidDefinition(
        f"score_config and weighted attributes have {frozen} bytes as JSON; every request carries them, so they may "
        f"have at most {MAX_CONFIG_BYTES} in all: shorten score_config or the mappings, or weigh fewer attributes",
        field="score_config" if config > MAX_CONFIG_BYTES else "attribute_computation_value",
    )


def _check_paths(paths: Iterable[str], field: str) -> None:
    seen: set[str] = set()
    for path in paths:
        if not is_path(path):
            raise InvalidDefinition(no_path(path), field=field)
        if path in seen:
            raise InvalidDefinition(f"{path} stands twice; name it once", field=field)
        seen.add(path)


def _check_known(paths: Iterable[str], register: RegisterFacts, field: str) -> None:
    if register.attribute_types is None:
        return
    for path in paths:
        if path not in register.attribute_types:
            known = ", ".join(sorted(register.attribute_types))
            raise InvalidDefinition(
                f"{path} is no attribute of register {register.register_id}; it has {known}", field=field
            )
