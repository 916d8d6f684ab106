"""Lists are read a page at a time, whatever ties there are and whatever comes and goes meanwhile."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from listed_scores import a_score, a_score_request, an_audit_entry, at
from objects import a_farmer_register, a_stored_definition
from registry.change_request_lists import ChangeRequestFilter, list_change_requests
from registry.tables import ChangeRequest, ChangeRequestStatus
from scoring.errors import InvalidInput
from store.database import Session
from store.listings import AuditFilter, list_audit_entries, list_failed_requests
from store.pages import LOOKED_AT, ListPage, Part
from store.score_listings import ScoreFilter, ScoreSort, list_scores_of_register
from store.score_states import ScoreStatus
from store.tables import ComputeStatus, G2PRegisterScore

OF_FARMERS = ScoreFilter("farmers")
OF_TYPE = ScoreFilter("farmers", "PMT_SCORE")
BY_TIME, BY_SCORE = ScoreSort.COMPUTED_AT, ScoreSort.COMPUTED_SCORE

ReadPart = Callable[[Part], Awaitable[ListPage]]


async def read_all(read: ReadPart, part: Part) -> list[ListPage]:
    """Every page from this part on."""
    read_pages = [await read(part)]
    while read_pages[-1].next is not None:
        read_pages.append(await read(replace(part, after=read_pages[-1].next)))
    return read_pages


def rows_of(read_pages: list[ListPage], column: str) -> list[object]:
    """What stands in the column, page after page."""
    return [getattr(row, column) for page in read_pages for row in page.rows]


def scores(session: Session, wanted: ScoreFilter = OF_FARMERS, sort: ScoreSort = BY_TIME) -> ReadPart:
    """Reads a register's scores."""
    return lambda part: list_scores_of_register(session, wanted, sort, part)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", [BY_TIME, BY_SCORE])
@pytest.mark.parametrize("limit", [1, 2, 3, 9, 10])
async def test_each_score_is_on_one_page_whatever_ties_there_are(
    session: Session, sort: ScoreSort, limit: int, *, descending: bool
) -> None:
    for number in range(9):
        await a_score(session, "farmers", number // 3, computed_at=at(number // 4))
    await a_score(session, "herders")

    read = await read_all(scores(session, OF_TYPE, sort), Part(limit, descending=descending))

    column = "computed_at" if sort is BY_TIME else "computed_score"
    assert rows_of(read, column) == sorted(rows_of(read, column), reverse=descending)  # type: ignore[type-var]
    assert len(set(rows_of(read, "score_id"))) == len(rows_of(read, "score_id")) == 9
    assert [len(page.rows) for page in read[:-1]] == [limit] * (len(read) - 1)


async def test_no_page_is_empty_where_the_last_one_is_full(session: Session) -> None:
    for _ in range(4):
        await a_score(session, "farmers")

    read = await read_all(scores(session), Part(2))

    assert [len(page.rows) for page in read] == [2, 2]


async def test_what_comes_and_goes_meanwhile_moves_no_other_score(session: Session) -> None:
    records = [await a_score(session, "farmers", computed_at=at(number)) for number in range(6)]
    first = await scores(session)(Part(2))
    await session.execute(delete(G2PRegisterScore).filter_by(internal_record_id=records[4]))
    await a_score(session, "farmers", computed_at=at(100))

    rest = await read_all(scores(session), Part(2, first.next))

    assert rows_of([first, *rest], "internal_record_id") == records[::-1]


async def test_thresholds_belong_to_the_range(session: Session) -> None:
    for score in (1, 2, 3, 4):
        await a_score(session, "farmers", score)
    wanted = replace(OF_TYPE, min_score=2, max_score=3)

    by_score = await scores(session, wanted, BY_SCORE)(Part())
    by_time = await scores(session, replace(wanted, score_type=None))(Part())

    assert rows_of([by_score], "computed_score") == [3, 2]
    assert set(rows_of([by_time], "computed_score")) == {2, 3}


async def test_scores_of_a_type_are_listed_by_time(session: Session) -> None:
    await a_score(session, "farmers")
    await a_score(session, "farmers", score_type="FSF_SCORE")

    page = await scores(session, replace(OF_FARMERS, score_type="FSF_SCORE"))(Part())

    assert rows_of([page], "score_type") == ["FSF_SCORE"]


async def test_scores_of_different_types_are_not_sorted_by_score(session: Session) -> None:
    with pytest.raises(InvalidInput, match="do not compare") as refused:
        await scores(session, OF_FARMERS, BY_SCORE)(Part())

    assert refused.value.field == "score_type"


async def test_a_range_that_holds_nothing_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="greater") as refused:
        await scores(session, replace(OF_TYPE, min_score=2, max_score=1))(Part())

    assert refused.value.field == "min_score"


async def a_score_of_each_status(session: Session) -> dict[ScoreStatus, str]:
    """By the only definition of the type, of which version 1 is the latest."""
    definition = await a_stored_definition(session)
    by_it = definition.score_definition_id
    records = {status: await a_score(session, "farmers", score_definition_id=by_it) for status in ScoreStatus}
    others = {"score_definition_id": "one that it replaced"}
    await session.execute(
        update(G2PRegisterScore).filter_by(internal_record_id=records[ScoreStatus.STALE]).values(**others)
    )
    for status, stands in ((ScoreStatus.PENDING, ComputeStatus.PROCESSING), (ScoreStatus.FAILED, ComputeStatus.FAILED)):
        message = {"compute_latest_error_message": "income is missing"}
        await a_score_request(session, "farmers", stands, internal_record_id=records[status], **message)
    await a_score_request(session, "farmers", ComputeStatus.COMPLETED, internal_record_id=records[ScoreStatus.CURRENT])
    return records


async def test_each_score_tells_its_status_and_why_it_failed(session: Session) -> None:
    records = await a_score_of_each_status(session)

    page = await scores(session)(Part())

    assert {row.internal_record_id: row.status for row in page.rows} == {
        record: status.value for status, record in records.items()
    }
    assert {row.status: row.reason for row in page.rows if row.reason} == {"failed": "income is missing"}


@pytest.mark.parametrize("sort", [BY_TIME, BY_SCORE])
@pytest.mark.parametrize("status", ScoreStatus)
async def test_scores_of_a_status_are_chosen(session: Session, status: ScoreStatus, sort: ScoreSort) -> None:
    records = await a_score_of_each_status(session)

    page = await scores(session, replace(OF_TYPE, status=status), sort)(Part())

    assert rows_of([page], "internal_record_id") == [records[status]]


async def test_a_score_of_an_older_version_is_stale(session: Session) -> None:
    definition = await a_stored_definition(session)
    definition.version = 2
    await session.flush()
    await a_score(session, "farmers", score_definition_id=definition.score_definition_id)

    page = await scores(session, replace(OF_FARMERS, status=ScoreStatus.STALE))(Part())

    assert rows_of([page], "status") == ["stale"]


async def test_few_that_match_among_many_are_found_page_by_page(
    session: Session,
) -> None:
    wanted = [7, 8, 33]
    for number in range(40):
        await a_score(session, "farmers", float(number in wanted), computed_at=at(number))

    read = await read_all(scores(session, replace(OF_FARMERS, min_score=1)), Part(5, descending=False, looks_at=10))

    assert [len(page.rows) for page in read[:4]] == [2, 0, 0, 1]
    assert rows_of(read, "computed_at") == [at(number) for number in wanted]


async def test_failed_requests_are_listed_newest_first_with_what_is_known_of_them(session: Session) -> None:
    told = {"compute_latest_error_code": "ScoreInputError", "compute_latest_error_message": "income is missing"}
    for number in range(5):
        moment = {"compute_latest_timestamp": at(number // 2), "sequence": 100 + number}
        await a_score_request(session, "farmers", ComputeStatus.FAILED, **told, **moment)
    for status in (ComputeStatus.PENDING, ComputeStatus.PROCESSING, ComputeStatus.COMPLETED):
        await a_score_request(session, "farmers", status)
    await a_score_request(session, "herders", ComputeStatus.FAILED)

    read = await read_all(lambda part: list_failed_requests(session, "farmers", None, part), Part(2))

    assert rows_of(read, "failed_at") == [at(2), at(1), at(1), at(0), at(0)]
    assert set(rows_of(read, "sequence")) == {100, 101, 102, 103, 104}
    row = read[0].rows[0]
    assert (row.error_code, row.reason, row.change_request_id) == ("ScoreInputError", "income is missing", "CR-1")


async def test_failed_requests_of_a_type_are_chosen(session: Session) -> None:
    await a_score_request(session, "farmers", ComputeStatus.FAILED)
    record = await a_score_request(session, "farmers", ComputeStatus.FAILED, score_type="FSF_SCORE")

    page = await list_failed_requests(session, "farmers", "FSF_SCORE", Part())

    assert rows_of([page], "internal_record_id") == [record]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(AuditFilter(), [3, 2, 1, 0], id="all"),
        pytest.param(AuditFilter(subject="CR-1"), [3, 0], id="a subject"),
        pytest.param(AuditFilter(actor="clerk"), [3, 1], id="an actor"),
        pytest.param(AuditFilter(actions=["retry_scores"]), [2], id="an action"),
        pytest.param(AuditFilter(subject="CR-1", actor="clerk"), [3], id="a subject's by an actor"),
        pytest.param(AuditFilter(subject="CR-1", actions=["retry_scores"]), [], id="none"),
        pytest.param(AuditFilter(since=at(1), until=at(3)), [2, 1], id="from a moment to before another"),
    ],
)
async def test_audit_entries_are_listed_newest_first(session: Session, wanted: AuditFilter, found: list[int]) -> None:
    await an_audit_entry(session, "CR-1", occurred_at=at(0))
    await an_audit_entry(session, "CR-2", occurred_at=at(1), actor="clerk")
    await an_audit_entry(session, "CR-3", occurred_at=at(2), action="retry_scores")
    await an_audit_entry(session, "CR-1", occurred_at=at(3), actor="clerk")

    read = await read_all(lambda part: list_audit_entries(session, wanted, part), Part(1))

    assert rows_of(read, "occurred_at") == [at(number) for number in found]


async def change_requests_of_two_registers(session: Session) -> tuple[str, str]:
    """Four of one, by the minute, of which two wait; one of another, which waits."""
    farmers, herders = (await a_farmer_register(session)).register_id, (await a_farmer_register(session)).register_id
    for number, status in enumerate(("APPROVED", "PENDING", "REJECTED", "PENDING")):
        session.add(
            ChangeRequest(
                change_request_id=f"F-{number}",
                register_id=farmers,
                change_payload={"income": 1},
                status=status,
                created_at=at(number),
            )
        )
    session.add(
        ChangeRequest(change_request_id="H-0", register_id=herders, change_payload={"income": 1}, created_at=at(2))
    )
    await session.flush()
    return farmers, herders


@pytest.mark.parametrize(
    ("of_farmers", "status", "found"),
    [
        pytest.param(True, None, ["F-3", "F-2", "F-1", "F-0"], id="of a register"),
        pytest.param(True, ChangeRequestStatus.PENDING, ["F-3", "F-1"], id="that wait in a register"),
        pytest.param(True, ChangeRequestStatus.REJECTED, ["F-2"], id="rejected ones"),
        pytest.param(False, ChangeRequestStatus.PENDING, ["F-3", "H-0", "F-1"], id="that wait in any"),
    ],
)
async def test_change_requests_are_listed(
    session: Session, status: ChangeRequestStatus | None, found: list[str], *, of_farmers: bool
) -> None:
    farmers, _ = await change_requests_of_two_registers(session)
    register = farmers if of_farmers else None

    wanted = ChangeRequestFilter(register, status=status)
    newest_first = await read_all(lambda part: list_change_requests(session, wanted, part), Part(1))
    oldest_first = await list_change_requests(session, wanted, Part(descending=False))

    assert rows_of(newest_first, "change_request_id") == found
    assert rows_of([oldest_first], "change_request_id") == found[::-1]


async def test_all_change_requests_of_all_registers_are_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="register_id") as refused:
        await list_change_requests(session, ChangeRequestFilter(status=ChangeRequestStatus.APPROVED), Part())

    assert refused.value.field == "register_id"


def test_a_page_of_the_greatest_length_is_never_cut_short_by_what_is_looked_at() -> None:
    assert LOOKED_AT > 500
