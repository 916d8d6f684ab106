"""`steadyscore recompute`: ask for a register's scores to be computed again, watch that, pause, resume or cancel it.

All of it goes through the table of recomputations, as the HTTP interface does: the relay carries it to Temporal.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.errors import ScoringError
from scoring.recompute_messages import RecomputationStatus
from steadyscore.domains import find_register_facts
from steadyscore.errors import SetupError
from steadyscore.local_database import find_database_url
from steadyscore.recompute_bars import RecomputeBars, as_line
from steadyscore.retry import whoever_is_logged_in
from steadyscore.settings import Settings
from store.database import DATABASE_ERRORS, SessionFactory, describe_database_error, make_engine, make_sessions
from store.recomputation_audit import audit_controlled, audit_started
from store.recomputation_requests import RecomputationWanted, ask_for_recomputation
from store.recomputations import Recomputation, control_recomputation, get_recomputation, list_recomputations

LOOK_SECONDS = 0.5

Say = Callable[[str], None]


class Action(StrEnum):
    """What to do about a register's recomputations."""

    START = "start"
    WATCH = "watch"
    STATUS = "status"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


_STATUS_OF = {
    Action.PAUSE: RecomputationStatus.PAUSED,
    Action.RESUME: RecomputationStatus.RUNNING,
    Action.CANCEL: RecomputationStatus.CANCELLED,
}


@dataclass(frozen=True)
class RecomputeCommand:
    """A register by its id or mnemonic, which scores and how fast, and what to do; `detach` does not watch a start."""

    register: str
    score_types: Sequence[str] | None = None
    only_stale: bool = False
    rate: float | None = None
    action: str = Action.START
    detach: bool = False

    @property
    def watches(self) -> bool:
        """Whether it stays until the recomputations have ended."""
        return self.action == Action.WATCH or (self.action == Action.START and not self.detach)


def run_recompute(settings: Settings, command: RecomputeCommand, say: Say) -> bool:
    """Do it; False when a recomputation that was watched has failed or was cancelled.

    Raises:
        SetupError: what was asked for cannot be done, or the database cannot be reached.
    """
    try:
        return asyncio.run(_recompute(find_database_url(settings), command, say))
    except ScoringError as error:
        raise SetupError(error.detail) from error
    except DATABASE_ERRORS as error:
        raise SetupError(describe_database_error(error)) from error
    except KeyboardInterrupt:
        say(_how_to_go_on(command.register))
        raise


def _how_to_go_on(register: str) -> str:
    options = ", ".join(f"--{name}" for name in ("watch", "status", "pause", "cancel"))
    return (
        f"\nIt goes on without this terminal. `steadyscore recompute {register}` with one of {options} looks after it."
    )


async def _recompute(database_url: str, command: RecomputeCommand, say: Say) -> bool:
    engine = make_engine(database_url, pool_size=1)
    sessions = make_sessions(engine)
    try:
        chosen = await _act(sessions, command, say)
        if command.watches:
            say("Ctrl-C ends the watching, not the recomputation")
            chosen = await _watch(sessions, [one.progress.recomputation_id for one in chosen])
        for one in chosen:
            say(as_line(one))
        return not command.watches or all(one.status is RecomputationStatus.COMPLETED for one in chosen)
    finally:
        await engine.dispose()


async def _act(sessions: SessionFactory, command: RecomputeCommand, say: Say) -> list[Recomputation]:
    """What the command is about, after it was asked for or changed."""
    actor = whoever_is_logged_in()
    async with sessions.begin() as session:
        register = await find_register_facts(session, command.register)
        if command.action == Action.START:
            wanted = RecomputationWanted(command.score_types, command.only_stale, command.rate)
            asked = await ask_for_recomputation(session, register, wanted)
            await audit_started(session, actor, asked)
            for one in asked:
                say(f"{one.score_type}: {'joined what is under way' if one.joined else 'started'}, {one.workflow_id}")
            return [await get_recomputation(session, one.recomputation_id) for one in asked]
        chosen = _chosen(await list_recomputations(session, register.register_id), command)
        if status := _STATUS_OF.get(Action(command.action)):
            chosen = [await control_recomputation(session, one.progress.recomputation_id, status) for one in chosen]
            for controlled in chosen:
                await audit_controlled(session, actor, controlled, status)
        return chosen


def _chosen(recomputations: Sequence[Recomputation], command: RecomputeCommand) -> list[Recomputation]:
    """The latest ones of the score types named, for most actions only those that have not ended."""
    types = command.score_types
    chosen = [
        one
        for one in recomputations
        if (types is None or one.score_type in types) and (command.action == Action.STATUS or one.status.is_active)
    ]
    if not chosen:
        what = "was ever asked for" if command.action == Action.STATUS else "is under way"
        raise SetupError(f"no recomputation of {command.register} {what}")
    return chosen


async def _watch(sessions: SessionFactory, recomputation_ids: Sequence[str]) -> list[Recomputation]:
    """Show how far they are until all of them have ended."""
    with RecomputeBars() as bars:
        while True:
            async with sessions() as session:
                watched = [await get_recomputation(session, one) for one in recomputation_ids]
            bars.show(watched)
            if not any(one.status.is_active for one in watched):
                return watched
            await asyncio.sleep(LOOK_SECONDS)
