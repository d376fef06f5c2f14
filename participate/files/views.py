"""Sending a file, for the rooms that hold one, and the larger requests of routes that take one."""

from __future__ import annotations

from io import BytesIO

from flask import Flask, Response, request, send_file

from participate.files.forms import ROUTE_BYTES
from participate.files.queries import Attachment

_upload_endpoints: set[str] = set()


def takes_uploads(*endpoints: str) -> None:
    """Let these endpoints read requests as large as a file needs; all others keep the small limit."""
    _upload_endpoints.update(endpoints)


def sent(attachment: Attachment) -> Response:
    """Answer with a file to be saved: never shown inside our pages, never guessed at."""
    response = send_file(
        BytesIO(attachment.body),
        mimetype=attachment.media_type,
        as_attachment=True,
        download_name=attachment.name,
        etag=False,
        max_age=None,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def init_app(app: Flask) -> None:
    """Raise the limit before the form is first read: the CSRF check reads it before any view runs."""

    @app.url_value_preprocessor
    def allow_upload(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint in _upload_endpoints:
            request.max_content_length = ROUTE_BYTES
