"""`steadyscore recompute` beside `steadyscore up`: no address is configured, everything is found by its home."""

import signal
from collections.abc import Iterator

import httpx
import pytest

from homes import PATIENCE_SECONDS, Home, eventually, start_up, stop
from objects import FARMER, FARMER_ATTRIBUTES
from system import test_stack
from system.test_stack import scores_of

home = test_stack.home

RECORDS = 12


@pytest.fixture
def up(home: Home) -> Iterator[httpx.Client]:
    """Everything is up; a client of the API."""
    process, http = start_up(home)
    with http:
        yield http
    assert stop(process) == 0


def a_scored_register(home: Home, http: httpx.Client) -> tuple[str, str, list[str]]:
    """A register with some records that have their scores; its id, its definition's, its records'."""
    body = {"register_mnemonic": "Farmer", "register_purpose": "REGISTER", "attributes": FARMER_ATTRIBUTES}
    register = http.post("/registers", json=body).json()["register_id"]
    fields = {"contributing_attributes": ["income"], "debounce": {"quiet_period": 0, "max_wait": 0}}
    defined = http.post(
        "/register-metadata/create_score_definition",
        json={"register_id": register, "score_type": "PMT_SCORE", **fields},
    ).json()
    records = [an_approved_record(http, register) for _ in range(RECORDS)]
    eventually(lambda: all(scores_of(http, record) for record in records), home)
    return register, defined["score_definition"]["score_definition_id"], records


def an_approved_record(http: httpx.Client, register: str) -> str:
    change = http.post("/change-requests", json={"register_id": register, "change_payload": FARMER}).json()
    approved = http.post(f"/change-requests/{change['change_request_id']}/approve").json()
    return str(approved["internal_record_id"])


def test_a_changed_formula_is_applied_to_every_record_by_one_command(home: Home, up: httpx.Client) -> None:
    register, definition, records = a_scored_register(home, up)
    change = {"score_definition_id": definition, "score_config": {"weights": {"income": 2}}}
    stale = up.post("/register-metadata/update_score_definition", json=change).json()["stale_scores"]

    recomputed = home.run("recompute", register)
    again = home.run("recompute", "Farmer", "--only-stale", "--score-type", "PMT_SCORE")
    status = home.run("recompute", "Farmer", "--status")

    line = f"PMT_SCORE: COMPLETED, {RECORDS} of {RECORDS} records looked at"
    assert stale == RECORDS
    assert recomputed.returncode == 0, recomputed.stderr
    assert f"{line}, {RECORDS} requested, 0 under way, 0 failed" in recomputed.stdout
    assert {score for record in records for score in scores_of(up, record)} == {10_000.3}
    assert (again.returncode, f"{line}, 0 requested" in again.stdout) == (0, True)
    assert [said.startswith(line) for said in status.stdout.splitlines()] == [True, True]


def test_it_is_paused_resumed_watched_and_cancelled_from_other_terminals(home: Home, up: httpx.Client) -> None:
    a_scored_register(home, up)

    started = home.run("recompute", "Farmer", "--rate", "1", "--detach")
    paused = home.run("recompute", "Farmer", "--pause")
    status = home.run("recompute", "Farmer", "--status")
    resumed = home.run("recompute", "Farmer", "--resume")
    (home.directory / "output").rename(home.directory / "output of up")
    watching = home.start("recompute", "Farmer", "--watch")
    eventually(lambda: "Ctrl-C ends" in home.output, home)
    cancelled = home.run("recompute", "Farmer", "--cancel")
    watched = watching.wait(PATIENCE_SECONDS)
    nothing_left = home.run("recompute", "Farmer", "--watch")

    assert (started.returncode, "PMT_SCORE: started, recompute:" in started.stdout) == (0, True), started.stderr
    assert [(one.returncode, one.stdout.split(",")[0]) for one in (paused, status, resumed, cancelled)] == [
        (0, "PMT_SCORE: PAUSED"),
        (0, "PMT_SCORE: PAUSED"),
        (0, "PMT_SCORE: RUNNING"),
        (0, "PMT_SCORE: CANCELLED"),
    ]
    assert (watched, home.output.splitlines()[-1].split(",")[0]) == (1, "PMT_SCORE: CANCELLED")
    assert (nothing_left.returncode, "no recomputation of Farmer is under way" in nothing_left.stderr) == (1, True)


def up_is_looked_at(http: httpx.Client) -> bool:
    """Whether the latest recomputation has begun."""
    register = http.get("/registers").json()["registers"][0]["register_id"]
    latest = http.get("/register-metadata/recomputations", params={"register_id": register}).json()
    return any(one["looked_at"] for one in latest["recomputations"])


def test_ctrl_c_leaves_it_running_and_says_how_to_look_after_it(home: Home, up: httpx.Client) -> None:
    register, _, _ = a_scored_register(home, up)
    (home.directory / "output").rename(home.directory / "output of up")
    # so slow that it is under way for as long as the test
    watching = home.start("recompute", register, "--rate", "0.1")
    eventually(lambda: up_is_looked_at(up), home)

    watching.send_signal(signal.SIGINT)

    assert watching.wait(PATIENCE_SECONDS) == 130
    assert f"`steadyscore recompute {register}` with one of --watch" in home.output
    assert "Traceback" not in home.output
    assert home.run("recompute", register, "--status").stdout.startswith("PMT_SCORE: RUNNING")
    assert home.run("recompute", register, "--cancel").returncode == 0


def test_what_cannot_be_done_is_said_without_a_traceback(home: Home, up: httpx.Client) -> None:
    a_scored_register(home, up)

    unknown = home.run("recompute", "Nobody")
    no_score = home.run("recompute", "Farmer", "--score-type", "NO_SCORE")
    both = home.run("recompute", "Farmer", "--pause", "--resume")

    assert (unknown.returncode, "no register has the id or the mnemonic Nobody" in unknown.stderr) == (1, True)
    assert (no_score.returncode, "it has PMT_SCORE" in no_score.stderr) == (1, True)
    assert (both.returncode, "choose one of" in both.stderr) == (2, True)


def test_without_anything_up_it_says_what_to_do(home: Home) -> None:
    refused = home.run("recompute", "Farmer")
    away = home.run("recompute", "Farmer", DATABASE_URL="postgresql://a:b@127.0.0.1:1/c")

    assert (refused.returncode, "start `steadyscore up` first" in refused.stderr) == (1, True)
    assert (away.returncode, "the database cannot be reached" in away.stderr) == (1, True)
