"""The commands `participate journal …` and `participate keys …`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from participate.config import Settings
from participate.db import db, writing
from participate.journal import actions, queries
from participate.journal import keys as rings


@click.group()
def journal() -> None:
    """Check the public record."""


@journal.command()
def verify() -> None:
    """Check every chain of the live database; exit 1 and name the first bad entry of each broken one."""
    chains = 0
    faults = []
    for fault in queries.verify():
        chains += 1
        if fault:
            faults.append(fault)
            click.echo(f"chain {fault.chain_id}: entry {fault.seq}: {fault.what}", err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"{chains} chains hold.")


@click.group()
def keys() -> None:
    """List and replace the keys that sign checkpoints, seals and archives."""


@keys.command(name="list")
def list_() -> None:
    """Print the public half of every signing key, oldest first; the last one signs today."""
    for public in queries.signing_keys():
        click.echo(f"{rings.fingerprint(public)}  {public}")


@keys.command()
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Where to write the new key (base64) when the present one comes from the environment.",
)
def rotate(to: Path | None) -> None:
    """Replace the signing key: the old one signs the new one, and the record says so.

    What the old key signed still verifies. No file is overwritten: the old key is put aside as
    retired-XXXXXXXX.key.
    """
    settings: Settings = current_app.config["SETTINGS"]
    from_environment = bool(settings.master_key and settings.signing_key)
    if from_environment and to is None:
        raise click.UsageError("the key comes from the environment: say with --to where to write the new one")
    if not from_environment and to is not None:
        raise click.UsageError("the key comes from a file of the instance, which is replaced: leave --to out")
    folder = settings.instance / "keys"
    path = to or folder / "signing.next"
    old = rings.ring().public
    try:
        new = _handed_on(path, folder, old, as_text=from_environment)
        if not from_environment:
            rings.put_in_place(folder, path, old)
    except rings.InTheWayError as error:
        raise click.ClickException(f"{error.args[0]} is in the way: nothing was replaced") from None
    except rings.ReplacedKeyError as error:
        raise click.ClickException(
            f"this key was replaced already; the record expects {error.args[0]}"
        ) from None
    click.echo(f"Old key  {rings.fingerprint(old)}  {old}")
    click.echo(f"New key  {rings.fingerprint(new)}  {new}")
    if from_environment:
        click.echo(f"Put the text of {path} into PARTICIPATE_SIGNING_KEY now, and start the platform again.")
    else:
        click.echo(f"The old one is {rings.retired(folder, old)}: take it off this machine.")


def _handed_on(path: Path, folder: Path, old: str, *, as_text: bool) -> str:
    """Record the turn to the key in `path` and return its public half.

    A run that stopped between the record and the files is finished: its key is in `path`.
    """
    if not as_text and path.exists():
        half_way = rings.read_ring(path).public
        if half_way == queries.signing_key():
            return half_way
    if not as_text and rings.retired(folder, old).exists():
        raise rings.InTheWayError(rings.retired(folder, old))
    with writing():
        actions.signing()
        new = rings.next_ring(path, as_text=as_text)
        try:
            actions.rotate(new)
        except Exception:
            path.unlink()  # ours, made just now, and nothing was recorded
            raise
        db.session.commit()  # if this fails the file stays: the record may have it
    return new.public
