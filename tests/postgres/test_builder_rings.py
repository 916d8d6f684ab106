"""People who all vouch for each other: what each gains ends at the cap, and computing again adds nothing."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from builders.register import BUILDER_SCORE
from builders.score import BuilderScore
from scored_builders import ScoredBuilders, a_ring, add_ring_projects
from store.database import SessionFactory
from store.tables import G2PRegisterScoreHistory

SHIPPED = 100
"""Of the one project that each member ships."""


async def history(sessions: SessionFactory) -> list[G2PRegisterScoreHistory]:
    """All Builder Scores there ever were, oldest first."""
    row = G2PRegisterScoreHistory
    async with sessions() as session:
        return list(await session.scalars(select(row).where(row.score_type == BUILDER_SCORE).order_by(row.sequence)))


@pytest.mark.parametrize(
    ("size", "vouches_give"),
    [
        pytest.param(5, 4 * 25, id="five: each other member counts"),
        pytest.param(21, 20 * 25, id="twenty-one: the last that counts for anybody"),
        pytest.param(25, 500, id="twenty-five: the cap"),
        pytest.param(60, 500, id="sixty: not a point more"),
    ],
)
async def test_a_ring_gains_its_cap_and_no_more_however_often_it_is_computed(
    sessions: SessionFactory, size: int, vouches_give: int
) -> None:
    builders = ScoredBuilders(sessions)
    async with sessions.begin() as session:
        ring = await a_ring(session, size)

    for _ in range(3):
        await builders.recompute()
        assert await builders.scores() == dict.fromkeys(sorted(ring), SHIPPED + vouches_give)

    computed = await history(sessions)
    assert len(computed) == 3 * size
    # no feedback: what they are computed from is the same before and after all have their scores
    assert len({json.dumps(row.contributing_attribute_values, sort_keys=True) for row in computed}) == 1
    assert computed[0].contributing_attribute_values["vouches"] == size - 1


async def test_more_projects_of_the_same_people_bring_no_more_vouches(sessions: SessionFactory) -> None:
    builders = ScoredBuilders(sessions)
    async with sessions.begin() as session:
        ring = await a_ring(session, 5)
        await add_ring_projects(session, ring, projects_each=4)

    await builders.recompute()

    assert set((await builders.scores()).values()) == {5 * SHIPPED + 4 * 25}


async def test_a_ring_that_does_all_it_can_has_the_two_caps_that_need_nobody_else(sessions: SessionFactory) -> None:
    builders = ScoredBuilders(sessions)
    async with sessions.begin() as session:
        await a_ring(session, 25, projects_each=12)

    await builders.recompute()

    assert set((await builders.scores()).values()) == {1000 + 500}


async def test_i8_every_past_score_is_computed_again_from_its_own_row(sessions: SessionFactory) -> None:
    builders = ScoredBuilders(sessions)
    async with sessions.begin() as session:
        ring = await a_ring(session, 5)
    await builders.recompute()
    config: dict[str, Any] = (await builders.definition()).score_config
    await builders.change_definition(score_config=config | {"vouches": {"points": 7, "cap": 21}})
    async with sessions.begin() as session:
        await add_ring_projects(session, ring, projects_each=1)
    await builders.recompute()

    computed = await history(sessions)

    assert sorted(row.computed_score for row in computed) == [200.0] * 5 + [221.0] * 5
    for row in computed:
        again = await BuilderScore().compute_score("", row.contributing_attribute_values, row.score_config)
        assert again == row.computed_score
