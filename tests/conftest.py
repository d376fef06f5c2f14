"""The application on a fresh copy of a migrated database, on SQLite or PostgreSQL; clients; the clock.

Migrations run once a worker; each test then gets a copy of the result. `engine_name` runs a test on
both engines when it asks for `both_engines`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from participate.app import create_app
from participate.config import Settings
from participate.db import db, set_clock, writing
from participate.journal import keys
from tests import clients
from tests.support import postgres

# A busy machine is no bug: examples are counted, not timed; and the same examples run every time.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("house")

ANCHOR = datetime(2023, 8, 22, 9, 0, tzinfo=UTC)
"""When every test begins: Tuesday 22 August 2023, 10:00 in Béni Mellal."""

SECRET = "a secret of the tests, long enough to pass"


def settings(url: str, instance: Path, **changes: Any) -> Settings:
    """Return settings for a test application."""
    values: dict[str, Any] = {
        "database_url": url,
        "secret_key": SECRET,
        "base_url": "http://localhost",
        "instance": instance,
        "testing": True,
        "extra": {"RATELIMIT_ENABLED": False},
    }
    return Settings(**{**values, **changes})


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this worker's keys are: shared, so that copies of the database stay readable."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, keys_folder: Path) -> Path:
    """A migrated, empty SQLite database, made once a worker."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    migrate(f"sqlite:///{path}", keys_folder)
    return path


def migrate(url: str, instance: Path) -> None:
    """Bring a database to head and let go of it."""
    app = create_app(settings(url, instance))
    with app.app_context():
        upgrade()
        if url.startswith("sqlite"):
            db.session.execute(db.text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def engine_name() -> str:
    """SQLite unless a test is run on both engines."""
    return "sqlite"


both_engines = pytest.mark.parametrize(
    "engine_name", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory, keys_folder: Path) -> Flask:
    """The application on this worker's SQLite file: wired once, its templates compiled once."""
    path = tmp_path_factory.mktemp("database") / "test.sqlite"
    return create_app(settings(f"sqlite:///{path}", keys_folder))


@pytest.fixture(scope="session")
def postgres_app(worker_id: str, keys_folder: Path) -> Flask:
    """The application on this worker's PostgreSQL database, wired once too."""
    return create_app(settings(postgres.database_url(f"participate_{worker_id}"), keys_folder))


@pytest.fixture
def wired_app(engine_name: str, request: pytest.FixtureRequest) -> Flask:
    """The application of the engine this test asks for."""
    made: Flask = request.getfixturevalue({"sqlite": "sqlite_app", "postgresql": "postgres_app"}[engine_name])
    return made


@pytest.fixture
def database_url(
    engine_name: str, wired_app: Flask, request: pytest.FixtureRequest, worker_id: str, keys_folder: Path
) -> str:
    """A migrated database with nothing of another test in it."""
    url: str = wired_app.config["SQLALCHEMY_DATABASE_URI"]
    if engine_name == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return url
    template = postgres.template_database("participate_template", lambda url: migrate(url, keys_folder))
    return postgres.clean_database(f"participate_{worker_id}", template)


@pytest.fixture
def app(wired_app: Flask, database_url: str, keys_folder: Path) -> Iterator[Flask]:
    """The application, at the anchor, inside an application context; what a test sets on it is undone."""
    keys.use(keys.load_or_create(keys_folder / "keys"))  # another application may have been wired meanwhile
    before, wired = dict(wired_app.config), set(vars(wired_app))
    yield from running(wired_app)
    wired_app.config.clear()
    wired_app.config.update(before)
    for name in [
        name for name in vars(wired_app) if not hasattr(type(wired_app), name) and name not in wired
    ]:
        delattr(wired_app, name)


def running(made: Flask) -> Iterator[Flask]:
    """Set the clock, hand out the application, and let go of its database afterwards."""
    with made.app_context():
        with writing():
            set_clock(ANCHOR)
            db.session.commit()
        made.test_client_class = clients.Client
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> clients.Client:
    """A signed-out browser that inspects every page it fetches."""
    made = app.test_client()
    assert isinstance(made, clients.Client)
    return made
