"""Where the answers have their addresses."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("responses", __name__, url_prefix="/<lang:lang>")
blueprints = (bp,)
DESK = "/desk/<slug:slug>/plan/<cycle:cycle>"
PLAN = "/<slug:slug>/plans/<cycle:cycle>"
KEY = "int(max=9223372036854775807)"
