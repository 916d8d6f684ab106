"""What the console reads is found by index, too: records by words, what is pending, a record's change requests."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.builders_plans import Read
from databases import filled
from listed_scores import NOON
from plans import PLAN_MODES, Node, faults_of, plan_of, plans_of, statements_of
from registry.change_request_lists import ChangeRequestFilter, list_change_requests
from registry.record_search import search_records
from registry.tables import ChangeRequestStatus
from store.database import SessionFactory
from store.pages import LOOKED_AT, Part, Position
from store.pending_listings import list_pending_requests

BIG = {"records", "g2p_score_compute_queue", "change_requests"}
LIMIT = 50
OLDEST_FIRST = Part(LIMIT, descending=False)
A_RECORD = "c4ca4238a0b923820dcc509a6f75849b"

# nine of ten rows are of one register, and an import has made half of the requests due at the same moment
FILL = """
INSERT INTO registers (register_id, register_mnemonic, register_purpose, attributes)
SELECT id, id, 'REGISTER', '{}' FROM unnest(ARRAY['farmers', 'herders']) AS id;

CREATE TEMPORARY TABLE made AS
SELECT one, CASE WHEN one % 10 = 0 THEN 'herders' ELSE 'farmers' END AS register_id,
    md5(one::text) AS internal_record_id,
    timestamptz '2026-11-21 12:00Z' - CASE WHEN one % 2 = 0 THEN one ELSE 60000 END * interval '1 second' AS moment
FROM generate_series(1, 100000) AS one;

INSERT INTO records (register_id, internal_record_id, attributes)
SELECT register_id, internal_record_id, jsonb_build_object('name', 'Amina n' || one,
    'village', 'village' || one % 10, 'gender', CASE WHEN one % 2 = 0 THEN 'female' ELSE 'male' END)
FROM made ORDER BY md5(one::text);

INSERT INTO change_requests (change_request_id, register_id, internal_record_id, change_payload, status, created_at)
SELECT 'CR-' || one, register_id,
    CASE WHEN one % 50 = 0 THEN 'c4ca4238a0b923820dcc509a6f75849b' ELSE internal_record_id END, '{"income": 1}',
    (ARRAY['APPROVED', 'REJECTED', 'PENDING'])[1 + one % 3], moment
FROM made ORDER BY md5(one::text);

INSERT INTO g2p_score_compute_batches (batch_id, register_id, start_after)
SELECT 'batch-' || one, CASE WHEN one % 2 = 0 THEN 'herders' ELSE 'farmers' END, now()
FROM generate_series(1, 4) AS one;

INSERT INTO g2p_score_compute_queue (register_id, internal_record_id, score_type, score_definition_id,
    change_request_id, contributing_attribute_values, score_config, definition_version, debounce, sequence,
    due_at, compute_status, on_record_road, batch_id, batch_failed)
SELECT register_id, internal_record_id, 'PMT_SCORE', 'definition', 'CR-' || one, '{"income": 1}',
    '{"weights": {"income": 1}}', 1, '{"quiet_period": 0, "max_wait": 0}', one, moment,
    CASE WHEN one % 1000 < 2 THEN 'PROCESSING' WHEN one % 5 = 4 THEN 'COMPLETED' ELSE 'PENDING' END,
    one % 1000 = 0, CASE WHEN one % 1000 = 1 THEN 'batch-' || 1 + one / 1000 % 4 END, one % 7 = 6
FROM made ORDER BY md5(one::text)
"""


@pytest.fixture(scope="module")
def template_database(postgres_url: str, template_database: str) -> Iterator[str]:
    """A hundred thousand records, change requests and score requests; the planner knows."""
    with filled(postgres_url, template_database, FILL) as name:
        yield name


def pending(part: Part = OLDEST_FIRST, score_type: str | None = None) -> Read:
    """A page of what is pending in the register that has most."""
    return partial(list_pending_requests, register_id="farmers", score_type=score_type, part=part)


def of_record(**wanted: object) -> Read:
    """A page of the change requests of a record that has many."""
    chosen = ChangeRequestFilter(internal_record_id=A_RECORD, **wanted)  # type: ignore[arg-type]
    return partial(list_change_requests, wanted=chosen, part=Part(LIMIT))


AMONG_TIES = Part(LIMIT, Position(NOON - timedelta(seconds=60_000), "80000000"), descending=False)

BOUNDS: dict[str, tuple[Read, int]] = {
    "pending": (pending(), 8 * LIMIT),
    "pending, among what is due at the same moment": (pending(AMONG_TIES), 8 * LIMIT),
    "pending of a type": (pending(score_type="PMT_SCORE"), 3 * LOOKED_AT),
    "pending of a type that is not there": (pending(score_type="NO_SCORE"), 3 * LOOKED_AT),
    "change requests of a record": (of_record(), 3 * LIMIT),
    "change requests of a record that wait": (of_record(status=ChangeRequestStatus.PENDING), 3 * LOOKED_AT),
    "change requests of a record in its register": (of_record(register_id="farmers"), 3 * LOOKED_AT),
}


async def test_a_page_reads_along_an_index_and_no_more_than_it_may(
    engine: AsyncEngine, sessions: SessionFactory
) -> None:
    faults = {}
    for name, (read, most_rows) in BOUNDS.items():
        faults[name] = [faults_of(plan, BIG, most_rows) for plan in await plans_of(engine, sessions, read)]

    assert {name: found for name, found in faults.items() if any(found)} == {}


def search(search_text: str, part: Part = OLDEST_FIRST) -> Read:
    """A page of the records that are found in the register that has most."""
    return partial(search_records, register_id="farmers", search_text=search_text, part=part)


FURTHER = Part(LIMIT, Position("80000000", "80000000"), descending=False)
SORTED = 10_001

SEARCHES: dict[str, tuple[Read, int]] = {
    "a rare word": (search("n77777"), 3),
    "the beginning of some words": (search("n7777"), 30),
    "an id": (search(A_RECORD), 3),
    "a word that is not there": (search("nobody"), 0),
    "a rare word and a common one": (search("female n7777"), 30),
    "a word of every tenth record": (search("village7 male"), SORTED),
    "a common word": (search("female"), SORTED),
    "a common word, further": (search("amina", FURTHER), SORTED),
    "common words together": (search("amina fem"), SORTED),
}
"""How many records each may look at; what an index tells of a word is one list, however long."""


async def test_a_search_looks_at_no_more_records_than_it_may_sort(
    engine: AsyncEngine, sessions: SessionFactory
) -> None:
    faults: dict[str, list[Node]] = {}
    for name, (read, most_rows) in SEARCHES.items():
        for plan in await plans_of_search(engine, sessions, read):
            of_rows = [node for node in plan if node.kind != "Bitmap Index Scan"]
            faults.setdefault(name, []).extend(faults_of(of_rows, {"records"}, max(most_rows, 1)))

    assert {name: found for name, found in faults.items() if found} == {}


async def plans_of_search(engine: AsyncEngine, sessions: SessionFactory, read: Read) -> list[list[Node]]:
    """Those of all its statements but the first, which splits the text into words."""
    _, *sent = await statements_of(engine, sessions, read)
    plans = []
    for one in sent:
        for mode in PLAN_MODES:
            async with sessions() as session:
                plans.append(await plan_of(session, one, mode))
    return plans


async def test_a_search_without_its_index_is_found(engine: AsyncEngine, sessions: SessionFactory) -> None:
    async with sessions.begin() as session:
        await session.execute(text("DROP INDEX ix_records_search"))

    for plan in await plans_of_search(engine, sessions, search("n77777")):
        assert faults_of(plan, {"records"}, SORTED)
