"""Who did what is kept, in the transaction of what was done."""

import pytest

from http_client import Api
from store.audit import AuditEntry, list_audit
from store.database import SessionFactory

OFFICER = ("6e4a2c1e-officer", "officer.kamau", "api", "127.0.0.1")


@pytest.fixture
async def register(api: Api) -> str:
    """A register of farmers."""
    return await api.register()


async def entries_of(sessions: SessionFactory, subject: str) -> list[AuditEntry]:
    async with sessions() as session:
        return await list_audit(session, subject)


def actor_of(entry: AuditEntry) -> tuple[str, str | None, str, str | None]:
    return entry.actor, entry.username, entry.source, entry.address


async def test_whoever_creates_a_register_is_kept(sessions: SessionFactory, register: str) -> None:
    [entry] = await entries_of(sessions, register)

    assert (entry.action, actor_of(entry)) == ("create_register", OFFICER)


@pytest.mark.parametrize("decision", ["approve", "reject"])
async def test_whoever_decides_a_change_request_is_kept_once(
    api: Api, sessions: SessionFactory, register: str, decision: str
) -> None:
    change = await api.change_request(register)

    decided = await api.post(f"/change-requests/{change}/{decision}")
    again = await api.post(f"/change-requests/{change}/{decision}")

    assert (decided.status_code, again.status_code) == (200, 409)
    [entry] = await entries_of(sessions, change)
    assert (entry.action, actor_of(entry)) == (f"{decision}_change_request", OFFICER)
    record = decided.json()["internal_record_id"]
    assert entry.details == {"register_id": register, "internal_record_id": record}


async def test_whoever_starts_pauses_resumes_and_cancels_a_recomputation_is_kept(
    api: Api, sessions: SessionFactory, register: str
) -> None:
    await api.definition(register)
    body = {"register_id": register}
    [started] = (await api.post("/register-metadata/recompute_scores", body)).json()["recomputations"]
    chosen = {"recomputation_id": started["recomputation_id"]}

    for verb in ("pause", "resume", "cancel"):
        answer = await api.post(f"/register-metadata/{verb}_recomputation", chosen)
        assert answer.status_code == 200, answer.text
    refused = await api.post("/register-metadata/pause_recomputation", chosen)

    entries = await entries_of(sessions, started["recomputation_id"])
    actions = [f"{verb}_recomputation" for verb in ("cancel", "resume", "pause", "start")]
    assert refused.status_code == 409
    assert [entry.action for entry in entries] == actions
    assert {actor_of(entry) for entry in entries} == {OFFICER}
    assert entries[0].details == {"register_id": register, "score_type": "PMT_SCORE"}
