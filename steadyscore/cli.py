"""The command line. Each command imports what it runs: a worker needs no FastAPI, and starts the sooner without it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from steadyscore.errors import SetupError
from steadyscore.logs import configure_logging
from steadyscore.settings import Settings, read_settings

MAX_TOKEN_HOURS = 24 * 30

Roles = Annotated[list[str] | None, typer.Option(help="viewer, officer, builder, administrator; repeatable")]
Name = Annotated[str | None, typer.Option(help="Who acts; you, where nobody is named")]
Hours = Annotated[float, typer.Option(min=0.01, max=MAX_TOKEN_HOURS, help="How long it counts")]

app = typer.Typer(
    help="Scores of register records, computed when an approved change touches what they are made of.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
builders_app = typer.Typer(help="Builders and their Builder Score.", no_args_is_help=True)
app.add_typer(builders_app, name="builders")


@contextmanager
def _at_the_terminal() -> Iterator[Settings]:
    """Settings and logging for a command; what can be mended is told in words, without a traceback."""
    try:
        settings = read_settings()
        configure_logging(settings.log_format, settings.log_level)
        yield settings
    except SetupError as error:
        _complain(str(error))
        raise typer.Exit(1) from None
    except ModuleNotFoundError as error:
        _complain(f"{error.name} is not installed; `pip install 'steadyscore[embedded]'` brings what up and demo need")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _complain(text: str) -> None:
    Console(stderr=True, highlight=False).print(f"[bold red]steadyscore:[/] {escape(text)}", soft_wrap=True)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run a command and leave at once: Temporal's native code can crash an interpreter that takes its time to end."""
    try:
        app(prog_name="steadyscore")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@app.command()
def up() -> None:
    """Start everything (API, worker, relay, and PostgreSQL and Temporal where none is configured) until Ctrl-C."""
    with _at_the_terminal() as settings:
        from steadyscore.up import up as keep_up

        keep_up(settings, _say)


@app.command()
def demo() -> None:
    """Tell the main job as a story, over HTTP, with figures as they are measured."""
    with _at_the_terminal() as settings:
        from steadyscore.demo.run import demo as tell_story

        tell_story(settings)


@app.command()
def api() -> None:
    """Serve the HTTP interface."""
    from steadyscore.run_api import run_api

    with _at_the_terminal() as settings:
        asyncio.run(run_api(settings))


@app.command()
def worker() -> None:
    """Run workflows and activities."""
    from steadyscore.run_worker import run_worker

    with _at_the_terminal() as settings:
        asyncio.run(run_worker(settings))


@app.command()
def relay() -> None:
    """Carry score requests from PostgreSQL to Temporal."""
    from steadyscore.run_relay import run_relay

    with _at_the_terminal() as settings:
        asyncio.run(run_relay(settings))


@app.command()
def recompute(  # noqa: PLR0913 - one for each option
    register: Annotated[str, typer.Argument(help="A register's id, or its mnemonic where no other has it")],
    *,
    score_type: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated")] = None,
    only_stale: Annotated[bool, typer.Option("--only-stale", help="Not what the latest definition computed")] = False,
    rate: Annotated[float | None, typer.Option(min=0.1, max=1e6, help="Records a second at most")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start it and leave")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Watch what is under way")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say how far the latest ones are")] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Request no more until it is resumed")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after a pause")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="End it; what was requested is still computed")] = False,
) -> None:
    """Compute all scores of a register again and show how far it is; exits 1 where it fails or is cancelled."""
    flags = {"watch": watch, "status": status, "pause": pause, "resume": resume, "cancel": cancel}
    actions = [name for name, is_set in flags.items() if is_set]
    if len(actions) > 1:
        raise typer.BadParameter("choose one of --watch, --status, --pause, --resume, --cancel")
    from steadyscore.recompute import RecomputeCommand, run_recompute

    with _at_the_terminal() as settings:
        action = actions[0] if actions else "start"
        command = RecomputeCommand(register, score_type or None, only_stale, rate, action, detach)
        if not run_recompute(settings, command, _say):
            raise typer.Exit(1)


@app.command()
def retry(
    record: Annotated[str, typer.Argument(help="A record's id")],
    *,
    score_type: Annotated[str | None, typer.Option(help="Only this one")] = None,
) -> None:
    """Ask again for a record's FAILED scores; the audit log names who is logged in."""
    from steadyscore.retry import run_retry

    with _at_the_terminal() as settings:
        for line in run_retry(settings, record, score_type):
            _say(line)


@builders_app.command()
def verify(*, as_json: Annotated[bool, typer.Option("--json", help="One line of JSON, for machines")] = False) -> None:
    """Compute every Builder Score again from the data and say what differs; exits 1 where anything does."""
    from steadyscore.verify_builders import run_verify_builders

    with _at_the_terminal() as settings:
        if not run_verify_builders(settings, as_json=as_json, say=_say):
            raise typer.Exit(1)


@app.command()
def token(*, role: Roles = None, name: Name = None, hours: Hours = 12) -> None:
    """Print a development token, which only the API of `up` takes; an administrator's, where no role is named."""
    with _at_the_terminal() as settings:
        _say(_token(settings, role, name, hours))


@app.command()
def console(
    *,
    role: Roles = None,
    name: Name = None,
    hours: Hours = 12,
    no_open: Annotated[bool, typer.Option("--no-open", help="Just print the address")] = False,
) -> None:
    """Open the staff console of `up` signed in, with a development token in the address it prints."""
    from steadyscore.console import open_in_browser, sign_in_address

    with _at_the_terminal() as settings:
        address = sign_in_address(settings, _token(settings, role, name, hours))
        _say(address)
        if not no_open:
            open_in_browser(address, settings.steadyscore_home)


def _token(settings: Settings, roles: list[str] | None, name: str | None, hours: float) -> str:
    from steadyscore.development_tokens import Holder, development_token

    if settings.oidc_issuer:
        raise SetupError("OIDC_ISSUER is set, so the API takes that provider's tokens, and none for development")
    holder = Holder(tuple(roles or ["administrator"]), name)
    return development_token(settings.steadyscore_home, holder, datetime.now(UTC), timedelta(hours=hours))


@app.command()
def migrate() -> None:
    """Bring the database to the latest schema."""
    from steadyscore.migrate import migrate as run_migrations

    with _at_the_terminal() as settings:
        asyncio.run(run_migrations(settings.require_database_url()))
        _say("the database has the latest schema")


@app.command()
def replay(  # noqa: PLR0913 - one for each option
    file: Annotated[Path | None, typer.Argument(help="A history: temporal workflow show -w ID --output json")] = None,
    *,
    workflow_id: Annotated[str | None, typer.Option(help="Fetch the history from Temporal instead")] = None,
    run_id: Annotated[str | None, typer.Option(help="Which run; the latest where none is named")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="The newest N open and N closed runs of each type")] = None,
    query: Annotated[str | None, typer.Option(help="With --sample: of those that this visibility query finds")] = None,
    allow_none: Annotated[bool, typer.Option("--allow-none", help="With --sample: no runs is no failure")] = False,
) -> None:
    """Replay a history and say whether today's workflow code still fits it; exits 1 where it does not."""
    if sum(given is not None for given in (file, workflow_id, sample)) != 1:
        raise typer.BadParameter("give a FILE, --workflow-id or --sample, one of them")
    with _at_the_terminal() as settings:
        if sample is not None:
            _replay_sample(settings, sample, query, allow_none=allow_none)
            return
        from steadyscore.replay import replayed

        failure = asyncio.run(replayed(settings, file, workflow_id, run_id))
        if failure is not None:
            _say(f"today's code does not fit this history:\n{failure}")
            raise typer.Exit(1)
        _say("today's code fits this history")


def _replay_sample(settings: Settings, size: int, query: str | None, *, allow_none: bool) -> None:
    from steadyscore.replay_sample import replayed_sample

    sample = asyncio.run(replayed_sample(settings, size, query))
    for line in sample.report():
        _say(line)
    if not sample.looked_at and not allow_none:
        raise SetupError("no run was found, so nothing was checked; --allow-none lets that pass")
    if sample.unfit:
        raise typer.Exit(1)
