"""What is read over HTTP is one statement along an index: its work grows with the page, not with 100,000 scores."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.builders_plans import Read
from databases import filled
from plans import PLAN_MODES, faults_of, plans_of
from registry.change_request_lists import ChangeRequestFilter, list_change_requests
from registry.tables import ChangeRequestStatus
from store.database import SessionFactory
from store.definitions import list_definitions
from store.listings import DEFINITION_ACTIONS, AuditFilter, list_audit_entries, list_failed_requests
from store.pages import LOOKED_AT, Part, Position
from store.score_listings import ScoreFilter, ScoreSort, list_scores_of_register
from store.score_states import ScoreStatus, list_score_states
from store.scores import get_past_score, list_history

SCORES = 100_000
BIG = {
    "g2p_register_scores",
    "g2p_register_score_history",
    "g2p_score_compute_queue",
    "audit_log",
    "change_requests",
}
LIMIT = 50
STEPS = 10
"""How often a row may be counted on its way through a plan."""

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

# nine of ten rows are of one register: an index on it alone would be worth nothing
FILL = """
INSERT INTO registers (register_id, register_mnemonic, register_purpose, attributes)
SELECT id, id, 'REGISTER', '{}' FROM unnest(ARRAY['farmers', 'herders']) AS id;

INSERT INTO g2p_register_score_definitions (
    score_definition_id, register_id, score_type, contributing_attributes, score_config, debounce, version)
SELECT register_id || score_type, register_id, score_type, '[]', '{}', '{}', 2
FROM unnest(ARRAY['farmers', 'herders']) AS register_id, unnest(ARRAY['PMT_SCORE', 'FSF_SCORE']) AS score_type;

CREATE TEMPORARY TABLE made AS
SELECT one, CASE WHEN one % 10 = 0 THEN 'herders' ELSE 'farmers' END AS register_id,
    md5((one / 2)::text) AS internal_record_id,
    CASE WHEN one % 2 = 0 THEN 'PMT_SCORE' ELSE 'FSF_SCORE' END AS score_type,
    timestamptz '2026-11-21 12:00Z' - one * interval '1 second' AS moment
FROM generate_series(1, 100000) AS one;

INSERT INTO g2p_register_scores (register_id, internal_record_id, score_type, score_definition_id,
    triggered_by_cr_id, computed_score, computed_at, sequence, definition_version)
SELECT register_id, internal_record_id, score_type, register_id || score_type, 'CR-' || one,
    one * 7919 % 10007, moment, one, 1 + one / 7 % 2
FROM made ORDER BY md5(one::text);

INSERT INTO g2p_register_score_history (register_id, internal_record_id, score_type, score_definition_id,
    triggered_by_cr_id, computed_score, computed_at, sequence, definition_version, contributing_attribute_values,
    score_config, formula_name, formula_version)
SELECT register_id, internal_record_id, score_type, register_id || score_type, 'CR-' || one,
    one * 7919 % 10007, moment, one, 1, '{"income": 1}', '{"weights": {"income": 1}}', 'formula', '1'
FROM made ORDER BY md5(one::text);

INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_type, score_definition_id,
    change_request_id, contributing_attribute_values, score_config, definition_version, debounce, sequence,
    compute_latest_timestamp, compute_status)
SELECT register_id, internal_record_id, score_type, register_id || score_type, 'CR-' || one, '{"income": 1}',
    '{"weights": {"income": 1}}', 1, '{"quiet_period": 0, "max_wait": 0}', one, moment,
    (ARRAY['COMPLETED', 'COMPLETED', 'COMPLETED', 'PENDING', 'FAILED'])[1 + one / 3 % 5]
FROM made ORDER BY md5(one::text);

INSERT INTO change_requests (change_request_id, register_id, change_payload, status, created_at)
SELECT 'CR-' || one, register_id, '{"income": 1}', (ARRAY['APPROVED', 'REJECTED', 'PENDING'])[1 + one % 3], moment
FROM made ORDER BY md5(one::text);

INSERT INTO audit_log (occurred_at, actor, source, action, subject, details)
SELECT moment, 'officer ' || one % 20, 'api', 'approve_change_request', 'CR-' || one, '{}' FROM made;

INSERT INTO audit_log (occurred_at, actor, source, action, subject, details)
SELECT moment, 'officer ' || one % 20, 'api', 'update_score_definition', 'farmersPMT_SCORE', '{}'
FROM made WHERE one % 100 = 0;
"""


@pytest.fixture(scope="module")
def template_database(postgres_url: str, template_database: str) -> Iterator[str]:
    """A hundred thousand scores, their requests and history, change requests and audit entries; the planner knows."""
    with filled(postgres_url, template_database, FILL) as name:
        yield name


def scores(sort: ScoreSort = ScoreSort.COMPUTED_AT, part: Part | None = None, **wanted: object) -> Read:
    """A page of the scores of the register that has most."""
    chosen = ScoreFilter("farmers", **wanted)  # type: ignore[arg-type]
    return partial(list_scores_of_register, wanted=chosen, sort=sort, part=part or Part(LIMIT))


def audit(part: Part | None = None, **wanted: object) -> Read:
    """A page of the audit log."""
    return partial(list_audit_entries, wanted=AuditFilter(**wanted), part=part or Part(LIMIT))  # type: ignore[arg-type]


def change_requests(register_id: str | None, status: ChangeRequestStatus | None, part: Part | None = None) -> Read:
    """A page of the change requests."""
    wanted = ChangeRequestFilter(register_id, status=status)
    return partial(list_change_requests, wanted=wanted, part=part or Part(LIMIT))


A_RECORD = "c4ca4238a0b923820dcc509a6f75849b"
OF_RECORD: Any = {"internal_record_id": A_RECORD, "score_type": "PMT_SCORE"}
MIDDLE = NOON - timedelta(seconds=50_000)
BY_SCORE = ScoreSort.COMPUTED_SCORE
OLDEST_FIRST = Part(LIMIT, descending=False)
NEXT_IN_TIME = Part(LIMIT, Position(MIDDLE, A_RECORD))
NEXT_IN_SCORE = Part(LIMIT, Position(5000.0, A_RECORD), descending=False)
PENDING = ChangeRequestStatus.PENDING

WHOLE_PAGES: dict[str, Read] = {
    "scores, newest first": scores(),
    "scores, oldest first": scores(part=OLDEST_FIRST),
    "scores, a page further": scores(part=NEXT_IN_TIME),
    "scores, highest first": scores(BY_SCORE, score_type="PMT_SCORE"),
    "scores, lowest first": scores(BY_SCORE, OLDEST_FIRST, score_type="PMT_SCORE"),
    "scores, a page further by score": scores(BY_SCORE, NEXT_IN_SCORE, score_type="PMT_SCORE"),
    "scores between thresholds": scores(BY_SCORE, score_type="PMT_SCORE", min_score=4_000.0, max_score=6_000.0),
    "failed requests": partial(list_failed_requests, register_id="farmers", score_type=None, part=Part(LIMIT)),
    "failed requests, further": partial(
        list_failed_requests, register_id="farmers", score_type=None, part=NEXT_IN_TIME
    ),
    "audit log": audit(),
    "audit log, a page further": audit(Part(LIMIT, Position(MIDDLE, 7))),
    "audit log of an actor": audit(actor="officer 7"),
    "audit log of a subject": audit(subject="CR-77"),
    "audit log of a time": audit(since=MIDDLE, until=MIDDLE + timedelta(hours=1)),
    "change requests": change_requests("farmers", None),
    "change requests, oldest first": change_requests("farmers", None, OLDEST_FIRST),
    "change requests, a page further": change_requests("farmers", None, NEXT_IN_TIME),
    "change requests that wait": change_requests(None, PENDING),
    "change requests that wait, further": change_requests(None, PENDING, NEXT_IN_TIME),
    "change requests that wait in a register": change_requests("herders", PENDING),
    "change requests that wait in a register, further": change_requests("herders", PENDING, NEXT_IN_TIME),
    "get_scores": partial(list_score_states, internal_record_ids=[A_RECORD]),
    "get_score_history": partial(list_history, **OF_RECORD, limit=LIMIT),
    "get_score_history, a page further": partial(list_history, **OF_RECORD, limit=LIMIT, before=50_000),
    "explain_score": partial(get_past_score, **OF_RECORD),
    "explain_score, of a sequence": partial(get_past_score, **OF_RECORD, sequence=2),
    "definitions": partial(list_definitions, register_id="farmers"),
}
"""Each row that is read is one of the page."""

CHOSEN: dict[str, Read] = {
    "scores of a type": scores(score_type="FSF_SCORE"),
    **{f"{status} scores": scores(status=status) for status in ScoreStatus},
    **{f"{status} scores, by score": scores(BY_SCORE, score_type="PMT_SCORE", status=status) for status in ScoreStatus},
    "scores between thresholds, by time": scores(min_score=4_000.0, max_score=4_001.0),
    "scores that are not there": scores(score_type="NO_SCORE"),
    "failed requests of a type": partial(
        list_failed_requests, register_id="farmers", score_type="PMT_SCORE", part=Part(LIMIT)
    ),
    "history of a definition": audit(subject="farmersPMT_SCORE", actions=DEFINITION_ACTIONS),
    "audit log of an action": audit(actions=["update_score_definition"]),
    "audit log of an action that is not there": audit(actions=["none"]),
    "audit log of an actor's actions": audit(actor="officer 7", actions=["none"]),
    "rejected change requests": change_requests("farmers", ChangeRequestStatus.REJECTED),
}
"""Rows are chosen from those that are read."""


async def test_a_page_reads_along_an_index_and_no_more_than_it_may(
    engine: AsyncEngine, sessions: SessionFactory
) -> None:
    faults = {}
    for reads, most_rows in ((WHOLE_PAGES, 3 * LIMIT), (CHOSEN, 3 * LOOKED_AT)):
        for name, read in reads.items():
            faults[name] = [faults_of(plan, BIG, most_rows) for plan in await plans_of(engine, sessions, read)]

    assert {name: found for name, found in faults.items() if any(found)} == {}


WAITING_ELSEWHERE = """
INSERT INTO registers (register_id, register_mnemonic, register_purpose, attributes)
VALUES ('builders', 'builders', 'REGISTER', '{}');
INSERT INTO change_requests (change_request_id, register_id, change_payload, created_at)
SELECT 'waiting-' || one, CASE WHEN one % 1000 = 0 THEN 'builders' ELSE 'farmers' END, '{"income": 1}',
    timestamptz '2026-11-21 12:00Z' + one * interval '1 second'
FROM generate_series(1, 100000) AS one ORDER BY md5(one::text);
ANALYZE change_requests
"""


async def test_what_waits_in_a_register_is_found_among_a_hundred_thousand_that_wait_elsewhere(
    engine: AsyncEngine, sessions: SessionFactory
) -> None:
    async with sessions.begin() as session:
        for statement in WAITING_ELSEWHERE.split(";\n"):
            await session.execute(text(statement))

    newest_first = await plans_of(engine, sessions, change_requests("builders", PENDING))
    oldest_first = await plans_of(engine, sessions, change_requests("builders", PENDING, OLDEST_FIRST))

    for plans in (newest_first, oldest_first):
        assert [faults_of(plan, BIG, 3 * LIMIT) for plan in plans] == [[]] * len(PLAN_MODES)


async def test_a_read_that_no_index_serves_is_found(engine: AsyncEngine, sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await session.execute(text("DROP INDEX ix_g2p_register_scores_by_time"))

    plans = await plans_of(engine, sessions, scores())

    assert all(faults_of(plan, BIG, 3 * LIMIT) for plan in plans)
