"""Users as the core's records: locked as a change of theirs locks them, counted, and written back to."""

from collections.abc import Collection

from sqlalchemy import bindparam, func, select, text

from builders.attributes import count_attributes
from builders.profiles import notify_of_profiles
from builders.register import BUILDER_SCORE
from builders.tables import User
from store.database import Session
from store.recomputation_pages import RecordState, RegisterRecords
from store.write_backs import WriteBack

_LOCK = (
    select(User.user_id)
    .where(User.user_id == func.any(bindparam("user_ids")))
    .order_by(User.user_id)
    # FOR NO KEY UPDATE: whoever only refers to a user meanwhile needs no more than the key to stay
    .with_for_update(key_share=True)
)

# Numbers that are no Builder Score come from no formula of ours; they must not keep the others from being stored. CASE:
# in a WHERE clause PostgreSQL may try to make an integer of a number before it looks whether that fits.
_SAVE = text(f"""
WITH score AS (
    SELECT internal_record_id, CASE WHEN computed_score BETWEEN 0 AND 2147483647 THEN computed_score::integer END AS now
    FROM g2p_register_scores WHERE internal_record_id = ANY(:user_ids) AND score_type = '{BUILDER_SCORE}'
), changed AS (
    UPDATE users SET builder_score = score.now FROM score
    WHERE user_id = internal_record_id AND builder_score <> score.now
    RETURNING user_id
)
{notify_of_profiles("changed")}
""")


async def lock_users(session: Session, user_ids: Collection[str]) -> list[str]:
    """Lock those of these users that exist, in the order of ids; everything that changes a score's attributes does."""
    return list(await session.scalars(_LOCK, {"user_ids": list(user_ids)}))


async def _lock(session: Session, user_ids: Collection[str]) -> None:
    await lock_users(session, user_ids)


async def save_builder_scores(session: Session, user_ids: Collection[str]) -> None:
    """Copy the stored Builder Scores of these users to their rows, where they differ, and tell who keeps profiles."""
    await session.execute(_SAVE, {"user_ids": list(user_ids)})


async def lock_user_page(session: Session, register_id: str, after: str, limit: int) -> list[RecordState]:
    """The next users by id, locked, with their attributes as they are now."""
    del register_id
    page = select(User.user_id).where(User.user_id > after).order_by(User.user_id).limit(limit)
    user_ids = list(await session.scalars(page.with_for_update(key_share=True)))
    attributes = await count_attributes(session, user_ids)
    return [RecordState(user_id, attributes[user_id]) for user_id in user_ids]


async def count_users(session: Session, register_id: str) -> int:
    """How many there are."""
    del register_id
    return int(await session.scalar(select(func.count()).select_from(User)) or 0)


RECORDS = RegisterRecords(lock_user_page, count_users)
WRITE_BACK = WriteBack(_lock, save_builder_scores)
