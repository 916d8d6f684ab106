"""The command line on a machine of its own: everything as separate processes, in a home of the test's."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from homes import PATIENCE_SECONDS, Home, client_of, eventually, installation, start_up, stop
from objects import FARMER, FARMER_ATTRIBUTES, PMT_ATTRIBUTES
from scoring.names import score_record_workflow_id

SCORE_OF_FARMER = 2001.83


@pytest.fixture
def home(tmp_path: Path, temporal_cli: Path) -> Iterator[Home]:
    """A home with short windows; whatever still runs in it afterwards is an error."""
    with installation(tmp_path, temporal_cli, DEBOUNCE_QUIET_PERIOD="0.2") as home:
        yield home


@contextmanager
def socket_on(port: int) -> Iterator[None]:
    """Something else that listens on the port."""
    with socket.create_server(("127.0.0.1", port)):
        yield


def score_a_farmer(http: httpx.Client) -> tuple[str, str]:
    """Register, definition and a record created through an approved change request; ids of register and record."""
    register = http.post(
        "/registers",
        json={"register_mnemonic": "Farmer", "register_purpose": "REGISTER", "attributes": FARMER_ATTRIBUTES},
    ).json()["register_id"]
    body = {"register_id": register, "score_type": "PMT_SCORE", "contributing_attributes": list(PMT_ATTRIBUTES)}
    http.post("/register-metadata/create_score_definition", json=body).raise_for_status()
    change = http.post("/change-requests", json={"register_id": register, "change_payload": FARMER}).json()
    approved = http.post(f"/change-requests/{change['change_request_id']}/approve").json()
    return register, approved["internal_record_id"]


def scores_of(http: httpx.Client, record: str) -> list[float]:
    answer = http.post("/register-data/get_scores", json={"internal_record_id": record}).json()
    return [score["computed_score"] for score in answer["scores"]]


def test_up_scores_an_approval_keeps_it_over_a_restart_and_leaves_nothing_behind(home: Home) -> None:
    process, http = start_up(home)
    with http:
        register, record = score_a_farmer(http)
        eventually(lambda: scores_of(http, record) == [SCORE_OF_FARMER], home)
    first_exit = stop(process)
    left_between = home.processes()

    process, http = start_up(home)
    with http:
        kept = scores_of(http, record)
    temporal = {"TEMPORAL_ADDRESS": f"127.0.0.1:{home.environment['TEMPORAL_PORT']}"}
    replayed = home.run("replay", "--workflow-id", score_record_workflow_id(register, record), **temporal)
    second_exit = stop(process, signal.SIGTERM)

    assert (first_exit, second_exit) == (0, 0)
    assert left_between == []
    assert "steadyscore token --role viewer" in home.output
    assert kept == [SCORE_OF_FARMER]
    assert (replayed.returncode, replayed.stdout) == (0, "today's code fits this history\n")


def test_up_lets_pass_whoever_has_a_token_for_what_it_is_for(home: Home) -> None:
    process, administrator = start_up(home)
    with administrator, client_of(home, "--role", "viewer", "--name", "Amina") as viewer:
        listed, refused = viewer.get("/registers"), viewer.post("/registers", json={})
        stranger = httpx.get(administrator.base_url.join("/registers"))
        invalid = administrator.post("/registers", json={})
    exit_code = stop(process)

    statuses = [answer.status_code for answer in (listed, refused, stranger, invalid)]
    assert (statuses, exit_code) == ([200, 403, 401, 422], 0)
    assert "register:manage" in refused.json()["detail"]


def test_where_a_provider_is_configured_there_are_no_development_tokens(home: Home) -> None:
    configured = {"OIDC_ISSUER": "https://id.example.org"}
    token = home.run("token", **configured)
    up = home.run("up", **configured)
    outside = home.run("up", API_HOST="0.0.0.0")  # noqa: S104 - refused

    assert (token.returncode, up.returncode, outside.returncode) == (1, 1, 1)
    assert "OIDC_ISSUER is set" in token.stderr
    assert "OIDC_AUDIENCE, OIDC_CLIENT_ID" in up.stderr
    assert "API_HOST" in outside.stderr


def test_a_killed_worker_ends_the_rest_with_its_name(home: Home) -> None:
    process, http = start_up(home)
    http.close()
    [worker] = [
        child for child in psutil.Process(process.pid).children(recursive=True) if child.cmdline()[-1:] == ["worker"]
    ]

    worker.kill()

    assert process.wait(PATIENCE_SECONDS) == 1
    assert "worker ended with exit code -9" in home.output


def test_two_ctrl_c_during_the_start_stop_it_cleanly(home: Home) -> None:
    process = home.start("up")
    eventually(lambda: "starting worker" in home.output, home)

    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)

    assert process.wait(PATIENCE_SECONDS) in {0, 130}
    assert "Traceback" not in home.output


@pytest.mark.timeout(240)
def test_the_demo_tells_its_story_twice_on_the_same_data(home: Home) -> None:
    first = home.run("demo")
    # a provider that is configured for `up`, by the environment or by .env, is none of the demo's
    (home.directory / ".env").write_text("OIDC_ISSUER=https://id.example.org\n")
    second = home.run("demo", OIDC_AUDIENCE="steadyscore")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "1401.83" in first.stdout
    assert "temporal workflow show --workflow-id score-record:" in first.stdout
    assert "CR-00123.2" in second.stdout
    # the second act, with builders of its own in each run, who stand beside those of the first
    assert "steadyscore builders verify: 5 users counted and computed anew, 0 differences" in first.stdout
    assert "5 builders are there already" in second.stdout
    assert "cleo-2" in second.stdout
    assert "steadyscore builders verify: 10 users counted and computed anew, 0 differences" in second.stdout
    assert "is due after 300 s again" in second.stdout


def test_a_taken_port_is_named_with_its_setting(home: Home) -> None:
    with socket_on(int(home.environment["API_PORT"])):
        refused = home.run("up")

    assert refused.returncode == 1
    assert "set API_PORT to a free one" in refused.stderr


def test_a_setting_that_cannot_be_used_is_named_without_its_value(home: Home) -> None:
    refused = home.run("api", DATABASE_URL="mysql://user:hidden@host/db", API_PORT="many")

    assert refused.returncode == 1
    assert "DATABASE_URL: " in refused.stderr
    assert "API_PORT: " in refused.stderr
    assert "hidden" not in refused.stderr


@pytest.mark.parametrize("command", ["api", "worker", "relay", "migrate"])
def test_a_process_that_lacks_its_database_says_what_to_set(home: Home, command: str) -> None:
    refused = home.run(command)

    assert refused.returncode == 1
    assert "DATABASE_URL is not set" in refused.stderr


def test_a_file_that_is_no_history_is_refused(home: Home) -> None:
    (home.directory / "broken.json").write_text(json.dumps({"events": "none"}))

    refused = home.run("replay", "broken.json")

    assert refused.returncode == 1
    assert "no workflow history" in refused.stderr
