"""Headers, hosts and request limits: what every answer carries, whatever room made it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect

from participate.db import db
from participate.rules.policy import Act

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
csrf = CSRFProtect()
NOT_KEPT = frozenset({Act.FACTOR_USE, Act.RECOVERY_DECIDE, Act.ROLE_MANAGE, Act.PERSON_VERIFY})
"""Acts whose pages show secrets, or who somebody is: no browser keeps a copy, on a shared computer above all."""
SAFE = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask) -> None:
    """Attach headers, the CSRF check and the origin check."""
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        WTF_CSRF_SSL_STRICT=False,  # the Origin check below is stricter and works over http too
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=2000,
    )
    csrf.init_app(app)

    @app.before_request
    def same_origin() -> None:
        if request.method in SAFE:
            return
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site not in {"same-origin", "none"}:
            abort(400)
        origin = request.headers.get("Origin")
        if origin and origin != "null" and urlsplit(origin).netloc != request.host:
            abort(400)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        view = app.view_functions.get(request.endpoint or "")
        kept = "no-store" if getattr(view, "guard_act", None) in NOT_KEPT else "private, no-cache"
        response.headers.setdefault("Cache-Control", kept)
        if request.method not in SAFE:
            # Nothing uncommitted may outlive the answer, nor hold the write lock while it is sent.
            db.session.rollback()
        return response
