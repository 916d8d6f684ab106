"""What PostgreSQL holds when a load has settled, read at one moment by plain SQL. Numbers are exact decimals."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import asyncpg  # type: ignore[import-untyped]

from faults.oracle_attributes import snapshot
from faults.oracle_builder_rows import BUILDERS, BuilderRows, read_builder_rows

Row = TypeVar("Row", bound=tuple[Any, ...])
RecordAndType = tuple[str, str]


class Definition(NamedTuple):
    """A score type of a register of purpose REGISTER, or of builders."""

    register_id: str
    score_type: str
    version: int
    contributing_attributes: list[str]
    is_enabled: bool
    debounce: Mapping[str, Any]
    created_at: datetime


class Record(NamedTuple):
    """A record as it stands."""

    internal_record_id: str
    register_id: str
    version: int
    attributes: Mapping[str, Any]


class ChangeRequest(NamedTuple):
    """A change that was asked for."""

    change_request_id: str
    register_id: str
    internal_record_id: str | None
    status: str
    change_payload: Mapping[str, Any]


class RecordVersion(NamedTuple):
    """A record after an approval."""

    internal_record_id: str
    version: int
    change_request_id: str
    attributes: Mapping[str, Any]
    created_at: datetime


class Request(NamedTuple):
    """Where the computation of a record's score stands."""

    register_id: str
    internal_record_id: str
    score_type: str
    change_request_id: str
    reason: str
    sequence: int
    computed_sequence: int
    definition_version: int
    compute_status: str
    contributing_attribute_values: Mapping[str, Any]
    score_config: Mapping[str, Any]
    on_record_road: bool
    batch_id: str | None
    compute_latest_error_code: str | None
    compute_latest_error_message: str | None


class Score(NamedTuple):
    """The latest score of a record."""

    internal_record_id: str
    score_type: str
    score_id: str
    sequence: int
    triggered_by_cr_id: str
    computed_score: float


class PastScore(NamedTuple):
    """A score that there was, with what it was computed from."""

    register_id: str
    internal_record_id: str
    score_type: str
    sequence: int
    definition_version: int
    triggered_by_cr_id: str
    computed_score: float
    computed_at: datetime
    contributing_attribute_values: Mapping[str, Any]
    score_config: Mapping[str, Any]
    breakdown: Mapping[str, Any] | None


class Recomputation(NamedTuple):
    """A recomputation of a score type of a register."""

    recomputation_id: str
    register_id: str
    score_type: str
    status: str
    reason: str | None


_TABLES: Mapping[type[tuple[Any, ...]], str] = {
    Definition: "g2p_register_score_definitions LEFT JOIN registers USING (register_id) "
    f"WHERE register_purpose = 'REGISTER' OR register_id = '{BUILDERS}'",
    Record: "records",
    ChangeRequest: "change_requests",
    RecordVersion: "record_history ORDER BY internal_record_id, version",
    Request: "g2p_score_compute_queue",
    Score: "g2p_register_scores",
    PastScore: "g2p_register_score_history ORDER BY internal_record_id, score_type, sequence",
    Recomputation: "g2p_score_recomputations",
}


@dataclass(frozen=True)
class EndState:
    """All rows that the rules look at."""

    definitions: Sequence[Definition]
    records: Mapping[str, Record]
    change_requests: Mapping[str, ChangeRequest]
    versions: Sequence[RecordVersion]
    requests: Mapping[RecordAndType, Request]
    scores: Mapping[RecordAndType, Score]
    history: Sequence[PastScore]
    recomputations: Mapping[str, Recomputation]
    builders: BuilderRows

    @cached_property
    def versions_by_record(self) -> Mapping[str, Sequence[RecordVersion]]:
        """Each record's versions, in their order."""
        grouped: defaultdict[str, list[RecordVersion]] = defaultdict(list)
        for version in self.versions:
            grouped[version.internal_record_id].append(version)
        return grouped

    @cached_property
    def versions_by_change(self) -> Mapping[str, Sequence[RecordVersion]]:
        """What each change request left behind: one version, if all is well."""
        grouped: defaultdict[str, list[RecordVersion]] = defaultdict(list)
        for version in self.versions:
            grouped[version.change_request_id].append(version)
        return grouped

    @cached_property
    def history_by_score(self) -> Mapping[RecordAndType, Sequence[PastScore]]:
        """Each score's history, in the order of sequences."""
        grouped: defaultdict[RecordAndType, list[PastScore]] = defaultdict(list)
        for row in self.history:
            grouped[row.internal_record_id, row.score_type].append(row)
        return grouped

    @cached_property
    def definitions_by_version(self) -> Mapping[tuple[str, str, int], Definition]:
        """The definitions as they stand; of older versions nobody knows what they were."""
        return {(one.register_id, one.score_type, one.version): one for one in self.definitions}

    def attributes_of(self, internal_record_id: str) -> Mapping[str, Any] | None:
        """What a record's scores are made of as it stands now; None where there is no such record, nor builder."""
        record = self.records.get(internal_record_id)
        return record.attributes if record else self.builders.attributes_of(internal_record_id)

    def values_for(self, row: Request | PastScore, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values that the row must hold if it is of these attributes.

        Where it is of an older version of its definition, those of the paths that it holds.
        """
        definition = self.definitions_by_version.get((row.register_id, row.score_type, row.definition_version))
        return snapshot(
            attributes, definition.contributing_attributes if definition else row.contributing_attribute_values
        )


async def read_end_state(connection: asyncpg.Connection) -> EndState:
    """Read it, all at one moment."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=exact)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return EndState(
            definitions=await _read(connection, Definition),
            records={row.internal_record_id: row for row in await _read(connection, Record)},
            change_requests={row.change_request_id: row for row in await _read(connection, ChangeRequest)},
            versions=await _read(connection, RecordVersion),
            requests={(row.internal_record_id, row.score_type): row for row in await _read(connection, Request)},
            scores={row[:2]: row for row in await _read(connection, Score)},
            history=await _read(connection, PastScore),
            recomputations={row.recomputation_id: row for row in await _read(connection, Recomputation)},
            builders=await read_builder_rows(connection),
        )


def exact(text: str) -> Any:
    """JSON with its numbers as the decimals that stand in it."""
    return json.loads(text, parse_float=Decimal)


async def _read(connection: asyncpg.Connection, kind: type[Row]) -> list[Row]:
    table = _TABLES[kind]
    source = table.partition(" ")[0]
    columns = ", ".join(f"{source}.{name}" for name in kind._fields)  # type: ignore[attr-defined]
    rows = await connection.fetch(f"SELECT {columns} FROM {table}")  # noqa: S608 - put together from constants
    return [kind(*row) for row in rows]
