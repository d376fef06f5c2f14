"""The annex: how the figures were made, and how anybody checks them."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from flask_babel import gettext as _

from participate.rules.tallies import MIN_BASE, MIN_CELL
from participate.synthesis import shapes as s
from participate.synthesis import tendency_words, words
from participate.synthesis.papers import blocks, tables
from participate.synthesis.papers.blocks import Block, heading, table, text
from participate.web import i18n


def annex(source: Any) -> list[Block]:
    """Return method, tendencies, versions and proof."""
    reading: s.Reading = source.reading
    return [
        heading(_("Method")),
        blocks.listed(method()),
        heading(_("Tendencies in the positions")),
        *tendencies(source),
        heading(_("Proof")),
        *proof(source),
        heading(_("Where the rest is")),
        blocks.facts(
            [
                (_("The dossier as a page, with every file"), address(source.results_address)),
                (_("The archive of this consultation, to be checked by anybody"), address(source.record_address)),
                (_("What councillors asked since the seal"), _("Addenda stand on the page of the dossier, dated and in order.")),
                (_("Schema of the figures"), ltr(reading.schema)),
            ]
        ),
    ]  # fmt: skip


def ltr(found: str) -> dict[str, str]:
    """Return a code or an address: left to right, never reordered."""
    return {"text": found, "lang": "en", "dir": "ltr", "code": "yes"}


def address(found: str) -> dict[str, str]:
    """Return the address of a page, which a reader can follow."""
    return {**ltr(found), "url": found}


def method() -> list[str]:
    """Return the rules of the figures as sentences, with their numbers."""
    return [
        _("Each person and each association counts once, however often they spoke."),
        _(
            "A percentage is given from %(num)s people on; support is those who support among those who support or oppose.",
            num=i18n.number(MIN_BASE),
        ),
        _(
            "“Stability of this figure” is Wilson’s interval of %(share)s among those who took part; it is no margin of error of a poll.",
            share=i18n.percent(0.95),
        ),
        _(
            "“Agreed upon”: in every audience that can be compared the lower end of that interval is above one half. “Disputed”: two audiences differ by more than chance, after correction for the number of comparisons (Benjamini–Hochberg). “Not settled”: the rest."
        ),
        _(
            "Groups of fewer than %(num)s people, groups of one mind, and enough of their neighbours are hidden, so that no hidden figure can be found by subtraction.",
            num=i18n.number(MIN_CELL),
        ),
        _(
            "Quotes: the most agreed text for each stance, then the most agreed of the others, up to four; one against whenever there is one. Associations are named, people are not."
        ),
        _("Near-identical texts are found by their letters, shown as one argument with the number of copies, and never removed."),
        _("A published idea or comment is answered when itself or its theme has an approved answer; a project’s general answer does not count."),
        _("No sentence is written by a machine that invents words: each is a fixed sentence filled with figures."),
    ]  # fmt: skip


def tendencies(source: Any) -> list[Block]:
    """Return whether opinions go together, or why nothing is shown."""
    found = source.tendencies
    if found is None:
        return [text(_("Tendencies had not been looked for when this paper was made."))]
    made: list[Block] = []
    if found.published:
        made.append(
            {
                "kind": "map",
                "circles": [
                    {"number": i18n.number(one.number), "x": one.x, "y": one.y, "r": one.r}
                    for one in found.tendencies
                ],
            }
        )
        for one in found.tendencies:
            size = tendency_words.size(one.size)
            title = _("Tendency %(number)s", number=i18n.number(one.number))
            rows = []
            for each in one.distinct:
                what = tendency_words.statement(each.ref, source.reading)
                name = i18n.plain(what["title"]) if what["title"] else what["ref"]
                mine = _("In this tendency: %(tally)s", tally=words.tally(each.mine))
                others = _("In the others: %(tally)s", tally=words.tally(each.others))
                rows.append(f"{name}. {mine}. {others}")
            made += [text(f"{title}: {size}"), blocks.listed(rows)]
    else:
        made.append(text(tendency_words.reason(found)))
    checks = tendency_words.checks(found)
    if checks:
        head = (_("What is asked"), _("Needed"), _("Found"))
        made.append(
            table(
                tables.Table(_("The four checks"), _("The four checks"), head, tuple(map(tuple, checks))),
                (6, 2, 2),
            )
        )
    made.append(
        text(
            _(
                "Chance is drawn with the fixed seed %(seed)s: the same positions give the same result.",
                seed=str(tendency_words.SEED),
            ),
            small=True,
        )
    )
    return made


def proof(source: Any) -> list[Block]:
    """Return what proves the figures, and with what they were set."""
    reading, seal = source.reading, source.proof
    rows: list[tuple[str, Any]] = [
        (_("Fingerprint of the figures (SHA-256)"), ltr(source.sha256)),
        (_("Fingerprint of what they were made from"), ltr(reading.input_sha256)),
    ]
    if seal:
        rows += [
            (_("Sealed on"), i18n.moment(seal.sealed_at)),
            (_("Signature"), ltr(seal.signature)),
            (_("Key"), ltr(seal.public_key)),
            (_("Journal entry"), ltr(seal.entry_hash)),
            (_("Checkpoint of the journal before the seal"), ltr(seal.checkpoint) if seal.checkpoint else ""),
        ]
    rows.append((_("Set with"), ltr(versions())))
    return [
        text(_("Anybody can check this without the site: the file of the dossier (JSON), the program “participate verify”, and the key below.")),
        blocks.facts(rows),
    ]  # fmt: skip


def versions() -> str:
    """Return the versions that made this paper."""
    return f"participate {metadata.version('participate')} · typst {metadata.version('typst')}"
