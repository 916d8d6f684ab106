"""Bodies of weighted attributes, as OpenG2P's latest generation has them."""

from typing import Annotated, Any

from pydantic import Field

from api.definition_schemas import DefinitionId
from api.schemas import MAX_NAMES, Answer, Body, Identifier

AttributeId = Annotated[Identifier, Field(examples=["7c1f0b6e-8c55-4a0c-9d0f-2f6f6f1f9b55"])]
AttributeName = Annotated[str, Field(min_length=1, max_length=512, examples=["household.head_kind"])]
Numbers = Annotated[
    dict[str, Any],
    Field(description="The number for each raw value", examples=[{"FEMALE_HEADED": 0.3, "MALE_HEADED": 0.1}]),
]
NewNumbers = Annotated[Numbers, Field(max_length=MAX_NAMES)]
Required = Annotated[bool, Field(description="Whether the value is mapped to a number before it is weighed")]
Weightage = Annotated[float, Field(examples=[0.4])]


class CreateContributingAttribute(Body):
    """A weighted attribute for a definition."""

    score_definition_id: DefinitionId
    attribute_name: AttributeName
    attribute_computation_required: Required = False
    attribute_computation_value: NewNumbers | None = None
    attribute_weightage: Weightage


class UpdateContributingAttribute(Body):
    """Changes to a weighted attribute; what is absent or null stays as it is."""

    contributing_attribute_id: AttributeId
    attribute_name: AttributeName | None = None
    attribute_computation_required: Required | None = None
    attribute_computation_value: NewNumbers | None = None
    attribute_weightage: Weightage | None = None


class ChooseContributingAttribute(Body):
    """Which weighted attribute."""

    contributing_attribute_id: AttributeId


class ContributingAttribute(Answer):
    """A weighted attribute."""

    contributing_attribute_id: str
    attribute_name: AttributeName
    attribute_computation_required: bool
    attribute_computation_value: Numbers | None
    attribute_weightage: Weightage


class ContributingAttributes(Answer):
    """A definition's weighted attributes, by name."""

    contributing_attributes: list[ContributingAttribute]


class OneContributingAttribute(Answer):
    """The weighted attribute as it now stands."""

    contributing_attribute: ContributingAttribute


class DeletedContributingAttribute(Answer):
    """The weighted attribute that is gone."""

    contributing_attribute_id: str
