"""Bodies of score definitions, as OpenG2P's three generations have them, with `debounce` and `version` added."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.schemas import MAX_ATTRIBUTES, Answer, Body, Identifier, RegisterId, ScoreType
from scoring.definitions import RegisterFacts, why_nothing_is_computed
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import to_definition

DEFINITION_ID = "5d0c3c1e-9f0a-4a44-8e7e-2b6f6f1f9b33"

DefinitionId = Annotated[Identifier, Field(examples=[DEFINITION_ID])]
AttributePath = Annotated[str, Field(min_length=1, max_length=512)]
AttributePaths = Annotated[
    list[AttributePath],
    Field(examples=[["income", "assets.land_area", "household.member_count"]]),
]
SomeAttributePaths = Annotated[AttributePaths, Field(min_length=1, max_length=MAX_ATTRIBUTES)]
ScoreConfig = Annotated[
    dict[str, Any], Field(examples=[{"weights": {"income": 0.4, "land_area": 0.3, "member_count": 0.3}}])
]
NewScoreConfig = Annotated[ScoreConfig, Field(max_length=MAX_ATTRIBUTES)]


class Debounce(Body):
    """A score is due `quiet_period` seconds after the last approval, at the latest `max_wait` after the first."""

    quiet_period: float = Field(examples=[2.0])
    max_wait: float = Field(examples=[10.0])


class GetScoreDefinitions(Body):
    """Which register's definitions."""

    register_id: RegisterId


class ScoreDefinition(Answer):
    """What a score type of a register is computed from."""

    score_definition_id: str
    register_id: RegisterId
    register_mnemonic: str = Field(examples=["Farmer"])
    score_type: ScoreType
    contributing_attributes: AttributePaths
    score_config: ScoreConfig
    is_enabled: bool
    version: int = Field(description="Goes up with every change that can change a score")
    debounce: Debounce
    inactive_reason: str | None = Field(description="Why it computes nothing, where it does not")
    created_at: datetime
    updated_at: datetime


class ScoreDefinitions(Answer):
    """A register's definitions, by score type."""

    score_definitions: list[ScoreDefinition]


class CreateScoreDefinition(Body):
    """A new definition; without `debounce` it gets the service's default."""

    register_id: RegisterId
    score_type: ScoreType
    contributing_attributes: SomeAttributePaths
    score_config: NewScoreConfig | None = None
    debounce: Debounce | None = None


class CreateWeightedScoreDefinition(Body):
    """A new definition without attributes: it computes nothing until create_score_contributing_attribute adds some."""

    register_id: RegisterId
    score_type: ScoreType
    score_config: NewScoreConfig | None = None
    debounce: Debounce | None = None


class UpdateScoreDefinition(Body):
    """Changes to a definition; what is absent or null stays as it is."""

    score_definition_id: DefinitionId
    contributing_attributes: SomeAttributePaths | None = None
    score_config: NewScoreConfig | None = None
    is_enabled: bool | None = None
    debounce: Debounce | None = None


class ChooseScoreDefinition(Body):
    """Which definition."""

    score_definition_id: DefinitionId


class OneScoreDefinition(Answer):
    """The definition as it now stands."""

    score_definition: ScoreDefinition


class UpdatedScoreDefinition(OneScoreDefinition):
    """The definition as it now stands, and how many scores an older version of it computed."""

    stale_scores: int = Field(examples=[1200], description="Until they are computed again: see recompute_scores")


class DeletedScoreDefinition(Answer):
    """The definition that is gone; its scores and their history stay."""

    score_definition_id: str


def definition_answer(row: G2PRegisterScoreDefinition, register: RegisterFacts) -> ScoreDefinition:
    """The definition as it is answered."""
    names = ScoreDefinition.model_fields.keys() - {"register_mnemonic", "inactive_reason"}
    return ScoreDefinition(
        **{name: getattr(row, name) for name in names},
        register_mnemonic=register.register_mnemonic,
        inactive_reason=why_nothing_is_computed(to_definition(row)),
    )
