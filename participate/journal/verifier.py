"""Check the archive of a closed consultation, offline: `python verify.py ARCHIVE.zip [--key K] [--receipt R]`.

It needs Python 3.11 and the package `cryptography`. K is the signing key as you know it from elsewhere, such
as a printed dossier; R a receipt such as BM-7Q4K-2RXF, or the hash of its entry.

It shows: no entry was altered, moved, taken out or put in since the signed checkpoints; each voice that took
a position is one pseudonym and one ballot; the ballots make the published sums, statement by statement.
It does not show who voted, that a voice is a person, that a ballot says what its voter chose (an auditor who sees
the commitments opened can), nor that no second record is kept: compare copies, find your receipts.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

METHOD = "for each statement its ballots in the order of SHA-256(seed|kind|statement|value|copy)"
DATA = "keys.json chain.jsonl checkpoints.json statements.json tally.json ballots.json"
FILES = tuple(f"README.txt manifest.json manifest.sig {DATA} verify.py".split())
ACTS = {"position:taken": "positions", "priority:set": "priorities"}
CROCKFORD, BYTES = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 32
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


class WrongError(Exception):
    """The first thing that does not hold: where, and what."""


def need(holds: object, where: str, what: str) -> None:
    """Stop at what does not hold."""
    if not holds:
        raise WrongError(f"{where}: {what}")


def sha256(text: str) -> str:
    """Return the SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """Return the one JSON text of a value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signed(key: str, message: str, signature: str, mark: bytes = b"") -> bool:
    """Whether the key signed the message; both in base64, the signature after a mark of the key."""
    raw = base64.b64decode(signature, validate=True)
    with suppress(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(raw[len(mark) :], message.encode())
        return raw.startswith(mark) and base64.b64encode(raw).decode() == signature
    return False


def unpacked(source: str | IO[bytes]) -> dict[str, str]:
    """Return the files of the archive."""
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
        for name in (*names, *FILES):
            need(name in FILES and names.count(name) == 1, name, "missing, twice, or not of an archive")
        return {name: archive.read(name).decode() for name in FILES}


def keys_in(text: str, wanted: str | None) -> list[str]:
    """Return the signing keys, oldest first; each was handed on by the one before, which the new one signed too."""
    keys, turns = (list(json.loads(text)[name]) for name in ("keys", "turns"))
    for turn, old, new in zip(turns, keys[:-1], keys[1:], strict=True):
        for key, name in ((old, "signed_by_old"), (new, "signed_by_new")):
            good = signed(key, f"participate-key/1\n{old}\n{new}\n", turn[name])
            need(good, "keys.json", f"the turn to {new} is not {name.replace('_', ' ')}")
    need(all(len(base64.b64decode(key)) == BYTES for key in keys), "keys.json", "a key is not whole")
    need(wanted is None or wanted in keys, "keys.json", "the key you gave is not among its keys")
    return keys


def chain_in(text: str) -> list[dict[str, Any]]:
    """Return the entries, oldest first, each with its body read; stop at the first that does not follow."""
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(text[:-1].split("\n"), 1):
        where = f"chain.jsonl, entry {number}"
        try:
            entry = json.loads(line)
            body = json.loads(entry["body"])
            before = entries[-1] if entries else {"hash": entry["prev"], "chain": body["chain"]}
            need(canonical({k: entry[k] for k in ("body", "hash", "prev")}) == line, where, "wrongly written")
            need(body["seq"] == number, where, f"entry {body['seq']} stands in its place")
            need(entry["prev"] == before["hash"], where, "it does not follow the one before")
            need(entry["hash"] == sha256(entry["prev"] + entry["body"]), where, "altered: another hash")
            need(body["chain"] == before["chain"], where, "it is of another chain")
            entries.append({**body, "hash": entry["hash"]})
        except UNREADABLE:
            raise WrongError(f"{where}: it cannot be read") from None
    ends = [entry["seq"] for entry in entries if entry["type"] == "consultation:closed"]
    need(ends == [len(entries)], "chain.jsonl", f"the closing is not entry {len(entries)}, its last")
    return entries


def notes_in(text: str, entries: list[dict[str, Any]], keys: list[str]) -> list[str]:
    """Return the checkpoints: each is three lines on what stands in the chain, signed; the last is the closing."""
    last, turn, notes = 0, 0, json.loads(text)
    for number, note in enumerate(notes, 1):
        where = f"checkpoints.json, checkpoint {number}"
        origin, size, root, _, line = note.removesuffix("\n").split("\n")
        signing, (_, name, signature) = f"{origin}\n{size}\n{root}\n", line.split(" ")
        need(note == f"{signing}\n— {name} {signature}\n", where, "wrongly written")
        need(origin == f"{name}/consultation/{entries[0]['chain']}", where, "it is of another chain")
        need(last < int(size) <= len(entries), where, f"a size of {size} cannot stand here")
        need(root == entries[int(size) - 1]["hash"], where, f"entry {size} of the chain has another hash")
        named = f"{name}\n\x01".encode()
        marks = [hashlib.sha256(named + base64.b64decode(key)).digest()[:4] for key in keys]
        signers = [by for by, key in enumerate(keys) if signed(key, signing, signature, marks[by])]
        need(len(signers) == 1, where, "its signature is of none of the keys")
        need(signers[0] >= turn, where, "signed with a key that had been replaced")
        last, turn = int(size), signers[0]
    need(last == len(entries), "checkpoints.json", "the checkpoint of the closing is missing")
    return notes


def ballots_of(tally: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the ballots as the tally and the pseudonyms of the chain make them: there can be no others."""
    acts = [(ACTS[one["type"]], one["public"]) for one in entries if one["type"] in ACTS]
    seen = {(kind, public["statement"], public["voter"]) for kind, public in acts}
    voters = Counter((kind, statement) for kind, statement, _ in seen)
    sums = {("positions", one): {1: yes, -1: no, 0: passed} for one, yes, no, passed in tally["statements"]}
    chosen = dict(tally["priorities"])
    for one in chosen.keys() | {statement for kind, statement in voters if kind == "priorities"}:
        yes, key = chosen.get(one, 0), ("priorities", one)
        sums[key] = {1: yes, 0: max(voters[key] - yes, 0)}  # 0: chosen, then given up
    found: dict[str, Any] = {"method": METHOD, "seed": entries[-1]["hash"], "positions": {}, "priorities": {}}
    for key in sorted(sums.keys() | voters.keys()):
        counts, mark = sums.get(key, {}), "|".join(map(str, (found["seed"], *key)))
        said = f"{key[0]} on {key[1]}: {sum(counts.values())}, but {voters[key]} pseudonyms in the chain"
        need(sum(counts.values()) == voters[key], "tally.json", said)
        each = [(sha256(f"{mark}|{value}|{copy}"), value) for value, n in counts.items() for copy in range(n)]
        found[key[0]][str(key[1])] = [value for _, value in sorted(each)]
    return found


def steps(archive: str | IO[bytes], key: str | None = None, receipt: str | None = None) -> Iterator[str]:
    """Yield what holds, in order. Raises WrongError at the first thing that does not."""
    reading = "the archive"
    try:
        files = unpacked(archive)
        keys = keys_in(files[reading := "keys.json"], key)
        yield f"keys: {len(keys)}, the last one {keys[-1]}"
        entries = chain_in(files["chain.jsonl"])
        yield f"chain: {len(entries)} entries, each on the hash of the one before; the last {entries[-1]['hash']}"
        count = len(notes_in(files[reading := "checkpoints.json"], entries, keys))
        yield f"checkpoints: {count}, signed, and the chain passes through each"
        for reading in ("statements.json", "tally.json"):
            good = sha256(files[reading]) == entries[-1]["public"][reading.replace(".json", "_sha256")]
            need(good, reading, "not the one whose hash the closing holds")
        wanted = ballots_of(json.loads(files[reading]), entries)
        read = json.loads(files[reading := "ballots.json"])
        for kind, one in ((k, one) for k in ACTS.values() for one in sorted({*wanted[k], *read[k]})):
            need(read[kind].get(one) == wanted[kind].get(one), f"{reading}, {kind} on {one}", "miscounted")
        need(files[reading] == canonical(wanted), reading, "wrongly written")
        yield "ballots: as many as pseudonyms in the chain, statement by statement; their sums are the tally"
        reading = "manifest.sig"
        need(signed(keys[-1], files["manifest.json"], files[reading]), "manifest.json", "wrongly signed")
        for reading, digest in json.loads(files["manifest.json"]).items():
            need(digest == sha256(files[reading]), reading, "altered since it was signed")
        yield f"files: {len(FILES)}, as they were signed"
    except (*UNREADABLE, *DAMAGED) as error:
        raise WrongError(f"{reading}: it cannot be read ({error!r:.80})") from None
    for one in entries if receipt else ():
        code = "".join(CROCKFORD[int(one["hash"][:10], 16) >> shift & 31] for shift in range(35, -1, -5))
        if str(receipt).upper().replace("-", "").endswith((one["hash"].upper(), code)):
            yield f"receipt {receipt}: entry {one['seq']}, {one['type']}, {one['at']}, {one['hash']}"
            break
    else:
        need(not receipt, f"receipt {receipt}", "no entry of this archive gives it")


def main() -> None:
    """Check the archive named on the command line; say what holds, or the first thing that does not."""
    asked = argparse.ArgumentParser()
    for name in ("archive", "--key", "--receipt"):
        asked.add_argument(name)
    try:
        for line in steps(**vars(asked.parse_args())):
            print("holds:", line)
    except WrongError as error:
        sys.exit(f"WRONG: {error}")
    print("Everything holds.", *(__doc__ or "").split("\n")[5:], sep="\n")


if __name__ == "__main__":
    main()
