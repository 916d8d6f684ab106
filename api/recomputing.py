"""What follows by itself from a definition that has changed, where the service is set up so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.registers import get_register_facts
from api.services import ApiServices
from scoring.definitions import RegisterFacts, why_nothing_is_computed
from store.audit import Actor
from store.database import Session
from store.definitions import get_definition, to_definition
from store.recomputation_audit import audit_started
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation


@asynccontextmanager
async def changing_definition(
    session: Session, services: ApiServices, actor: Actor, score_definition_id: str
) -> AsyncIterator[RegisterFacts]:
    """The definition's register, while it is changed; afterwards the scores that this has made stale are asked for.

    Raises:
        ScoreDefinitionNotFound: no definition has the id.
    """
    row = await get_definition(session, score_definition_id)
    version_before = row.version
    register = await get_register_facts(session, row.register_id)
    yield register
    row = await get_definition(session, score_definition_id)
    computes = why_nothing_is_computed(to_definition(row)) is None
    if services.recompute_automatically and computes and row.version > version_before:
        wanted = RecomputationWanted([row.score_type], only_stale=True)
        await audit_started(session, actor, await ask_for_recomputation(session, register, wanted))
