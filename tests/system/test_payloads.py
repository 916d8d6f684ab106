"""With `steadyscore up` no attribute value is readable in Temporal's database or in a log, but by who has the token."""

import base64
import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from homes import Home, eventually, start_up, stop
from objects import FARMER, FARMER_ATTRIBUTES
from scoring.names import score_record_workflow_id
from steadyscore.local_secrets import KEYS_FILE, TOKEN_FILE
from system import test_stack
from temporal_fakes.plugins import installed_services

home = test_stack.home

NAME = "planted-name-5c1e9b"
PHONE = "planted-phone-77af02"
INCOME = 716253948.25
VALUES = (NAME, PHONE, str(INCOME))
IN_CLEAR = "sent-in-clear-90d2c4"
"""What starts a run that nobody encrypted: what finds this would find a value."""

SERVICES = {
    "ILL_SCORE": 'raise RuntimeError(f"cannot reach the account of {values}")',
    "RUDE_SCORE": 'raise ScoreInputError(f"what is that, {values}?")',
}


def forms_of(text: str) -> list[bytes]:
    """The text as it is, and as base64 has it within a longer text, wherever it begins there."""
    forms = [text.encode()]
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + text.encode())
        # characters at both ends also hold bits of what stands around it
        forms.append(encoded[-(-before * 8 // 6) : (before + len(text)) * 8 // 6])
    return forms


def found_in(content: bytes, *texts: str) -> list[str]:
    return [text for text in texts if any(form in content for form in forms_of(text))]


def logs_of(home: Home) -> bytes:
    """Everything that was logged or said."""
    return b"\n".join(file.read_bytes() for file in [*(home.directory / "logs").iterdir(), home.directory / "output"])


def files_of_temporal(home: Home) -> bytes:
    """The database as it lies on the disk, with what is not yet in its main file."""
    return b"\n".join(file.read_bytes() for file in sorted(home.directory.glob("temporal.db*")))


def rows_of_temporal(home: Home) -> bytes:
    """Every value of every table in one piece, which a page's end may cut in the file."""
    with sqlite3.connect(f"file:{home.directory / 'temporal.db'}?mode=ro", uri=True) as database:
        database.text_factory = bytes
        tables = [name.decode() for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
    return b"\n".join(value for row in rows for value in row if isinstance(value, bytes))


def temporal(home: Home, *arguments: str) -> str:
    """What the CLI answers."""
    address = f"127.0.0.1:{home.environment['TEMPORAL_PORT']}"
    command = [str(home.directory / "bin" / "temporal"), *arguments, "--address", address]
    ended = subprocess.run(command, env=home.environment, capture_output=True, text=True, check=True)
    return ended.stdout


def shown_by_cli(home: Home, workflow_id: str) -> bytes:
    """The run's history with decoded payloads, as its documentation tells to ask for it."""
    endpoint = f"http://127.0.0.1:{home.environment['API_PORT']}/codec"
    token = (home.directory / TOKEN_FILE).read_text().strip()
    decoded = ("--codec-endpoint", endpoint, "--codec-auth", f"Bearer {token}")
    return temporal(home, "workflow", "show", "-w", workflow_id, "--output", "json", *decoded).encode()


@pytest.fixture
def planted(home: Home, tmp_path: Path) -> Iterator[Home]:
    """A home whose processes find two services that tell in their errors what they were given."""
    packages = tmp_path / "packages"
    packages.mkdir()
    with installed_services(packages, SERVICES):
        environment = {"PYTHONPATH": str(packages), "COMPUTE_RETRY_MAXIMUM_ATTEMPTS": "3"}
        environment |= {"COMPUTE_RETRY_INITIAL_INTERVAL": "0.1", "LOG_LEVEL": "DEBUG"}
        yield Home(home.directory, home.environment | environment)


def approve(http: httpx.Client) -> tuple[str, str]:
    """A farmer whose values all feed scores, two of which fail; ids of register and record."""
    body = {"register_mnemonic": "Farmer", "register_purpose": "REGISTER", "attributes": FARMER_ATTRIBUTES}
    register = http.post("/registers", json=body).json()["register_id"]
    for score_type, attributes in (
        ("PMT_SCORE", ["income", "assets.land_area", "household.member_count"]),
        ("ILL_SCORE", ["name", "income"]),
        ("RUDE_SCORE", ["name", "phone"]),
    ):
        definition = {"register_id": register, "score_type": score_type, "contributing_attributes": attributes}
        http.post("/register-metadata/create_score_definition", json=definition).raise_for_status()
    payload = FARMER | {"name": NAME, "phone": PHONE, "income": INCOME}
    change = http.post("/change-requests", json={"register_id": register, "change_payload": payload}).json()
    approved = http.post(f"/change-requests/{change['change_request_id']}/approve").json()
    return register, str(approved["internal_record_id"])


def statuses(http: httpx.Client, record: str) -> dict[str, Any]:
    answer = http.get(f"/records/{record}/score-requests").json()
    return {one["score_type"]: one["compute_status"] for one in answer["score_requests"]}


ENDED = {"PMT_SCORE": "COMPLETED", "ILL_SCORE": "FAILED", "RUDE_SCORE": "FAILED"}


def test_no_value_is_readable_but_by_whoever_has_the_token(planted: Home) -> None:
    process, http = start_up(planted)
    with http:
        register, record = approve(http)
        workflow_id = score_record_workflow_id(register, record)
        clear = ("--type", "Nobodys", "--task-queue", "nobodys", "--input", json.dumps(IN_CLEAR))
        temporal(planted, "workflow", "start", "-w", "in-clear", *clear)
        eventually(lambda: statuses(http, record) == ENDED, planted)
    shown = shown_by_cli(planted, workflow_id)
    files = files_of_temporal(planted)
    assert stop(process, signal.SIGINT) == 0
    rows, logs = rows_of_temporal(planted), logs_of(planted)

    key = (planted.directory / KEYS_FILE).read_text().strip().partition(":")[2]
    token = (planted.directory / TOKEN_FILE).read_text().strip()
    assert found_in(shown, *VALUES) == list(VALUES)
    assert found_in(files, *VALUES, IN_CLEAR, record) == [IN_CLEAR, record]
    assert found_in(rows, *VALUES, IN_CLEAR, record) == [IN_CLEAR, record]
    assert found_in(logs, *VALUES, key, token, "the worker is polling") == ["the worker is polling"]
