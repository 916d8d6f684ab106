"""Signing up, and one's own profile."""

from typing import Any

import pytest

from api.permissions import Permission
from builder_clients import Builder, a_builder, bearer
from http_client import Api
from store.audit import list_audit
from store.database import SessionFactory

PERSONAL = "Amina-0700-555-100"
EMPTY = {"headline": "", "bio": "", "skills": [], "location": "", "website": ""}
FULL = {
    "display_name": "Amina D.",
    "headline": "Builds tools",
    "bio": "Ten years.\n\tMaps, then data.\r\n",
    "skills": ["python", "maps"],
    "location": "Nairobi",
    "website": "https://amina.example.org:8443/about?me=1#top",
}


async def requests_of(api: Api, user_id: str) -> list[tuple[str, str]]:
    """Status and cause of each request for the user's scores."""
    answer = (await api.get(f"/records/{user_id}/score-requests")).json()
    return [(one["compute_status"], one["change_request_id"]) for one in answer["score_requests"]]


async def entries_of(sessions: SessionFactory, subject: str) -> list[tuple[str, str, Any]]:
    """Who did what, newest first."""
    async with sessions() as session:
        return [(entry.actor, entry.action, entry.details) for entry in await list_audit(session, subject)]


async def test_who_signs_up_has_a_profile_and_waits_for_a_score(api: Api) -> None:
    signed_up = await bearer(api.http, "amina").send("POST", "/users", {"username": "amina-dev"} | FULL)

    profile = signed_up.json()
    assert signed_up.status_code == 201
    assert profile == FULL | {
        "username": "amina-dev",
        "builder_score": 0,
        **{name: profile[name] for name in ("user_id", "created_at", "updated_at")},
    }
    assert await bearer(api.http, "amina").get("/users/me") == profile
    assert await requests_of(api, profile["user_id"]) == [("PENDING", f"profile_created:{profile['user_id']}")]


async def test_a_name_is_enough_to_sign_up(api: Api) -> None:
    amina = await a_builder(api.http, "amina")

    profile = await amina.get("/users/me")

    assert {name: profile[name] for name in EMPTY} == EMPTY
    assert profile["display_name"] == "Amina"


async def test_nobody_signs_up_twice(api: Api) -> None:
    amina = await a_builder(api.http, "amina")

    refused = await amina.send("POST", "/users", {"username": "another", "display_name": "Another"})

    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "AlreadySignedUp")
    assert (await amina.get("/users/me"))["username"] == "amina"


async def test_a_username_is_taken_once_and_its_holder_is_not_told_of(api: Api) -> None:
    amina = await a_builder(api.http, "amina")
    other = bearer(api.http, "other")

    refused = await other.send("POST", "/users", {"username": "amina", "display_name": "Other"})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "username")
    assert refused.json()["type"].endswith("UsernameTaken")
    assert amina.user_id not in refused.text
    assert (await other.send("GET", "/users/me")).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/users/me", None),
        ("PATCH", "/users/me", {"bio": "x"}),
        ("GET", "/users/me/collaborations", None),
        ("POST", "/projects", {"title": "Rain map"}),
        ("PATCH", "/projects/p", {"title": "x"}),
        ("POST", "/projects/p/collaborators", {"user_id": "u"}),
        ("POST", "/projects/p/confirm_collaboration", None),
        ("POST", "/projects/p/decline_collaboration", None),
        ("DELETE", "/projects/p/collaborators/u", None),
    ],
)
async def test_who_has_not_signed_up_is_told_to(api: Api, method: str, path: str, body: Any) -> None:
    refused = await bearer(api.http, "nobody").send(method, path, body)

    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (409, "NotSignedUp")
    assert "POST /users" in refused.json()["detail"]


@pytest.mark.parametrize("field", FULL)
async def test_a_change_of_one_field_leaves_the_others(api: Api, field: str) -> None:
    amina = await a_builder(api.http, "amina")
    before = await amina.get("/users/me")

    changed = await amina.send("PATCH", "/users/me", {field: FULL[field]})

    assert changed.status_code == 200
    assert changed.json() == before | {field: FULL[field], "updated_at": changed.json()["updated_at"]}
    assert changed.json()["updated_at"] > before["updated_at"]
    assert await amina.get("/users/me") == changed.json()


@pytest.mark.parametrize("field", [name for name in FULL if name != "display_name"])
async def test_what_was_told_can_be_taken_back(api: Api, field: str) -> None:
    amina = await a_builder(api.http, "amina", **FULL)

    changed = await amina.send("PATCH", "/users/me", {field: EMPTY[field]})

    assert (changed.status_code, changed.json()[field]) == (200, EMPTY[field])


async def test_a_change_that_changes_nothing_is_kept_nowhere(api: Api, sessions: SessionFactory) -> None:
    amina = await a_builder(api.http, "amina", **FULL)
    before = await amina.get("/users/me")

    answer = await amina.send("PATCH", "/users/me", FULL)

    assert (answer.status_code, answer.json()) == (200, before)
    assert len(await entries_of(sessions, amina.user_id)) == 1


async def test_two_builders_have_two_profiles(api: Api) -> None:
    amina, brian = [await a_builder(api.http, name) for name in ("amina", "brian")]
    of_brian = await brian.get("/users/me")

    await amina.send("PATCH", "/users/me", {"bio": "mine"})

    assert (await amina.get("/users/me"))["bio"] == "mine"
    assert await brian.get("/users/me") == of_brian


async def test_whoever_signs_up_and_changes_is_kept_without_what_they_told(api: Api, sessions: SessionFactory) -> None:
    amina = await a_builder(api.http, "amina")
    await amina.send("PATCH", "/users/me", {"bio": PERSONAL, "location": PERSONAL})

    assert await entries_of(sessions, amina.user_id) == [
        ("subject-of-amina", "update_profile", {"fields": ["bio", "location"]}),
        ("subject-of-amina", "sign_up", {}),
    ]


LINES = ("a\nb", "a\tb", "a\x00b", "a\x7f", "\x85", "a\u2028b", "\u202eb", "a\u200bb", "\u3164", "a\u200d")
"""None of them is one line of text."""
ADDRESSES = (
    *("amina.example.org", "ftp://a.example", "javascript:alert(1)", "https://", "https:///a", "HTTP://a", " "),
    *("https://bank.example@a.example", "https://a.example/ b", "https://a.example:port/", "https://a.example\n"),
    *("http://a\\b", 'http://a/"x', "http://a/<b>", f"https://a/{'x' * 200}"),
)


@pytest.mark.parametrize(
    ("name", "wrong", "field"),
    [
        pytest.param("display_name", ["", " ", "\u2003", "x" * 81, 7, *LINES], "display_name", id="display_name"),
        pytest.param("headline", [" ", "x" * 121, 7, *LINES], "headline", id="headline"),
        pytest.param("bio", ["x" * 2_001, "a\x00b", "a\x1bb", "\u202eb", "a\u200bb", 7], "bio", id="bio"),
        pytest.param("location", ["\t", "x" * 81, 7, *LINES], "location", id="location"),
        pytest.param("website", ADDRESSES, "website", id="website"),
        pytest.param("skills", [[f"{n}" for n in range(21)], ["a", "a"], "a", {}], "skills", id="skills"),
        pytest.param("skills", [["a", wrong] for wrong in ("", " ", "x" * 41, 7, *LINES)], "skills.1", id="a skill"),
        pytest.param("builder_score", [9_000], "builder_score", id="a score of one's own"),
        pytest.param("subject", ["another"], "subject", id="another token"),
        pytest.param("user_id", ["another"], "user_id", id="another user"),
    ],
)
async def test_what_no_profile_may_hold_is_refused_by_its_field(
    api: Api, name: str, wrong: list[object], field: str
) -> None:
    amina = await a_builder(api.http, "amina")
    before = await amina.get("/users/me")
    new = {"username": "brian", "display_name": "Brian"}

    for value in wrong:
        changed = await amina.send("PATCH", "/users/me", {name: value})
        signed_up = await bearer(api.http, "brian").send("POST", "/users", new | {name: value})
        for refused in (changed, signed_up):
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), ascii(value)

    assert await amina.get("/users/me") == before
    assert (await bearer(api.http, "brian").send("GET", "/users/me")).status_code == 409


@pytest.mark.parametrize("body", [{"username": "brian"}, {"bio": None}, {"skills": None}, {}])
async def test_a_change_says_what_is_to_change_to_what(api: Api, body: dict[str, Any]) -> None:
    amina = await a_builder(api.http, "amina", **FULL)
    before = await amina.get("/users/me")

    refused = await amina.send("PATCH", "/users/me", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, next(iter(body), "body"))
    assert await amina.get("/users/me") == before


async def test_a_username_as_none_may_be_is_refused(api: Api) -> None:
    wrong = ("ab", "a" * 33, "Amina", "-amina", "amina_", "a.b", "a b", "àmina", "\u0430mina", "amina\n", "", None, 7)

    for username in wrong:
        refused = await bearer(api.http, "amina").send("POST", "/users", {"username": username, "display_name": "A"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "username"), username


async def test_a_username_as_it_should_be_is_taken(api: Api) -> None:
    for username in ("abc", "a" * 32, "0-0", "a_-_b"):
        assert (await a_builder(api.http, username)).user_id


@pytest.mark.parametrize("missing", ["username", "display_name"])
async def test_a_sign_up_without_a_name_is_refused(api: Api, missing: str) -> None:
    body = {"username": "amina", "display_name": "Amina"}
    del body[missing]

    refused = await bearer(api.http, "amina").send("POST", "/users", body)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, missing)


async def test_what_was_sent_of_a_person_is_in_no_answer_and_no_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    amina = await a_builder(api.http, "amina")

    for body in ({"bio": f"{PERSONAL}\x1b"}, {"website": PERSONAL}, {"skills": [PERSONAL, PERSONAL]}):
        refused = await amina.send("PATCH", "/users/me", body)
        assert refused.status_code == 422
        assert PERSONAL not in refused.text + caplog.text


async def test_only_builders_have_profiles(api: Api) -> None:
    others = bearer(api.http, "amina", *(set(Permission) - {Permission.BUILD}))
    body = {"username": "amina", "display_name": "Amina"}

    answers = [
        await others.send(*asked)
        for asked in (("POST", "/users", body), ("GET", "/users/me"), ("PATCH", "/users/me", {"bio": "x"}))
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (await bearer(api.http, "amina").send("POST", "/users", body)).status_code == 201


async def test_a_builder_may_do_no_more_than_that(api: Api) -> None:
    amina: Builder = await a_builder(api.http, "amina")
    project = await amina.project(status="shipped")

    measured = await amina.send("PUT", f"/projects/{project}/impact", {"stars": 10**9})
    records = await amina.send("GET", f"/records/{amina.user_id}/score-requests")

    assert (measured.status_code, records.status_code) == (403, 403)
    assert (await amina.get(f"/projects/{project}"))["impact"]["stars"] == 0
