"""Changes that another registry approved: received once each, in whatever order; the latest attributes are scored."""

from typing import Any

import pytest

from fed_registers import SENDER, Fed, a_fed_register
from objects import AN_ACTOR, FARMER, an_approval
from postgres_sessions import requests_of
from recompute_registers import Recomputed
from registry.change_requests import NewChangeRequest, approve_change_request, create_change_request
from registry.received_changes import Receipt
from registry.registers import list_record_history
from registry.tables import ReceivedKind, Register
from scoring.errors import (
    ChangeRequestExists,
    ChangesComeFromElsewhere,
    Conflict,
    InvalidAttributes,
    NotTheSender,
    RecordNotFound,
    RegisterNotFound,
)
from store.audit import Actor, list_audit
from store.database import SessionFactory

BOTH = ["FSF_SCORE", "PMT_SCORE"]


@pytest.fixture
async def fed(sessions: SessionFactory) -> Fed:
    """A register that is fed by hooks."""
    return await a_fed_register(sessions)


async def test_the_first_change_of_a_record_makes_it_and_asks_for_its_scores(fed: Fed) -> None:
    receipt = await fed.receive(fed.change(7, 5000, record_attributes=FARMER | {"photo": "…"}))

    record = await fed.record()
    assert receipt == Receipt(is_latest=True, requested_score_types=BOTH, ignored_attributes=["photo"])
    assert (record.register_id, record.attributes) == (fed.register_id, FARMER)
    assert (record.version, record.source_sequence) == (1, 7)
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-7", 5000))


async def test_a_later_change_replaces_the_attributes(fed: Fed) -> None:
    await fed.receive(fed.change(1))

    receipt = await fed.receive(fed.change(2, 3500, record_attributes={"income": 3500, "name": "B"}))

    record = await fed.record()
    assert receipt == Receipt(is_latest=True, requested_score_types=BOTH, ignored_attributes=[])
    assert (record.attributes, record.version) == ({"income": 3500, "name": "B"}, 2)
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-2", 3500))


async def test_a_change_of_what_feeds_no_score_asks_for_none(fed: Fed) -> None:
    await fed.receive(fed.change(1))

    receipt = await fed.receive(fed.change(2, items=[{"phone": "1"}], record_attributes=FARMER | {"phone": "1"}))

    assert receipt.requested_score_types == []
    assert (await fed.record()).attributes == FARMER | {"phone": "1"}
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-1", 5000))


async def test_a_value_that_is_sent_again_as_it_was_asks_for_its_scores_as_an_approval_does(fed: Fed) -> None:
    await fed.receive(fed.change(1))

    receipt = await fed.receive(fed.change(2, items=[{"assets": {"land_area": 2.1}}]))

    assert receipt.requested_score_types == ["PMT_SCORE"]


async def test_a_repeated_change_does_nothing(fed: Fed) -> None:
    await fed.receive(fed.change(1))
    before = {name: row.sequence for name, row in (await requests_of(fed.sessions, "A")).items()}

    receipt = await fed.receive(fed.change(1, 9, source_sequence=99))

    assert receipt == Receipt(is_latest=True, requested_score_types=[], ignored_attributes=[], duplicate=True)
    assert (await fed.record()).attributes == FARMER
    assert (await fed.record()).version == 1
    assert {name: row.sequence for name, row in (await requests_of(fed.sessions, "A")).items()} == before
    async with fed.sessions() as session:
        assert len(await list_audit(session, "CR-1")) == 1


async def test_a_repeated_change_that_is_outdated_by_now_says_so(fed: Fed) -> None:
    for sequence in (1, 2):
        await fed.receive(fed.change(sequence))

    receipt = await fed.receive(fed.change(1))

    assert (receipt.duplicate, receipt.is_latest) == (True, False)


async def test_a_late_change_leaves_newer_attributes_alone_and_their_requests_too(fed: Fed) -> None:
    await fed.receive(fed.change(2, 3500))

    receipt = await fed.receive(fed.change(1, 9999))

    record = await fed.record()
    assert receipt == Receipt(is_latest=False, requested_score_types=[], ignored_attributes=[])
    assert (record.attributes["income"], record.version, record.source_sequence) == (3500, 1, 2)
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-2", 3500))


async def test_a_late_change_asks_for_what_it_touches_alone_on_the_newer_attributes(fed: Fed) -> None:
    await fed.receive(fed.change(1))
    only_land = FARMER | {"assets": {"land_area": 9}}
    await fed.receive(fed.change(3, items=[{"assets.land_area": 9}], record_attributes=only_land))

    receipt = await fed.receive(fed.change(2, items=[{"household": {"member_count": 4}}, {"assets.land_area": 8}]))

    assert receipt == Receipt(is_latest=False, requested_score_types=["FSF_SCORE"], ignored_attributes=[])
    assert await fed.asked() == {"FSF_SCORE": ("CR-2", 5000), "PMT_SCORE": ("CR-3", 5000)}
    assert (await fed.record()).attributes == only_land


async def test_what_a_change_that_never_arrived_has_changed_is_scored_with_the_next(fed: Fed) -> None:
    await fed.receive(fed.change(1))

    # number 2, which changed the income, is lost
    receipt = await fed.receive(fed.change(3, 3500, items=[{"phone": "1"}]))

    assert receipt.requested_score_types == BOTH
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-3", 3500))


async def test_of_two_changes_of_one_sequence_the_first_keeps_its_attributes_and_both_ask(fed: Fed) -> None:
    await fed.receive(fed.change(1))

    receipt = await fed.receive(fed.change(1, 9999, change_id="CR-1b"))

    assert receipt == Receipt(is_latest=True, requested_score_types=BOTH, ignored_attributes=[])
    assert (await fed.record()).attributes == FARMER
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-1b", 5000))


async def test_a_submission_is_named_as_such_and_may_fill_several_records(fed: Fed) -> None:
    submission: dict[str, Any] = {"kind": ReceivedKind.SUBMISSION, "change_id": "SUB-1"}

    for record in ("A", "B"):
        await fed.receive(fed.change(1, **submission, internal_record_id=record))
    again = await fed.receive(fed.change(1, **submission, internal_record_id="B"))

    for record in ("A", "B"):
        for row in (await requests_of(fed.sessions, record)).values():
            assert (row.submission_id, row.change_request_id) == ("SUB-1", "")
    assert again.duplicate
    assert await fed.received() == [("SUB-1", "A", 1), ("SUB-1", "B", 1)]


async def test_a_late_change_leaves_the_request_of_a_later_submission_alone(fed: Fed) -> None:
    await fed.receive(fed.change(2, 3500, kind=ReceivedKind.SUBMISSION, change_id="SUB-1"))

    receipt = await fed.receive(fed.change(1))

    assert receipt.requested_score_types == []
    assert await fed.asked() == dict.fromkeys(BOTH, ("SUB-1", 3500))


async def test_a_change_request_and_a_submission_may_have_the_same_id(fed: Fed) -> None:
    await fed.receive(fed.change(1, change_id="7"))

    receipt = await fed.receive(fed.change(2, kind=ReceivedKind.SUBMISSION, change_id="7"))

    assert not receipt.duplicate


async def test_a_change_request_of_another_record_is_refused_and_leaves_nothing(fed: Fed) -> None:
    await fed.receive(fed.change(1))

    with pytest.raises(ChangeRequestExists, match="CR-1 was received for another record"):
        await fed.receive(fed.change(1, internal_record_id="B"))

    with pytest.raises(RecordNotFound):
        await fed.record("B")


async def test_a_record_of_another_register_is_refused(fed: Fed) -> None:
    other = await a_fed_register(fed.sessions)
    await other.receive(other.change(1))

    with pytest.raises(Conflict, match="record A belongs to another register"):
        await fed.receive(fed.change(2, 1))

    assert (await fed.record()).attributes == FARMER
    assert len(await fed.received()) == 1


@pytest.mark.parametrize("feeds", ["land-registry", None])
async def test_only_the_sender_of_the_register_may_feed_it(sessions: SessionFactory, feeds: str | None) -> None:
    fed = await a_fed_register(sessions, feeds)

    with pytest.raises(NotTheSender, match="takes no hooks from farmer-registry") as refused:
        await fed.receive(fed.change(1))

    assert "land-registry" not in str(refused.value)
    assert await fed.received() == []


async def test_a_register_that_nobody_knows_is_not_found(fed: Fed) -> None:
    with pytest.raises(RegisterNotFound):
        await fed.receive(fed.change(1, register_id="nobody's"))


async def test_attributes_that_do_not_fit_change_nothing(fed: Fed) -> None:
    with pytest.raises(InvalidAttributes, match="income must be of type number"):
        await fed.receive(fed.change(1, record_attributes={"income": "5000"}))

    with pytest.raises(RecordNotFound):
        await fed.record()
    assert await fed.received() == []


async def test_the_audit_log_tells_who_sent_what_and_no_values(fed: Fed) -> None:
    await fed.receive(fed.change(2, 987654321))

    async with fed.sessions() as session:
        [entry] = await list_audit(session, "CR-2")
    assert (entry.actor, entry.source, entry.address) == (SENDER.name, "hook", "192.0.2.7")
    assert (entry.action, entry.details) == (
        "receive_change_request",
        {"register_id": fed.register_id, "internal_record_id": "A", "source_sequence": 2, "is_latest": True},
    )


async def test_no_change_request_can_be_made_where_changes_come_from_elsewhere(fed: Fed) -> None:
    async with fed.sessions() as session:
        with pytest.raises(ChangesComeFromElsewhere, match="fed by hooks from farmer-registry"):
            await create_change_request(session, NewChangeRequest(fed.register_id, {"income": 1}))


async def test_a_change_request_from_before_cannot_be_approved_any_more(sessions: SessionFactory) -> None:
    fed = await a_fed_register(sessions, sender=None)
    async with sessions.begin() as session:
        record = (await an_approval(session, fed.register_id)).internal_record_id or ""
        waiting = await create_change_request(session, NewChangeRequest(fed.register_id, {"income": 1}, record))
        (await session.get_one(Register, fed.register_id)).hook_sender = SENDER.name

    async with sessions() as session:
        with pytest.raises(ChangesComeFromElsewhere):
            await approve_change_request(session, AN_ACTOR, waiting.change_request_id)

    assert (await fed.record(record)).attributes == FARMER


async def test_a_record_that_was_approved_here_before_goes_on_with_hooks(sessions: SessionFactory) -> None:
    fed = await a_fed_register(sessions, sender=None)
    async with sessions.begin() as session:
        record = (await an_approval(session, fed.register_id)).internal_record_id or ""
        (await session.get_one(Register, fed.register_id)).hook_sender = SENDER.name

    await fed.receive(fed.change(1, 3500, internal_record_id=record))

    taken_over = await fed.record(record)
    assert (taken_over.attributes["income"], taken_over.version, taken_over.source_sequence) == (3500, 2, 1)
    async with sessions() as session:
        assert len(await list_record_history(session, record)) == 1


@pytest.mark.parametrize(
    ("items", "touched"),
    [
        pytest.param([{"edit_action": "NO_CHANGE", "income": 1}], [], id="nothing"),
        pytest.param([{"edit_action": "UPDATE", "land_area": 2.1}], ["PMT_SCORE"], id="a changed item"),
        pytest.param([{"edit_action": "DELETE", "internal_record_id": "x"}], ["PMT_SCORE"], id="a removed item"),
    ],
)
async def test_a_change_of_a_section_is_not_skipped(fed: Fed, items: list[dict[str, Any]], touched: list[str]) -> None:
    await fed.receive(fed.change(1))

    receipt = await fed.receive(fed.change(2, items=items, section="assets"))

    assert receipt.requested_score_types == touched


async def test_a_register_that_is_fed_by_hooks_is_recomputed_as_any_other(fed: Fed) -> None:
    register = Recomputed(fed.sessions, fed.register_id, "")
    await fed.receive(fed.change(1))
    await fed.receive(fed.change(2, 3500))
    await register.settle("A")
    recomputation = await register.ask()

    looked_at = await register.page(10)

    assert looked_at == 1
    assert await fed.asked() == {"FSF_SCORE": ("CR-2", 3500), "PMT_SCORE": (recomputation, 3500)}


async def test_a_late_change_leaves_the_request_of_a_recomputation_alone(fed: Fed) -> None:
    register = Recomputed(fed.sessions, fed.register_id, "")
    await fed.receive(fed.change(1))
    await fed.receive(fed.change(3, 3500))
    await register.settle("A")
    recomputation = await register.ask()
    await register.page(10)

    receipt = await fed.receive(fed.change(2, 9999))

    assert receipt == Receipt(is_latest=False, requested_score_types=[], ignored_attributes=[])
    assert await fed.asked() == {"FSF_SCORE": ("CR-3", 3500), "PMT_SCORE": (recomputation, 3500)}


async def test_the_latest_change_takes_over_from_a_recomputation(fed: Fed) -> None:
    register = Recomputed(fed.sessions, fed.register_id, "")
    await fed.receive(fed.change(1))
    await register.settle("A")
    await register.ask()
    await register.page(10)

    receipt = await fed.receive(fed.change(2, 3500))

    assert receipt.requested_score_types == BOTH
    assert await fed.asked() == dict.fromkeys(BOTH, ("CR-2", 3500))


async def test_what_is_not_declared_may_be_anything_in_a_change_too(fed: Fed) -> None:
    odd: dict[str, Any] = {"address": "x", "address.city": "y", "shoe size ": 43}

    receipt = await fed.receive(fed.change(1, items=[odd | {"income": 1}], record_attributes=FARMER | odd))

    assert receipt.requested_score_types == BOTH
    assert receipt.ignored_attributes == sorted(odd)


async def test_another_sender_is_another_actor(fed: Fed) -> None:
    with pytest.raises(NotTheSender):
        await fed.receive(fed.change(1), Actor("farmer-registry2", "hook"))
