"""The commands `participate person …`: the operator's way to give the first roles."""

from __future__ import annotations

import click

from participate.db import db, writing
from participate.network import queries as network
from participate.people import actions, queries
from participate.people.addresses import BadAddressError, clean_email
from participate.rules.policy import Actor, Role

OPERATOR = Actor(network_administrator=True)
"""Whoever may type commands on the server stands above the network's administrators."""


@click.group()
def person() -> None:
    """Give people their first roles; later ones are given at the desk."""


@person.command()
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--collectivity", "slug", required=True, help="Address of the collectivity, e.g. beni-mellal.")
@click.option("--lang", default="ar", show_default=True, help="Language of letters for a new account.")
def grant(email: str, role: str, slug: str, lang: str) -> None:
    """Trust the person at EMAIL with ROLE in a collectivity."""
    with writing():
        where = network.collectivity_by_slug(slug)
        if where is None or not where.hosted:
            raise click.ClickException(f"no collectivity has its space at {slug}")
        try:
            found = actions.person_by_email(email, lang)
            actions.grant_role(OPERATOR, where.id, found.id, Role(role))
        except BadAddressError:
            raise click.ClickException(f"{email} is not an e-mail address") from None
        except actions.RoleHeldError:
            click.echo(f"{found.email} is {role} of {slug} already.")
            return
        except actions.ExclusiveRolesError as error:
            raise click.ClickException(
                f"{found.email} is {error.held} of {slug}: nobody may also be {error.wanted}"
            ) from None
        db.session.commit()
    click.echo(f"{found.email} is now {role} of {slug}.")


@person.command("administer-network")
@click.argument("email")
@click.option("--lang", default="ar", show_default=True, help="Language of letters for a new account.")
def administer_network(email: str, lang: str) -> None:
    """Trust the person at EMAIL with the network: members and first administrators, no content."""
    with writing():
        try:
            found = actions.person_by_email(email, lang)
        except BadAddressError:
            raise click.ClickException(f"{email} is not an e-mail address") from None
        actions.administer_network(found.id)
        db.session.commit()
    click.echo(f"{found.email} now administers the network.")


@person.command("reset-factors")
@click.argument("email")
def reset_factors(email: str) -> None:
    """Let the person at EMAIL set password and application anew, where no two administrators are left."""
    with writing():
        try:
            found = queries.person_id_of(clean_email(email))
        except BadAddressError:
            raise click.ClickException(f"{email} is not an e-mail address") from None
        if found is None:
            raise click.ClickException(f"nobody has an account at {email}")
        actions.recover_by_operator(found)
        db.session.commit()
    click.echo(f"{email} signs in by mail code and sets password and application anew. It is in the journal.")
