"""The commands `participate synthesis ID --json` and `participate verify FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from participate.journal import verifier
from participate.synthesis import bundle, queries


@click.group(invoke_without_command=True, context_settings={"allow_interspersed_args": True})
@click.argument("consultation_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print the whole synthesis as canonical JSON.")
def synthesis(consultation_id: int, as_json: bool) -> None:
    """Print the figures of a closed consultation."""
    found = queries.sealed(consultation_id)
    reading = found.reading if found else queries.reading(consultation_id)
    if reading is None:
        raise click.ClickException("no closed consultation has this key")
    if as_json:
        click.echo(found.snapshot if found else queries.snapshot(reading))
        return
    click.echo(f"{reading.participants} voices, {reading.contributions.received} contributions")
    for project in reading.projects:
        tally = project.tally
        click.echo(
            f"{project.number:>3}  agree {tally.agree}  disagree {tally.disagree}  pass {tally.pass_}"
            f"  n {tally.n}  {project.label}"
        )


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
