"""Where people have their addresses."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("people", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)
