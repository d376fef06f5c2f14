"""The commands `participate synthesis ID --json`, `participate import polis` and `participate verify FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from participate.db import db, writing
from participate.journal import verifier
from participate.network import queries as network
from participate.rules.text import TooLong, clean_line
from participate.synthesis import bundle, child, document, queries
from participate.synthesis.polis import bringing, files
from participate.synthesis.polis.conversation import BrokenExportError

MAX_TITLE = 200


@click.group(invoke_without_command=True, context_settings={"allow_interspersed_args": True})
@click.argument("consultation_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print the whole synthesis as canonical JSON.")
@click.option(
    "--compat", is_flag=True, help="With --json: Polis's own figures too, and who is in which group."
)
@click.option("--members", is_flag=True, help="With --json: who is in which group, by external id.")
@click.option("--k", type=click.IntRange(2, 20), default=None, help="With --compat: how many groups to seek.")
def synthesis(consultation_id: int, *, as_json: bool, compat: bool, members: bool, k: int | None) -> None:
    """Print the figures of a closed consultation."""
    found = queries.sealed(consultation_id)
    if as_json and found and not compat and not members:
        click.echo(found.snapshot)
        return
    reading = found.reading if found else queries.reading(consultation_id)
    if reading is None:
        raise click.ClickException("no closed consultation has this key")
    if as_json:
        try:
            click.echo(document.text(consultation_id, reading, compat=compat, members=members, k=k))
        except child.NotComputedError as error:
            raise click.ClickException(f"the engine gave no answer: {error}") from None
        return
    click.echo(f"{reading.participants} voices, {reading.contributions.received} contributions")
    for project in reading.projects:
        tally = project.tally
        click.echo(
            f"{project.number:>3}  agree {tally.agree}  disagree {tally.disagree}  pass {tally.pass_}"
            f"  n {tally.n}  {project.label}"
        )


@click.group(name="import")
def bring_in() -> None:
    """Bring in what people said elsewhere."""


@bring_in.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--collectivity", "slug", required=True, help="Address of the collectivity, e.g. beni-mellal.")
@click.option("--title", required=True, help="What the conversation is called.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "json"]),
    default=None,
    help="CSV export or JSON of the API; found out from the files.",
)
def polis(folder: Path, slug: str, title: str, kind: str | None) -> None:
    """Bring in a Polis export: comments.csv, votes.csv, participants-votes.csv.

    The last line printed is the id of the new consultation.
    """
    try:
        name = clean_line(title, MAX_TITLE)
    except TooLong:
        raise click.ClickException(f"a title has at most {MAX_TITLE} characters") from None
    if not name:
        raise click.ClickException("the title is empty")
    try:
        conversation = files.read(folder, kind)
    except BrokenExportError as error:
        raise click.ClickException(f"nothing was brought in: {error}") from None
    with writing():
        where = network.collectivity_by_slug(slug)
        if where is None or not where.hosted:
            raise click.ClickException(f"no collectivity has its space at {slug}")
        made = bringing.bring(None, where.id, name, conversation)
        db.session.commit()
    click.echo(
        f"{len(conversation.comments)} statements, {len({vote[0] for vote in conversation.votes})} participants"
        f" and {len(conversation.votes)} positions were brought into {slug}. The new consultation:"
    )
    click.echo(made.id)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default=None, help="The public key printed on the dossier, base64.")
@click.option("--receipt", default=None, help="A receipt, or the hash of its entry, to find in an archive.")
def verify(file: Path, key: str | None, receipt: str | None) -> None:
    """Check a downloaded dossier or archive of a consultation, without a network or a database.

    Says what holds; exit 1 names the first entry or file that does not.
    """
    with file.open("rb") as start:
        zipped = start.read(2) == b"PK" or file.suffix == ".zip"
    if zipped:
        _archive(file, key, receipt)
    elif receipt:
        raise click.UsageError("receipts are looked for in the archive of a consultation, not in a dossier")
    else:
        _dossier(file, key)


def _archive(file: Path, key: str | None, receipt: str | None) -> None:
    try:
        for line in verifier.steps(str(file), key, receipt):
            click.echo(f"holds: {line}")
    except verifier.WrongError as error:
        click.echo(f"wrong: {error}", err=True)
        raise SystemExit(1) from None
    click.echo("\n".join((verifier.__doc__ or "").split("\n")[5:]))
    if key is None:
        click.echo("Compare the last key above with the one you know, or give it with --key.")


def _dossier(file: Path, key: str | None) -> None:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException("the file is not UTF-8 text") from None
    verdict = bundle.verify(text, key)
    for line in verdict.held:
        click.echo(f"holds: {line}")
    if verdict.wrong:
        click.echo(f"wrong: {verdict.wrong}", err=True)
        raise SystemExit(1)
    if key is None:
        click.echo("Compare the key above with the one printed on the dossier, or give it with --key.")


offline = (verify,)
"""Commands that need neither settings nor a database."""
