"""The file of the dossier proves itself, and names the first thing that is wrong."""

import base64
import json

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from participate.journal.encoding import canonical, sha256
from participate.journal.keys import Keyring
from participate.synthesis import bundle, figures, shapes
from participate.synthesis.cli import verify
from tests.rooms.synthesis.test_figures import a_text, inputs, position, voice

RING = Keyring(b"0" * 32, Ed25519PrivateKey.from_private_bytes(b"1" * 32))
OTHER = Keyring(b"0" * 32, Ed25519PrivateKey.from_private_bytes(b"2" * 32))


def sealed(document: dict | None = None, ring: Keyring = RING) -> str:
    document = document or shapes.plain(
        figures.compute(inputs(voices=(voice(30),), positions=(position(1, 1, 30),), texts=(a_text("R"),)))
    )
    text = canonical(document)
    digest = sha256(text)
    return bundle.bundle(text, digest, ring.sign(bundle.message(digest)), ring.public, "2023-09-11", "e" * 64)


def test_an_honest_file_holds() -> None:
    verdict = bundle.verify(sealed(), RING.public)
    assert verdict.ok, verdict.wrong
    assert len(verdict.held) == 5


def changed(**changes: str) -> str:
    return json.dumps({**json.loads(sealed()), **changes})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("not json", "not JSON"),
        ("[]", "not a participate-seal/1"),
        (json.dumps({"schema": "participate-seal/1"}), "has no snapshot"),
        (
            changed(snapshot=json.loads(sealed())["snapshot"].replace('"agree":30', '"agree":31')),
            "was altered",
        ),
        (changed(sha256="0" * 64), "was altered"),
        (changed(signature=base64.b64encode(b"x" * 64).decode()), "signature was not made"),
        (changed(signature="é"), "signature was not made"),
        (changed(public_key=OTHER.public), "signature was not made"),
        (changed(public_key="!"), "signature was not made"),
    ],
)
def test_a_tampered_file_names_the_first_wrong_thing(text: str, sentence: str) -> None:
    verdict = bundle.verify(text)
    assert verdict.wrong is not None
    assert sentence in verdict.wrong


def test_a_file_signed_by_somebody_else_is_told_from_ours_by_the_printed_key() -> None:
    assert "another key" in (bundle.verify(sealed(ring=OTHER), RING.public).wrong or "")


def test_signed_figures_that_do_not_sum_are_found() -> None:
    document = json.loads(json.loads(sealed())["snapshot"])
    document["contributions"]["received"] += 1
    assert "do not sum" in (bundle.verify(sealed(document)).wrong or "")
    document = json.loads(json.loads(sealed())["snapshot"])
    document["projects"][0]["tally"]["agree"] += 1
    assert "project 1 do not sum" in (bundle.verify(sealed(document)).wrong or "")


def test_a_signed_document_of_another_shape_is_refused() -> None:
    assert "not a participate-synthesis/1" in (bundle.verify(sealed({"schema": "x"})).wrong or "")


def test_the_command_says_what_holds_and_fails_on_the_first_wrong_thing(tmp_path) -> None:
    good, bad, binary = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "x"
    good.write_text(sealed(), encoding="utf-8")
    bad.write_text(changed(sha256="0" * 64), encoding="utf-8")
    binary.write_bytes(b"\xff\xfe")
    run = CliRunner()
    held = run.invoke(verify, [str(good), "--key", RING.public])
    assert held.exit_code == 0
    assert "signed (Ed25519)" in held.output
    wrong = run.invoke(verify, [str(bad)])
    assert wrong.exit_code == 1
    assert "was altered" in wrong.output
    assert run.invoke(verify, [str(binary)]).exit_code == 1
