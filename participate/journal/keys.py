"""The three keys of the journal: they live in the environment or in files, never in the database.

- the master key wraps each consultation's pseudonym key;
- a consultation's key makes voter pseudonyms that cannot be joined across statements;
- the signing key (Ed25519) signs checkpoints and seals.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MASTER, SIGNING = "master.key", "signing.key"
KEY_BYTES = 32


class NoKeysError(Exception):
    """The application was asked to sign or wrap before keys were given to it."""


class ReplacedKeyError(Exception):
    """This process holds a signing key that was replaced; holds the public half of the one to sign with."""


class InTheWayError(Exception):
    """A file that would be overwritten; holds its path."""


class BadKeysError(Exception):
    """Keys are missing, open to others, or not keys; the message says what to do."""


@dataclass(frozen=True)
class Keyring:
    """The keys one process works with."""

    master: bytes
    signing: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public half of the signing key, base64."""
        raw = self.signing.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return base64.b64encode(raw).decode()

    def sign(self, message: bytes) -> str:
        """Sign with Ed25519; base64."""
        return base64.b64encode(self.signing.sign(message)).decode()

    def wrap(self, key: bytes) -> str:
        """Encrypt a consultation's key for the database (AES-256-GCM)."""
        nonce = os.urandom(12)
        return base64.b64encode(nonce + AESGCM(self.master).encrypt(nonce, key, None)).decode()

    def unwrap(self, wrapped: str) -> bytes:
        """Decrypt a consultation's key."""
        raw = base64.b64decode(wrapped)
        return AESGCM(self.master).decrypt(raw[:12], raw[12:], None)


_ring: Keyring | None = None
_again: Callable[[], Keyring] | None = None


def use(ring: Keyring, again: Callable[[], Keyring] | None = None) -> None:
    """Give this process its keys; `again` reads them anew when the signing key was replaced meanwhile."""
    global _ring, _again
    _ring, _again = ring, again


def ring() -> Keyring:
    """Return this process's keys. Raises NoKeysError before `use`."""
    if _ring is None:
        raise NoKeysError
    return _ring


def ring_with(public: str | None) -> Keyring:
    """Return this process's keys, whose signing key is the one the record knows as the last, if it knows one.

    Raises ReplacedKeyError if the process still has another after reading the files again.
    """
    if public is not None and ring().public != public and _again is not None:
        use(_again(), _again)
    if public is not None and ring().public != public:
        raise ReplacedKeyError(public)
    return ring()


def load_or_create(folder: Path) -> Keyring:
    """Read the keys in `folder`, making missing ones: for the demo and tests, where nothing is lost by new keys."""
    create(folder)
    return load(folder)


def create(folder: Path) -> list[str]:
    """Make the keys that are missing in `folder`, with mode 0600, and return their names.

    Two processes may start at once: the first to create a file wins and both read it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    missing = [name for name in (MASTER, SIGNING) if not (folder / name).exists()]
    _file(folder / MASTER, lambda: secrets.token_bytes(KEY_BYTES))
    _file(
        folder / SIGNING,
        lambda: Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        ),
    )
    return missing


def load(folder: Path) -> Keyring:
    """Read the keys in `folder`. Raises BadKeysError: new keys in place of lost ones would open nothing."""
    found = []
    for name in (MASTER, SIGNING):
        path = folder / name
        if not path.exists():
            raise BadKeysError(
                f"{path} is missing: bring it back from its backup; for a new installation type participate keys create"
            )
        if path.stat().st_mode & 0o077:
            raise BadKeysError(f"others may read {path}: chmod 600 {path}")
        found.append(path.read_bytes())
    return _ring_of(*found)


def from_text(master: str, signing: str) -> Keyring:
    """Read keys given as base64 text, as the environment holds them. Raises BadKeysError."""
    try:
        return _ring_of(base64.b64decode(master, validate=True), base64.b64decode(signing, validate=True))
    except ValueError as error:
        raise BadKeysError("give each key as base64 text of 32 random bytes") from error


def _ring_of(master: bytes, signing: bytes) -> Keyring:
    if len(master) != KEY_BYTES or len(signing) != KEY_BYTES:
        raise BadKeysError(f"each key has {KEY_BYTES} bytes")
    if master == signing:
        raise BadKeysError("the master key and the signing key must be two different keys")
    return Keyring(master, Ed25519PrivateKey.from_private_bytes(signing))


def _file(path: Path, make: Callable[[], bytes]) -> None:
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(make())
        try:
            os.link(draft, path)  # atomic: fails if another process was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def new_consultation_key() -> str:
    """Return a fresh random pseudonym key, wrapped."""
    return ring().wrap(secrets.token_bytes(32))


def pseudonym(key_wrapped: str, voice: str, statement_id: int) -> str:
    """Return the voter's name in one entry: HMAC(consultation key, voice ‖ statement), hex.

    Bound to the statement, so that thirty acts of one person do not form a fingerprint.
    """
    key = ring().unwrap(key_wrapped)
    return hmac.new(key, f"{voice}|{statement_id}".encode(), hashlib.sha256).hexdigest()


def note(name: str, text: str, ring: Keyring) -> str:
    """Return a text signed by `name` in the form of C2SP signed-note: the key is named by four bytes."""
    signature = base64.b64encode(_mark(name, ring.public) + base64.b64decode(ring.sign(text.encode())))
    return f"{text}\n— {name} {signature.decode()}\n"


def noted_by(signed_note: str, publics: Sequence[str]) -> tuple[str, str] | None:
    """Return the text of a note and the key that signed it; None if none of `publics` did."""
    text, _, line = signed_note.partition("\n\n")
    parts = line.removesuffix("\n").split(" ")
    try:
        _dash, name, signature = parts
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        return None
    for public in publics:
        signed = base64.b64encode(raw[4:]).decode()
        if _mark(name, public) == raw[:4] and verify_signature(public, f"{text}\n".encode(), signed):
            return text, public
    return None


def _mark(name: str, public: str) -> bytes:
    """Return the four bytes by which a note names an Ed25519 key. Source: C2SP signed-note."""
    return hashlib.sha256(f"{name}\n\x01".encode() + base64.b64decode(public)).digest()[:4]


# --- one signing key after another ------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """One signing key handed on to the next: both signed it, so neither can be put in afterwards."""

    old: str
    new: str
    signed_by_old: str
    signed_by_new: str

    @property
    def holds(self) -> bool:
        """Whether both keys signed."""
        message = _turn_message(self.old, self.new)
        return verify_signature(self.old, message, self.signed_by_old) and verify_signature(
            self.new, message, self.signed_by_new
        )


def turn(old: Keyring, new: Keyring) -> Turn:
    """Hand the signing on from one key to the next."""
    message = _turn_message(old.public, new.public)
    return Turn(old.public, new.public, old.sign(message), new.sign(message))


def _turn_message(old: str, new: str) -> bytes:
    return f"participate-key/1\n{old}\n{new}\n".encode()


def fingerprint(public: str) -> str:
    """Return eight signs by which people tell keys apart."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:8]


def next_ring(path: Path, *, as_text: bool = False) -> Keyring:
    """Make a signing key and write it to `path`, mode 0600. Raises InTheWayError rather than overwrite."""
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InTheWayError(path) from None
    with os.fdopen(descriptor, "wb") as out:
        out.write(base64.b64encode(raw) + b"\n" if as_text else raw)
        out.flush()
        os.fsync(out.fileno())
    return Keyring(ring().master, private)


def read_ring(path: Path) -> Keyring:
    """Return the keys with the signing key of a file."""
    return Keyring(ring().master, Ed25519PrivateKey.from_private_bytes(path.read_bytes()))


def retired(folder: Path, public: str) -> Path:
    """Return where the file of a replaced key is put aside."""
    return folder / f"retired-{fingerprint(public)}.key"


def put_in_place(folder: Path, following: Path, old: str) -> None:
    """Put the present key's file aside and the next one's in its place. Raises InTheWayError."""
    try:
        os.link(folder / "signing.key", retired(folder, old))
    except FileExistsError:
        if retired(folder, old).read_bytes() != (folder / "signing.key").read_bytes():
            raise InTheWayError(retired(folder, old)) from None
    following.replace(folder / "signing.key")


def verify_signature(public_key: str, message: bytes, signature: str) -> bool:
    """Whether `signature` (base64) over `message` was made by `public_key` (base64)."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(
            base64.b64decode(signature), message
        )
    except (InvalidSignature, ValueError):
        return False
    return True
