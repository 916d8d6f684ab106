"""The trigger: which requests an approved change leaves behind."""

from builders import a_stored_definition, an_approved_change
from store.database import Session
from store.outbox import list_requests
from store.requests import request_scores


async def test_an_approved_change_asks_for_each_score_it_touches(session: Session) -> None:
    await a_stored_definition(session, "PMT_SCORE")
    await a_stored_definition(session, "FSF_SCORE")
    change = an_approved_change(change_payload={"assets": {"land_area": 3}})

    asked_for = await request_scores(session, change)

    assert asked_for == ["PMT_SCORE"]
    [request] = await list_requests(session, change.internal_record_id)
    assert request.contributing_attribute_values == {
        "income": 5000,
        "assets.land_area": 2.1,
        "household.member_count": 4,
    }
