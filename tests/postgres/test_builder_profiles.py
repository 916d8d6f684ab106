"""Sign-up and profiles: one user a token and one a name, whoever asks at the same time."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import func, select, text

from builders.errors import AlreadySignedUp, NotSignedUp, UsernameTaken, UserNotFound
from builders.profiles import PROFILES_CHANNEL
from builders.tables import User
from builders.users import NewProfile, ProfileChange, get_own_user, get_user, sign_up, update_profile
from builders_world import Builder, asked_of, builders, one_after_the_other
from objects import AN_ACTOR
from postgres_sessions import backend_pid, until_waiting
from scoring.errors import InvalidInput, ScoringError
from store.audit import Actor, list_audit
from store.database import Session, SessionFactory

PROFILE = NewProfile("Ada", "Engines", "Notes", ("analysis",), "London", "https://example.org")
ANOTHER = Actor("another", "test")


async def test_who_signs_up_is_found_by_id_and_by_token(session: Session) -> None:
    user = await sign_up(session, AN_ACTOR, "ada", PROFILE)

    found = await get_user(session, user.user_id)
    assert (await get_own_user(session, AN_ACTOR.name)) is found
    assert (found.username, found.subject, found.builder_score) == ("ada", AN_ACTOR.name, 0)
    assert {name: getattr(found, name) for name in vars(PROFILE)} == {**vars(PROFILE), "skills": ["analysis"]}


async def test_who_has_not_signed_up_is_told_how(session: Session) -> None:
    with pytest.raises(NotSignedUp, match="POST /users"):
        await get_own_user(session, "nobody")
    with pytest.raises(NotSignedUp, match="POST /users"):
        await update_profile(session, Actor("nobody", "test"), ProfileChange("A"))
    with pytest.raises(UserNotFound, match="nobody"):
        await get_user(session, "nobody")


@pytest.mark.parametrize("username", ["", "ab", "a" * 33, "Ada", "-ada", "ada_", "a da", "ada\n", "ädä"], ids=repr)
async def test_a_username_is_of_the_pattern(session: Session, username: str) -> None:
    with pytest.raises(InvalidInput, match="username must match") as refused:
        await sign_up(session, AN_ACTOR, username, PROFILE)

    assert refused.value.field == "username"


@pytest.mark.parametrize("username", ["ada", "a" * 32, "a_-b", "007"])
async def test_a_username_of_the_pattern_is_taken(session: Session, username: str) -> None:
    assert (await sign_up(session, AN_ACTOR, username, PROFILE)).username == username


async def test_a_second_sign_up_is_refused_by_token_before_it_is_by_name(session: Session) -> None:
    user = await sign_up(session, AN_ACTOR, "ada", PROFILE)

    for username in ("ada", "grace"):
        with pytest.raises(AlreadySignedUp, match=user.user_id):
            await sign_up(session, AN_ACTOR, username, PROFILE)
    with pytest.raises(UsernameTaken) as refused:
        await sign_up(session, ANOTHER, "ada", PROFILE)

    # the text may reach logs; the name is a person's
    assert "ada" not in refused.value.detail
    assert refused.value.field == "username"
    # nothing is wrong with the transaction
    assert (await sign_up(session, ANOTHER, "grace", PROFILE)).username == "grace"


@pytest.mark.parametrize(
    ("second", "username", "refusal"),
    [
        pytest.param(ANOTHER, "ada", UsernameTaken, id="with one name"),
        pytest.param(AN_ACTOR, "grace", AlreadySignedUp, id="with one token"),
        pytest.param(AN_ACTOR, "ada", AlreadySignedUp, id="sent twice"),
    ],
)
async def test_of_two_sign_ups_at_once_one_wins(
    sessions: SessionFactory, second: Actor, username: str, refusal: type[ScoringError]
) -> None:
    with pytest.raises(refusal):
        await one_after_the_other(
            sessions,
            lambda session: sign_up(session, AN_ACTOR, "ada", PROFILE),
            lambda session: sign_up(session, second, username, PROFILE),
        )

    assert len(await asked_of(sessions)) == 1
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1


async def test_where_the_first_sign_up_rolls_back_the_second_wins(sessions: SessionFactory) -> None:
    async with sessions() as first, sessions() as second:
        waiting = await backend_pid(second)
        await sign_up(first, AN_ACTOR, "ada", PROFILE)
        racing = asyncio.ensure_future(sign_up(second, ANOTHER, "ada", PROFILE))
        await until_waiting(sessions, waiting)
        await first.rollback()
        user = await racing
        await second.commit()

    assert list(await asked_of(sessions)) == [user.user_id]


async def test_of_many_sign_ups_at_once_one_wins(sessions: SessionFactory) -> None:
    async def try_it(number: int) -> None:
        async with sessions.begin() as session:
            # half of them one token under many names, half of them many tokens with one name
            actor, username = (AN_ACTOR, f"name-{number}") if number % 2 else (Actor(f"token {number}", "test"), "ada")
            await sign_up(session, actor, username, PROFILE)

    ended = await asyncio.gather(*(try_it(number) for number in range(10)), return_exceptions=True)

    assert (
        sorted(type(one).__name__ for one in ended)
        == ["AlreadySignedUp"] * 4 + ["NoneType"] * 2 + ["UsernameTaken"] * 4
    )


async def test_a_change_leaves_the_other_fields_as_they_are(session: Session) -> None:
    user = await sign_up(session, AN_ACTOR, "ada", PROFILE)
    await session.commit()
    created = user.updated_at

    changed = await update_profile(session, AN_ACTOR, ProfileChange(bio="", skills=[], location="Paris"))

    fields = {name: getattr(changed, name) for name in vars(PROFILE)}
    assert fields == {**vars(PROFILE), "bio": "", "skills": [], "location": "Paris"}
    assert changed.updated_at > created
    newest, signed_up = await list_audit(session, user.user_id)
    assert (signed_up.action, signed_up.details) == ("sign_up", {})
    # which fields, never what they say
    assert (newest.action, newest.details) == ("update_profile", {"fields": ["bio", "skills", "location"]})


async def test_a_change_to_what_is_there_leaves_no_trace(session: Session) -> None:
    user = await sign_up(session, AN_ACTOR, "ada", PROFILE)
    await session.commit()
    updated = user.updated_at

    same = await update_profile(session, AN_ACTOR, ProfileChange("Ada", skills=("analysis",), website=PROFILE.website))

    assert same.updated_at == updated
    assert len(await list_audit(session, user.user_id)) == 1


async def test_two_changes_of_one_profile_at_once_are_both_made(sessions: SessionFactory) -> None:
    [builder] = await builders(sessions, 1)

    async def read_and_change(session: Session) -> User:
        # kept, so that the session has it still: what was read before the wait must not decide what is a change
        seen = await get_own_user(session, builder.actor.name)
        changed = await update_profile(session, builder.actor, ProfileChange(headline="", location="Paris"))
        assert seen is changed
        return changed

    user = await one_after_the_other(
        sessions,
        lambda session: update_profile(session, builder.actor, ProfileChange(headline="Engines", bio="Notes")),
        read_and_change,
    )

    assert (user.headline, user.bio, user.location) == ("", "Notes", "Paris")
    assert (await asked_of(sessions))[user.user_id].contributing_attribute_values["profile.key_fields"] == 2


async def test_a_change_is_told_to_whoever_keeps_profiles(sessions: SessionFactory) -> None:
    [builder] = await builders(sessions, 1)

    heard = await heard_of(sessions, builder, ProfileChange(location="Paris"))

    assert heard == [builder.user_id]


async def heard_of(sessions: SessionFactory, builder: Builder, change: ProfileChange) -> list[str]:
    """The payloads of the profile channel when the change commits."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    payloads: list[str] = []
    async with sessions() as listening:
        await listening.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        connection = (await (await listening.connection()).get_raw_connection()).driver_connection
        assert connection is not None
        listener = partial(_put, heard)
        await connection.add_listener(PROFILES_CHANNEL, listener)
        async with sessions.begin() as session:
            await update_profile(session, builder.actor, change)
            await session.execute(text("SELECT pg_notify(:channel, 'the end')"), {"channel": PROFILES_CHANNEL})
        async with asyncio.timeout(20):
            while (payloads or [""])[-1] != "the end":
                payloads.append(await heard.get())
        await connection.remove_listener(PROFILES_CHANNEL, listener)
    return payloads[:-1]


def _put(heard: asyncio.Queue[str], *message: object) -> None:
    heard.put_nowait(str(message[-1]))
