"""The command line: serve, work, build the demo, check the journal, bring the database to head."""

from __future__ import annotations

import copy
import os
import secrets
import signal
import threading
import time
from importlib import import_module, util
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask_migrate import upgrade as to_head
from sqlalchemy.exc import SQLAlchemyError

from participate.app import ROOMS, BadSettingError, create_app
from participate.config import ROOT, Settings, from_environment
from participate.council import jobs as council
from participate.db import ClockOffset, db, writing
from participate.letters import jobs as letters
from participate.letters import receipts
from participate.lifecycle import actions as lifecycle
from participate.opendata import jobs as opendata
from participate.operations import jobs as operations
from participate.operations.cli import Making, standing
from participate.post import jobs as post
from participate.synthesis import jobs as synthesis
from participate.synthesis.papers import job as papers
from participate.web import assets, overload

WORKER_PAUSE = 3.0
LOCALHOST = "127.0.0.1"


@click.group()
@click.pass_context
def participate(context: click.Context) -> None:
    """Participate: where the people of a place write its plan together."""
    context.obj = Making(settings, create_app)


def main() -> None:
    """Run the command line; a bad setting is said in one line."""
    try:
        participate()
    except BadSettingError as error:
        name, advice = error.args
        raise SystemExit(f"{name}: {advice}") from None


# --- settings and the application ------------------------------------------------------------------


def settings(*, demo: bool | None = None) -> Settings:
    """Read the environment; the demo keeps its secret beside its keys, so that sessions outlive it."""
    if demo or os.environ.get("PARTICIPATE_DEMO") == "1":
        os.environ["PARTICIPATE_DEMO"] = "1"
        os.environ.setdefault("PARTICIPATE_SECRET_KEY", _demo_secret())
    return from_environment(demo)


def _demo_secret() -> str:
    folder = Path(os.environ.get("PARTICIPATE_INSTANCE", ROOT / "instance")) / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "demo-secret"
    if not path.exists():
        path.write_text(secrets.token_hex(32))
        path.chmod(0o600)
    return path.read_text().strip()


def with_assets(found: Settings) -> Flask:
    """Make an application that answers for its static files too."""
    app = create_app(found)
    _refuse_shifted_clock(app, found)
    app.wsgi_app = overload.Gate(app.wsgi_app)  # type: ignore[method-assign]
    assets.wrap(app, found.instance)
    return app


def served() -> Flask:
    """Make the application a server process runs, with the worker thread unless it is switched off."""
    app = with_assets(settings())
    if os.environ.get("PARTICIPATE_WORKER", "1") == "1":
        threading.Thread(target=work, args=(app,), name="participate-worker", daemon=True).start()
    return app


def _refuse_shifted_clock(app: Flask, found: Settings) -> None:
    """Outside the demo the clock is the database's: a shifted one would open and close at the wrong time."""
    with app.app_context():
        try:
            offset = None if found.demo else db.session.get(ClockOffset, 1)
        except SQLAlchemyError as error:
            raise BadSettingError(
                "DATABASE_URL", "the database does not answer or is not at head: participate doctor says more"
            ) from error
        finally:
            db.session.remove()
            db.engine.dispose()
    if offset is not None and offset.microseconds:
        raise BadSettingError(
            "DATABASE_URL", "its clock is shifted, as only the demo's may be: see participate doctor"
        )


# --- the worker ----------------------------------------------------------------------------------------


def work(app: Flask, stop: threading.Event | None = None) -> None:
    """Perform what is due, post news and deliver mail, every few seconds until told to stop."""
    stop = stop or threading.Event()
    while not stop.is_set():
        with app.app_context():
            for job in jobs():
                try:
                    job()
                except Exception:
                    app.logger.exception("the worker goes on after %s", getattr(job, "__name__", job))
        stop.wait(WORKER_PAUSE)


def jobs() -> list[Any]:
    """Return what the worker does in one round."""

    def run_due() -> None:
        with writing():
            lifecycle.run_due(None)
            db.session.commit()

    return [
        run_due,
        opendata.sign_checkpoints,
        opendata.build_archives,
        letters.post_news,
        receipts.post_receipts,
        post.deliver_due,
        operations.sweep_due,
        council.purge_due,
        synthesis.compute_maps,
        papers.prepare_papers,
    ]


# --- commands --------------------------------------------------------------------------------------------


@participate.command()
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
@click.option("--host", default=LOCALHOST, show_default=True, help="Address to listen on.")
@click.option("--no-worker", is_flag=True, help="Leave mail and due actions to `participate worker`.")
def serve(port: int, host: str, no_worker: bool) -> None:
    """Serve the platform: one process with threads, and one worker thread in it."""
    _serve(host, port, worker=not no_worker)


def _serve(host: str, port: int, *, worker: bool) -> None:
    from granian import Granian  # noqa: PLC0415  only a server pays for it
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    if os.environ.get("PARTICIPATE_DEMO") == "1" and host not in {LOCALHOST, "localhost", "::1"}:
        raise BadSettingError("PARTICIPATE_DEMO", "the demo binds loopback only: leave --host out")
    os.environ["PARTICIPATE_WORKER"] = "1" if worker else "0"
    os.environ.setdefault("PARTICIPATE_BASE_URL", f"http://{host}:{port}")
    found = settings()  # a bad one is said before anything starts
    _refuse_shifted_clock(create_app(found), found)
    Granian(
        "participate.cli:served",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=overload.THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


@participate.command()
def worker() -> None:
    """Do the worker's rounds in a process of its own, until told to stop."""
    found = settings()
    app = create_app(found)
    _refuse_shifted_clock(app, found)
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_args: stop.set())
    work(app, stop)


@participate.group(name="db")
def database() -> None:
    """Care for the database."""


@database.command()
def upgrade() -> None:
    """Bring the database to head."""
    app = create_app(settings())
    with app.app_context():
        to_head()
    click.echo("The database is at head.")


@participate.command()
@click.option("--reset", is_flag=True, help="Begin again from nothing.")
@click.option("--serve", "serves", is_flag=True, help="Serve it afterwards.")
@click.option("--port", default=5000, show_default=True, help="Port to listen on.")
@click.option(
    "--at", "step", default=None, help="call_for_ideas, draft_review, synthesis, council, implementation."
)
def demo(reset: bool, serves: bool, port: int, step: str | None) -> None:
    """Build the demo if it is not there, put its clock right, and serve it if asked."""
    os.environ.setdefault("PARTICIPATE_BASE_URL", f"http://{LOCALHOST}:{port}")
    found = settings(demo=True)
    from participate.demo import build  # noqa: PLC0415  nothing else needs the demo

    began = time.monotonic()
    app = create_app(found)
    try:
        made = build.prepare(app, found, reset=reset, step=step, say=click.echo)
    except build.NoSuchStepError as error:
        raise click.BadParameter(f"choose one of {', '.join(build.Step)}", param_hint="--at") from error
    if made:
        click.echo(f"The demo is ready after {time.monotonic() - began:.0f} s.")
    if serves:
        click.echo(f"Open        http://{LOCALHOST}:{port}/")
        click.echo(f"Sign-ins    http://{LOCALHOST}:{port}/dev/")
        _serve(LOCALHOST, port, worker=True)


def _inside(command: click.Command) -> click.Command:
    """A copy of a room's command, or group of them, that runs inside the application."""
    own = command.callback

    @click.pass_context
    def enter(context: click.Context, **values: Any) -> Any:
        context.with_resource(create_app(settings()).app_context())
        return own(**values) if own else None

    inside = copy.copy(command)
    inside.callback = enter
    return inside


def _gather() -> None:
    """Add the command groups of the rooms: `participate <room> …`."""
    for command in standing:
        participate.add_command(command)
    for room in ROOMS:
        if room == "operations" or not util.find_spec(f"participate.{room}.cli"):
            continue
        commands = import_module(f"participate.{room}.cli")
        for value in vars(commands).values():
            if not isinstance(value, click.Group):
                continue
            there = participate.commands.get(str(value.name))
            if isinstance(there, click.Group):  # what needs no application stands there already
                for command in value.commands.values():
                    there.add_command(_inside(command))
            else:
                participate.add_command(_inside(value))
        # Commands that check a file need neither settings nor a database.
        for command in getattr(commands, "offline", ()):
            participate.add_command(command)


_gather()

if __name__ == "__main__":
    main()
