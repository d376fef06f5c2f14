"""An identity provider, where the installation names one; without it nothing is shown and nothing imported.

Authlib keeps state, nonce and the PKCE verifier in the server-side session and checks all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from participate.config import Oidc

EXTENSION = "participate-oidc"


class ProviderError(Exception):
    """The provider did not attest anybody: refused, interrupted, forged or out of reach."""


@dataclass(frozen=True)
class Attested:
    """Whom the provider attests, and whether by a means the installation calls strong."""

    issuer: str
    sub: str
    strong: bool


def settings() -> Oidc | None:
    """Return what the installation says of its provider."""
    found: Oidc | None = current_app.config["SETTINGS"].oidc
    return found


def offered() -> str | None:
    """Return the provider's name for a button; None when there is none."""
    found = settings()
    return found.name if found else None


def init_app(app: Flask) -> None:
    """Make the client, where a provider is named."""
    wanted: Oidc | None = app.config["SETTINGS"].oidc
    if wanted is None:
        return
    from authlib.integrations.flask_client import OAuth  # noqa: PLC0415  an extra: most installations have none

    made = OAuth(app)
    made.register(
        "provider",
        client_id=wanted.client_id,
        client_secret=wanted.client_secret,
        server_metadata_url=f"{wanted.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "timeout": 10,
        },
    )
    app.extensions[EXTENSION] = made


def _client() -> Any:
    return current_app.extensions[EXTENSION].provider


def way_to_provider(back: str) -> str:
    """Return the provider's address for this browser's question. Raises ProviderError."""
    try:
        return str(_client().authorize_redirect(back).location)
    except Exception as error:
        raise ProviderError from error


def come_back() -> Attested:
    """Read the provider's answer to this browser. Raises ProviderError whatever is wrong with it."""
    wanted = settings()
    assert wanted is not None
    try:
        token = _client().authorize_access_token()
        said = dict(token["userinfo"])
    except Exception as error:
        current_app.logger.warning("the identity provider attested nobody: %s", type(error).__name__)
        raise ProviderError from error
    issuer, sub = str(said.get("iss", "")).rstrip("/"), str(said.get("sub", ""))
    if issuer != wanted.issuer or not 0 < len(sub) <= 255 or "nonce" not in said:
        raise ProviderError
    amr = said.get("amr")
    means = {str(said.get("acr", "")), *(str(one) for one in (amr if isinstance(amr, list) else []))}
    return Attested(issuer, sub, bool(means & set(wanted.strong)))
