"""What the web side asks of the rooms. `app.py` fills these in, so `web` imports none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from participate.rules.policy import ANYBODY, Actor


@dataclass(frozen=True)
class FirstReply:
    """The answer a form already got."""

    location: str
    receipt_code: str | None


def _nobody() -> Actor:
    return ANYBODY


def _no_draft(_form_key: str) -> dict[str, Any]:
    return {}


def _no_reply(_key: str, _payload_hash: str) -> FirstReply | None:
    return None


def _ignore(*_args: object) -> None:
    return None


@dataclass
class Hooks:
    """One function per question."""

    load_actor: Callable[[], Actor] = _nobody
    park_draft: Callable[[str, Mapping[str, Any]], None] = _ignore
    take_draft: Callable[[str], dict[str, Any]] = _no_draft
    drop_draft: Callable[[str], None] = _ignore
    first_reply: Callable[[str, str], FirstReply | None] = _no_reply
    keep_reply: Callable[[str, str, str, str | None], None] = _ignore
    sign_in_url: Callable[[str], str] = lambda path: path
    prove_url: Callable[[str], str] = lambda path: path
    run_due: Callable[[int], None] = _ignore


hooks = Hooks()
