"""The whole wiring on one page: `create_app` puts the rooms together."""

from __future__ import annotations

import json
from importlib import import_module, util
from typing import Any

from flask import Flask, Response, g, redirect, request
from flask_migrate import Migrate
from htmx_flask import Htmx

from participate import db as database
from participate.config import ROOT, BadSettingError, Settings, from_environment
from participate.db import db
from participate.journal import keys
from participate.web import assets, errors, i18n, overload, pages, security

# In the order of the process; a later room may know an earlier one, never the reverse.
ROOMS = [
    "journal", "post", "files", "network", "people", "plans", "consultations", "positions", "contributions",
    "moderation", "meetings", "responses", "synthesis", "council", "monitoring", "evaluation", "lifecycle",
    "letters", "opendata", "portal", "operations",
]  # fmt: skip
DEMO_ROOM = "demo"


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Without settings, they are read from the environment."""
    settings = settings or from_environment()
    app = Flask(
        "participate", static_folder=str(ROOT / "participate" / "ui" / "static"), static_url_path="/static"
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        BASE_URL=settings.base_url,
        DEMO=settings.demo,
        TESTING=settings.testing,
        SETTINGS=settings,
        MAIL_FROM=settings.mail_from,
        TRUSTED_HOSTS=settings.hosts,
        SESSION_COOKIE_SECURE=settings.secure,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        **settings.extra,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    keys.use(_keyring(settings), lambda: _keyring(settings))
    database.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    Htmx(app)
    assets.init_app(app)
    i18n.init_app(app)
    rooms = [*ROOMS, DEMO_ROOM] if settings.demo else ROOMS
    pages.init_app(app, rooms)
    security.init_app(app)
    overload.init_app(app)
    _furnish(app, rooms)
    errors.init_app(app)
    _serve_root(app, settings)
    return app


def _furnish(app: Flask, rooms: list[str]) -> None:
    """Load every room's tables, then its `init_app` (hooks, providers, homes) and its pages."""
    for room in [*ROOMS, DEMO_ROOM]:
        if util.find_spec(f"participate.{room}.models"):
            import_module(f"participate.{room}.models")
    for room in rooms:
        if util.find_spec(f"participate.{room}.views"):
            views = import_module(f"participate.{room}.views")
            if hasattr(views, "init_app"):
                views.init_app(app)
            for blueprint in getattr(views, "blueprints", ()):
                app.register_blueprint(blueprint)


def _keyring(settings: Settings) -> keys.Keyring:
    try:
        if settings.master_key and settings.signing_key:
            return keys.from_text(settings.master_key, settings.signing_key)
        if settings.demo or settings.testing:
            return keys.load_or_create(settings.instance / "keys")
        return keys.load(settings.instance / "keys")
    except keys.BadKeysError as error:
        raise BadSettingError("PARTICIPATE_INSTANCE", str(error)) from error


def _serve_root(app: Flask, settings: Settings) -> None:
    @app.get("/")
    def root() -> Any:
        response = redirect(f"/{i18n.negotiated()}/", 303)
        response.headers["Vary"] = "Accept-Language"
        return response

    root.guard_act = "public:read"  # type: ignore[attr-defined]

    @app.get("/healthz")
    def healthz() -> Response:
        db.session.execute(db.text("SELECT 1"))
        return Response(json.dumps({"status": "ok"}), mimetype="application/json")

    healthz.guard_act = "public:read"  # type: ignore[attr-defined]

    @app.before_request
    def begin() -> None:
        if request.method not in security.SAFE:
            scope = database.writing()
            scope.__enter__()
            g.writing = scope

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        scope = g.pop("writing", None)
        if scope is not None:
            scope.__exit__(None, None, None)

    if settings.demo:

        @app.before_request
        def loopback_only() -> Any:
            if request.host.rsplit(":", 1)[0] not in {"127.0.0.1", "localhost", "[::1]"}:
                return Response("Not found", 404)
            return None


__all__ = ["BadSettingError", "create_app"]
