"""Objects that are valid by default, for tests that care about one field of them."""

import uuid
from dataclasses import replace
from typing import Any

from registry.change_requests import NewChangeRequest, approve_change_request, create_change_request
from registry.registers import create_register
from registry.tables import ChangeRequest, Register, RegisterPurpose
from scoring.debounce import DebouncePolicy
from scoring.definitions import RegisterFacts, ScoreDefinition
from scoring.messages import ComputedScore, FailedScore, ScoreRequest
from store.audit import Actor
from store.database import Session
from store.definition_tables import G2PRegisterScoreDefinition
from store.definitions import create_definition
from store.requests import ApprovedChange
from store.roads import RoadLimits

FARMER_ATTRIBUTES = {
    "name": "text",
    "phone": "text",
    "income": "number",
    "assets.land_area": "number",
    "household.member_count": "integer",
}
FARMER: dict[str, Any] = {"name": "A", "income": 5000, "assets": {"land_area": 2.1}, "household": {"member_count": 4}}
PMT_ATTRIBUTES = ("income", "assets.land_area", "household.member_count")
FSF_ATTRIBUTES = ("income", "household.member_count")
FSF_CONFIG: dict[str, Any] = {"weights": {"income": 0.01, "household.member_count": 8.0}}
NO_WINDOW = DebouncePolicy(0, 0)
AN_ACTOR = Actor("a tester", "test")


def an_id() -> str:
    """An id that nothing else has."""
    return str(uuid.uuid4())


def a_definition(score_type: str = "PMT_SCORE", register_id: str = "farmers", **changes: Any) -> ScoreDefinition:
    """A definition of PMT_SCORE or FSF_SCORE without a debounce window."""
    attributes, config = (PMT_ATTRIBUTES, {}) if score_type == "PMT_SCORE" else (FSF_ATTRIBUTES, FSF_CONFIG)
    definition = ScoreDefinition(register_id, score_type, attributes, NO_WINDOW, config)
    return replace(definition, **changes)


def register_facts(register_id: str = "farmers", **changes: Any) -> RegisterFacts:
    """The facts of a register of farmers."""
    return replace(RegisterFacts(register_id, "REGISTER", FARMER_ATTRIBUTES), **changes)


def a_request(sequence: int = 1, score_type: str = "PMT_SCORE", **changes: Any) -> ScoreRequest:
    """A request for record A's score."""
    request = ScoreRequest(
        score_type=score_type,
        sequence=sequence,
        change_request_id=f"CR-{sequence:05}",
        contributing_attribute_values={"income": 3500, "assets.land_area": 2.1, "household.member_count": 4},
        score_definition_id="definition",
        definition_version=1,
        score_config={} if score_type == "PMT_SCORE" else FSF_CONFIG,
        debounce=NO_WINDOW,
    )
    return replace(request, **changes)


def wide_roads(**changes: Any) -> RoadLimits:
    """Limits that hold nothing back where nothing else is said."""
    return replace(
        RoadLimits(max_open_records=1_000, max_open_batches=100, batch_gap=0, records_per_tick=100), **changes
    )


def an_approved_change(**changes: Any) -> ApprovedChange:
    """A change of income in a record of farmers."""
    change = ApprovedChange("farmers", "REGISTER", an_id(), "CR-00001", {"income": 5000}, FARMER)
    return replace(change, **changes)


async def a_stored_definition(
    session: Session, score_type: str = "PMT_SCORE", register_id: str = "farmers", **changes: Any
) -> G2PRegisterScoreDefinition:
    """A definition in the database."""
    definition = a_definition(score_type, register_id, **changes)
    return await create_definition(session, AN_ACTOR, definition, register_facts(register_id))


async def a_farmer_register(session: Session, purpose: RegisterPurpose = RegisterPurpose.REGISTER) -> Register:
    """A register of farmers in the database."""
    return await create_register(session, "Farmer", purpose, FARMER_ATTRIBUTES)


async def an_approval(
    session: Session, register_id: str, payload: dict[str, Any] | None = None, internal_record_id: str | None = None
) -> ChangeRequest:
    """A change request that was created and approved; without a record it creates one."""
    new = NewChangeRequest(register_id, payload or FARMER, internal_record_id)
    created = await create_change_request(session, new)
    return await approve_change_request(session, AN_ACTOR, created.change_request_id)


def a_computed_score(request: ScoreRequest, computed_score: float = 1401.83) -> ComputedScore:
    """A score of the request."""
    return ComputedScore(request, computed_score, "scoring.formulas.PmtScore", "1")


def a_failed_score(request: ScoreRequest, reason: str = "income is missing") -> FailedScore:
    """A final failure of the request."""
    return FailedScore(request, "ScoreInputError", reason)
