"""The commands `participate journal …`."""

from __future__ import annotations

import click

from participate.journal import queries


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
