"""Registers, and records with their history and score requests."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, status

from api import registry_schemas as schemas
from api.guard import GuardedRoute
from api.identity import CurrentActor
from api.permissions import Permission, permission
from api.problems import documented
from api.query_values import WHOLE
from api.runs import request_answer
from api.schemas import IDENTIFIER
from api.services import Services
from registry.record_search import search_records
from registry.registers import (
    Page,
    create_register,
    get_record,
    get_register,
    list_record_history,
    list_records,
    list_registers,
)
from store.audit import append_audit
from store.outbox import list_requests
from store.pages import Part, Position

router = APIRouter(route_class=GuardedRoute, tags=["registers and records"], responses=documented(HTTPStatus.NOT_FOUND))

PathId = Annotated[str, Path(min_length=1, max_length=128, pattern=IDENTIFIER)]
Limit = Annotated[int, WHOLE, Query(ge=1, le=500, description="Rows a page")]
After = Annotated[str | None, Query(max_length=128, pattern=IDENTIFIER, description="`next` of the page before")]

Before = Annotated[int | None, WHOLE, Query(ge=1, le=2**31 - 1, description="`next` of the page before")]


@router.post("/registers", status_code=status.HTTP_201_CREATED, openapi_extra=permission(Permission.MANAGE_REGISTERS))
async def post_register(body: schemas.CreateRegister, services: Services, actor: CurrentActor) -> schemas.Register:
    """Create a register with its attributes."""
    async with services.sessions.begin() as session:
        register = await create_register(
            session, body.register_mnemonic, body.register_purpose, body.attributes, body.hook_sender
        )
        await append_audit(session, actor, "create_register", register.register_id, {})
    return schemas.Register.model_validate(register)


@router.get("/registers", openapi_extra=permission(Permission.VIEW_REGISTERS))
async def get_registers(services: Services, limit: Limit = 50, after: After = None) -> schemas.Registers:
    """Registers by id."""
    async with services.reads() as session:
        rows = await list_registers(session, Page(limit, after))
    registers = [schemas.Register.model_validate(row) for row in rows]
    return schemas.Registers(registers=registers, next=rows[-1].register_id if len(rows) == limit else None)


@router.get("/registers/{register_id}", openapi_extra=permission(Permission.VIEW_REGISTERS))
async def get_one_register(register_id: PathId, services: Services) -> schemas.Register:
    """One register."""
    async with services.reads() as session:
        return schemas.Register.model_validate(await get_register(session, register_id))


@router.get("/registers/{register_id}/records", openapi_extra=permission(Permission.VIEW_RECORDS))
async def get_records(
    register_id: PathId, services: Services, limit: Limit = 50, after: After = None
) -> schemas.Records:
    """A register's records by id."""
    async with services.reads() as session:
        await get_register(session, register_id)
        rows = await list_records(session, register_id, Page(limit, after))
    records = [schemas.Record.model_validate(row) for row in rows]
    return schemas.Records(records=records, next=rows[-1].internal_record_id if len(rows) == limit else None)


@router.post("/registers/{register_id}/search_records", openapi_extra=permission(Permission.VIEW_RECORDS))
async def post_search_records(register_id: PathId, body: schemas.SearchRecords, services: Services) -> schemas.Records:
    """A register's records by id, of those in which each word of the text begins a word or the id.

    POST, as what is looked for are people's names: a URL is logged on its way. Where many match, a page looks at 2,000
    records at most: it may be short, even empty, and continue.
    """
    after = None if body.after is None else Position(body.after, body.after)
    async with services.reads() as session:
        await get_register(session, register_id)
        page = await search_records(session, register_id, body.search_text, Part(body.limit, after, descending=False))
    records = [schemas.Record.model_validate(row) for row in page.rows]
    return schemas.Records(records=records, next=None if page.next is None else str(page.next.unique))


@router.get("/records/{internal_record_id}", openapi_extra=permission(Permission.VIEW_RECORDS))
async def get_one_record(internal_record_id: PathId, services: Services) -> schemas.Record:
    """One record as last approved."""
    async with services.reads() as session:
        return schemas.Record.model_validate(await get_record(session, internal_record_id))


@router.get("/records/{internal_record_id}/history", openapi_extra=permission(Permission.VIEW_HISTORY))
async def get_record_history(
    internal_record_id: PathId, services: Services, limit: Limit = 50, before: Before = None
) -> schemas.RecordHistory:
    """The record after each approved change request, newest first."""
    async with services.reads() as session:
        await get_record(session, internal_record_id)
        rows = await list_record_history(session, internal_record_id, limit, before)
    history = [schemas.RecordVersion.model_validate(row) for row in rows]
    return schemas.RecordHistory(history=history, next=history[-1].version if len(rows) == limit else None)


@router.get("/records/{internal_record_id}/score-requests", openapi_extra=permission(Permission.VIEW_SCORES))
async def get_score_requests(internal_record_id: PathId, services: Services) -> schemas.ScoreRequests:
    """Where the computation of each score stands, and why it failed if it did."""
    async with services.reads() as session:
        rows = await list_requests(session, internal_record_id)
    return schemas.ScoreRequests(score_requests=[request_answer(schemas.ScoreRequest, row) for row in rows])
