"""Whether every user's score is what the data give: counted and computed again, page by page, beside what is stored.

A page is read in one snapshot. In it whoever's data have changed has a request that waits: what is under way is no
difference. The copy is written with the score, so it is judged whatever waits.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice, zip_longest
from typing import Any

from sqlalchemy import Row, select, text

from builders.attributes import COUNTED, as_attributes
from builders.register import ATTRIBUTES, BUILDER_SCORE, BUILDERS
from builders.score import explain
from builders.tables import User
from scoring.errors import ScoreDefinitionDisabled, ScoreDefinitionNotFound
from store.database import Session, SessionFactory
from store.definition_tables import G2PRegisterScoreDefinition
from store.tables import ComputeStatus

PAGE_SIZE = 1_000
SHOWN = 20
"""How many users are told one by one."""


class Finding(StrEnum):
    """What is wrong with a user's score."""

    COPY = "copy"
    """`users.builder_score` is not the stored score."""
    DRIFT = "drift"
    """The stored score is not what the data give."""
    MISSING = "missing"
    """There is no score, and none is pending."""
    FAILED = "failed"
    """The latest computation has failed."""
    STALE = "stale"
    """An older version of the definition computed the score, or one that was deleted since."""


@dataclass(frozen=True)
class Difference:
    """What is wrong with a user's score, and the three numbers that should be one."""

    user_id: str
    findings: tuple[Finding, ...]
    builder_score: int
    """The copy in the user's row."""
    stored_score: float | None
    computed_score: int
    """What the data give by today's definition."""


@dataclass(frozen=True)
class CheckedUser:
    """What was found of a user; while a request waits, the copy alone can be wrong."""

    user_id: str
    is_pending: bool
    difference: Difference | None = None


@dataclass
class Verification:
    """How many users there are and what is wrong; what it keeps does not grow with them."""

    users: int = 0
    pending: int = 0
    """Users of whom a request waits, and nothing is wrong."""
    differing: int = 0
    """Users of whom anything is wrong."""
    findings: dict[Finding, int] = field(default_factory=lambda: dict.fromkeys(Finding, 0))
    _first: dict[Finding, list[Difference]] = field(default_factory=lambda: {finding: [] for finding in Finding})

    @property
    def right(self) -> int:
        """Users whose score is what the data give."""
        return self.users - self.pending - self.differing

    @property
    def shown(self) -> list[Difference]:
        """Up to SHOWN users of whom something is wrong, by id: from each finding the first ones, in turn."""
        in_turn = filter(None, chain.from_iterable(zip_longest(*self._first.values())))
        chosen = islice(dict.fromkeys(in_turn), SHOWN)
        return sorted(chosen, key=lambda one: one.user_id)

    def add(self, user: CheckedUser) -> None:
        """Count a user; they come by id."""
        self.users += 1
        if user.difference is None:
            self.pending += user.is_pending
            return
        self.differing += 1
        for finding in user.difference.findings:
            self.findings[finding] += 1
            if len(self._first[finding]) < SHOWN:
                self._first[finding].append(user.difference)


_WAITING = {ComputeStatus.PENDING, ComputeStatus.PROCESSING}

_CHECKED = text(f"""
WITH counted AS ({COUNTED} WHERE one.user_id = ANY(:user_ids))
SELECT counted.*, builder_score, computed_score, score.score_definition_id, score.definition_version, compute_status
FROM counted JOIN users USING (user_id)
LEFT JOIN g2p_register_scores AS score
    ON score.internal_record_id = user_id AND score.score_type = '{BUILDER_SCORE}'
LEFT JOIN g2p_score_compute_queue AS request
    ON request.internal_record_id = user_id AND request.score_type = '{BUILDER_SCORE}'
ORDER BY user_id
""")

_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


async def verify_scores(sessions: SessionFactory, page_size: int = PAGE_SIZE) -> Verification:
    """Check every user's score; who signs up meanwhile may be left out.

    Raises:
        ScoreDefinitionNotFound, ScoreDefinitionDisabled: nothing keeps scores up to date.
    """
    verification = Verification()
    async for user in _users(sessions, page_size):
        verification.add(user)
    return verification


async def _users(sessions: SessionFactory, page_size: int) -> AsyncIterator[CheckedUser]:
    after, is_last = "", False
    while not is_last:
        async with sessions() as session:
            await session.connection(execution_options=_SNAPSHOT)
            page = await check_page(session, after, page_size)
        for user in page:
            yield user
            after = user.user_id
        is_last = len(page) < page_size


async def check_page(session: Session, after: str, limit: int) -> list[CheckedUser]:
    """The next users by id, checked; call it in a transaction that has one snapshot: REPEATABLE READ."""
    definition = await _get_definition(session)
    page = select(User.user_id).where(User.user_id > after).order_by(User.user_id).limit(limit)
    # by their ids: a plan for a limit that PostgreSQL does not know may read whole tables
    rows = await session.execute(_CHECKED, {"user_ids": list(await session.scalars(page))})
    return [_checked(row, definition) for row in rows]


async def _get_definition(session: Session) -> G2PRegisterScoreDefinition:
    definition = G2PRegisterScoreDefinition
    of_builders = definition.register_id == BUILDERS, definition.score_type == BUILDER_SCORE
    found = (await session.scalars(select(definition).where(*of_builders))).one_or_none()
    if found is None:
        raise ScoreDefinitionNotFound(f"{BUILDER_SCORE} has no definition; create it, then recompute {BUILDERS}")
    if not found.is_enabled:
        raise ScoreDefinitionDisabled(
            f"the definition of {BUILDER_SCORE} is disabled; enable it, then recompute {BUILDERS}"
        )
    return found


def _checked(row: Row[Any], definition: G2PRegisterScoreDefinition) -> CheckedUser:
    attributes = as_attributes(row[1 : 1 + len(ATTRIBUTES)])
    computed = sum(term.points for term in explain(attributes, definition.score_config))
    is_pending = row.compute_status in _WAITING
    findings = [Finding.COPY] if row.computed_score not in (None, row.builder_score) else []
    if not is_pending:
        findings += _findings(row, definition, computed)
    if not findings:
        return CheckedUser(row.user_id, is_pending)
    difference = Difference(row.user_id, tuple(findings), row.builder_score, row.computed_score, computed)
    return CheckedUser(row.user_id, is_pending, difference)


def _findings(row: Row[Any], definition: G2PRegisterScoreDefinition, computed: int) -> Iterator[Finding]:
    """What is wrong beside the copy with a score for which nothing waits."""
    if row.compute_status == ComputeStatus.FAILED:
        yield Finding.FAILED
    elif row.computed_score is None:
        yield Finding.MISSING
    elif row.score_definition_id != definition.score_definition_id or row.definition_version < definition.version:
        yield Finding.STALE
    elif row.computed_score != computed:
        yield Finding.DRIFT
