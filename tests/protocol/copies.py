"""A domain as small as can be: it keeps a copy of its records' scores, and nothing else."""

from collections.abc import Collection

from sqlalchemy import text

from protocol.steps import FIXED
from store.database import Session
from store.write_backs import WriteBack

CREATE_COPIES = text("CREATE TABLE copies (internal_record_id text PRIMARY KEY, score double precision NOT NULL)")

_LOCK = text(
    "SELECT FROM copies WHERE internal_record_id = ANY(:record_ids) ORDER BY internal_record_id FOR NO KEY UPDATE"
)
_SAVE = text("""
INSERT INTO copies (internal_record_id, score)
SELECT internal_record_id, computed_score FROM g2p_register_scores
WHERE internal_record_id = ANY(:record_ids) AND score_type = :score_type ORDER BY internal_record_id
ON CONFLICT (internal_record_id) DO UPDATE SET score = excluded.score
""")


async def _lock(session: Session, record_ids: Collection[str]) -> None:
    await session.execute(_LOCK, {"record_ids": list(record_ids)})


async def _save(session: Session, record_ids: Collection[str]) -> None:
    await session.execute(_SAVE, {"record_ids": list(record_ids), "score_type": FIXED})


WRITE_BACK = WriteBack(_lock, _save)
