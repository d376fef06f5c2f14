"""Static files with the hash of their bytes in the address, kept for a year; answers compressed.

The style sheet is written in several files and sent as one: `sheet` joins them. `serve` wraps the
application in WhiteNoise over a packed copy of `ui/static`, with compressed variants beside the files;
elsewhere Flask serves the folder itself.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

UI = Path(__file__).resolve().parent.parent / "ui"
STATIC = UI / "static"
SHEET = "css/site.css"
PREFIX = "/static/"
HASH_CHARS = 10
YEAR = "public, max-age=31536000, immutable"
HOUR = 3600
WORTH_COMPRESSING = 900
BROTLI_QUALITY = 4
GZIP_LEVEL = 5
TEXTUAL = ("text/", "application/json", "application/javascript", "image/svg+xml")


@cache
def sheet() -> bytes:
    """Return the style sheet of the site: the files of `ui/css` in the order of their names."""
    return b"\n".join(path.read_bytes() for path in sorted((UI / "css").glob("*.css")))


@cache
def fingerprint(filename: str) -> str | None:
    """Return the first symbols of a static file's SHA-256; None when there is no such file."""
    path = STATIC / filename
    if filename != SHEET and not path.is_file():
        return None
    content = sheet() if filename == SHEET else path.read_bytes()
    return hashlib.sha256(content).hexdigest()[:HASH_CHARS]


def init_app(app: Flask) -> None:
    """Put fingerprints in the addresses of static files, and compress what is worth it."""
    send_file = app.send_static_file

    def send(filename: str) -> Response:
        return Response(sheet(), mimetype="text/css") if filename == SHEET else send_file(filename)

    app.send_static_file = send  # type: ignore[method-assign]

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint != "static" or "v" in values:
            return
        found = fingerprint(values["filename"])
        if found:
            values["v"] = found

    @app.after_request
    def compress(response: Response) -> Response:
        if request.endpoint == "static" and request.args.get("v"):
            response.headers["Cache-Control"] = YEAR
        return _compressed(response)


def _compressed(response: Response) -> Response:
    """Compress a whole textual answer as the browser accepts it."""
    if (
        response.status_code != 200
        or response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(TEXTUAL)
    ):
        return response
    accepted = {str(name) for name in request.accept_encodings.values()}
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) < WORTH_COMPRESSING:
        return response
    if "br" in accepted:
        response.set_data(brotli.compress(body, quality=BROTLI_QUALITY))
        response.headers["Content-Encoding"] = "br"
    elif "gzip" in accepted:
        response.set_data(gzip.compress(body, GZIP_LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def pack(instance: Path) -> Path:
    """Return a copy of the static files with compressed variants, made once for these very bytes."""
    digest = hashlib.sha256(sheet())
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    for path in files:
        digest.update(path.relative_to(STATIC).as_posix().encode() + path.read_bytes())
    folder = instance / "static" / digest.hexdigest()[:HASH_CHARS]
    if folder.is_dir():
        return folder
    making = folder.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(STATIC, making)
    (making / SHEET).parent.mkdir(exist_ok=True)
    (making / SHEET).write_bytes(sheet())
    compressor = Compressor(quiet=True)
    for path in making.rglob("*"):
        if path.is_file() and compressor.should_compress(path.name):
            list(compressor.compress(str(path)))
    making.replace(folder)
    return folder


class Packed(WhiteNoise):
    """WhiteNoise that lets addresses with a fingerprint be kept for a year."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve a static file, or hand on."""
        kept = environ["PATH_INFO"].startswith(PREFIX) and environ.get("QUERY_STRING", "").startswith("v=")
        if not kept:
            return super().__call__(environ, start_response)

        def keep(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            named = [(name, value) for name, value in headers if name.lower() != "cache-control"]
            return start_response(status, [*named, ("Cache-Control", YEAR)], *rest)

        return super().__call__(environ, keep)


def wrap(app: Flask, instance: Path) -> None:
    """Serve static files before the application is asked."""
    app.wsgi_app = Packed(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(pack(instance)),
        prefix=PREFIX,
        max_age=HOUR,
        allow_all_origins=False,
        mimetypes={".webmanifest": "application/manifest+json"},
        immutable_file_test=r"\.woff2$",
        add_headers_function=_secure,
    )


def _secure(headers: Any, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
