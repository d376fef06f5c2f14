"""The commands `participate backup`, `restore`, `doctor`, `keys` and `retention`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Flask

from participate.config import Settings
from participate.db import db, writing
from participate.journal.keys import create
from participate.operations import doctor as examining
from participate.operations import restoring, saving
from participate.operations import retention as clocks
from participate.operations.doctor import Health
from participate.rules.retention import RULES, Rule


@dataclass(frozen=True)
class Making:
    """How a command gets at its settings and its application: the command line knows, this room does not."""

    settings: Callable[[], Settings]
    app: Callable[[Settings], Flask]


FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--keep", type=click.IntRange(min=1), help="Remove all but this many of the newest backups in DIR."
)
@click.option("--keys", "keys_folder", type=FOLDER, help="Save the keys too, in this other folder.")
@click.pass_obj
def backup(making: Making, folder: Path, keep: int | None, keys_folder: Path | None) -> None:
    """Save the database, with its uploads, in a new file in DIR, while people go on writing."""
    settings = making.settings()
    with making.app(settings).app_context():
        try:
            made = saving.backup(settings, folder, keep=keep)
            keys_made = saving.backup_keys(settings, keys_folder, folder) if keys_folder else None
        except (saving.NoBackupError, OSError) as error:
            raise click.ClickException(f"no backup was made: {error}") from None
    click.echo(f"{made} ({made.stat().st_size >> 10} KB)")
    if keys_made:
        click.echo(f"{keys_made} holds the keys: bring it to another place than the backups")


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", "replacing", is_flag=True, help="Put a full database aside and take its place.")
@click.option(
    "--checkpoint", "notes", type=FILE, multiple=True, help="A published checkpoint to reach at least."
)
@click.pass_obj
def restore(making: Making, file: Path, replacing: bool, notes: tuple[Path, ...]) -> None:
    """Put the backup FILE in place of the database, once it is checked and brought to head."""
    try:
        done = restoring.restore(
            making.settings(),
            file,
            making.app,
            replacing=replacing,
            notes=[note.read_text(encoding="utf-8") for note in notes],
        )
    except restoring.NotRestoredError as error:
        raise click.ClickException(f"nothing was restored: {error}") from None
    click.echo(
        f"Restored what was saved at {done.manifest.made_at}: {len(done.facts.chains)} chains hold, "
        f"at head ({done.facts.migration}). Everybody signs in again."
    )
    if done.kept:
        click.echo(f"What was there before is kept as {done.kept}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_obj
def doctor(making: Making, as_json: bool) -> None:
    """Look whether this installation is fit to serve; exit 1 when something is wrong."""
    found = examining.examine(making.settings, making.app)
    if as_json:
        click.echo(json.dumps([one.row() for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(one.line())
    if any(one.health is Health.BAD for one in found):
        raise SystemExit(1)


@click.group()
def keys() -> None:
    """Make the keys of an installation, list and replace them."""


@keys.command("create")
@click.pass_obj
def create_keys(making: Making) -> None:
    """Make the master and the signing key; what is there already stays."""
    folder = making.settings().instance / "keys"
    made = create(folder)
    click.echo(f"{folder}: {', '.join(made) if made else 'both keys are there already'}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would end, and change nothing.")
@click.pass_obj
def retention(making: Making, dry_run: bool) -> None:
    """End what is kept no longer; the worker does it once an hour by itself."""
    with making.app(making.settings()).app_context(), writing():
        done = clocks.sweep()
        if not dry_run:
            db.session.commit()
    for kept, count in done.items():
        rule = RULES[kept]
        click.echo(f"{count:>6}  {kept.value:<16}{rule.then} {_time_of(rule)} after {rule.since}")
    if dry_run:
        click.echo("Nothing was changed.")


def _time_of(rule: Rule) -> str:
    if rule.months:
        return f"{rule.months} months"
    hours = round(rule.more.total_seconds() / 3600)
    return f"{hours} hours" if hours <= 48 else f"{hours // 24} days"


standing = (backup, restore, doctor, keys, retention)
"""Commands that make their application themselves: it may be what is wrong."""
