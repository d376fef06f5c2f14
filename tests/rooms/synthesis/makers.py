"""A closed review with voices, positions, texts, themes, answers: rows, not actions."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from participate.consultations.models import Consultation, Participant, Turnout
from participate.contributions.models import Comment, Contribution, Idea
from participate.db import add, clock, db, new_id
from participate.network.models import Neighbourhood
from participate.people.models import Person
from participate.positions.models import Position, Priority, Statement
from participate.responses.models import IdeaFate, Response, Theme, ThemeMember
from participate.rules.outcomes import (
    AgeBand,
    CommentKind,
    ContributionKind,
    Fate,
    Gender,
    Outcome,
    ParticipantKind,
    PublishState,
    ResponseState,
    Section,
    Stance,
    StatementKind,
)
from tests import makers


def a_neighbourhood(made: makers.APlan, slug: str, population: int | None = None) -> Neighbourhood:
    return add(
        Neighbourhood(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            slug=slug,
            name=makers.words(slug),
            population=population,
        )
    )


def voices(made: makers.APlan, number: int, **facts: Any) -> list[Participant]:
    """So many citizens, each a voice with these facts."""
    assert made.review is not None
    return [makers.a_participant(made.review, **facts) for _ in range(number)]


def take(made: makers.APlan, project: int, voices: list[Participant], value: int) -> None:
    """Let each of these voices take a position on the project with this place in the plan."""
    for voice in voices:
        db.session.add(
            Position(
                collectivity_id=made.collectivity.id,
                statement_id=made.statements[project],
                participant_id=voice.id,
                value=value,
                at=clock(),
            )
        )
    db.session.flush()


def prefer(made: makers.APlan, project: int, voices: list[Participant]) -> None:
    """Let each of these voices mark the project as a priority."""
    assert made.review is not None
    for voice in voices:
        db.session.add(
            Priority(
                collectivity_id=made.collectivity.id,
                consultation_id=made.review.id,
                participant_id=voice.id,
                slot=1,
                statement_id=made.statements[project],
                at=clock(),
            )
        )
    db.session.flush()


def a_text(
    made: makers.APlan,
    voice: Participant,
    body: str,
    *,
    project: int | None = 0,
    state: PublishState = PublishState.PUBLISHED,
    stance: Stance = Stance.NONE,
    lang: str = "fr",
    agree: int = 0,
    ref: str | None = None,
    kind: ContributionKind = ContributionKind.COMMENT,
    merged_into: int | None = None,
    parent: Contribution | None = None,
    days: int = 0,
) -> Contribution:
    """A comment on a project, or an idea."""
    assert made.review is not None
    scope = {"collectivity_id": made.collectivity.id}
    now = clock() - timedelta(days=10 - days)
    statement = add(
        Statement(
            **scope,
            id=new_id(),
            consultation_id=made.review.id,
            kind=StatementKind.COMMENT if kind is ContributionKind.COMMENT else StatementKind.IDEA,
            agree=agree,
            created_at=now,
        )
    )
    row = add(
        Contribution(
            **scope,
            id=new_id(),
            kind=kind,
            ref=ref or f"R{new_id()}",
            consultation_id=made.review.id,
            participant_id=voice.id,
            statement_id=statement.id,
            state=state,
            lang=lang,
            signals=[],
            submitted_at=now,
            due_at=now + timedelta(hours=48),
            published_at=now,
            withdrawn_at=now if state is PublishState.WITHDRAWN else None,
            merged_into=merged_into,
        )
    )
    if kind is ContributionKind.IDEA:
        add(
            Idea(
                **scope,
                id=row.id,
                title=f"title {body[:40]}",
                problem=body,
                proposal=body,
                axis_id=made.axes[0].id,
            )
        )
    else:
        add(
            Comment(
                **scope,
                id=row.id,
                project_id=made.projects[project].id if project is not None else None,
                parent_id=parent.id if parent else None,
                section=Section.WHOLE,
                kind=CommentKind.OPINION,
                stance=stance,
                body=body,
            )
        )
    return row


def an_answer(made: makers.APlan, outcome: Outcome = Outcome.ACCEPTED, **subject: Any) -> Response:
    """A published answer, written by one and approved by another."""
    assert made.review is not None
    now = clock()
    return add(
        Response(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            consultation_id=made.review.id,
            outcome=outcome,
            text=makers.words("answer"),
            reason=makers.words("because"),
            state=ResponseState.PUBLISHED,
            written_by=1,
            written_at=now,
            approved_by=2,
            approved_at=now,
            published_at=now,
            **subject,
        )
    )


def a_theme(
    made: makers.APlan, members: list[Contribution], *, project: int | None = 0, ref: str = "T1"
) -> Theme:
    assert made.review is not None
    theme = add(
        Theme(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            ref=ref,
            consultation_id=made.review.id,
            project_id=made.projects[project].id if project is not None else None,
            title=makers.words(f"theme {ref}"),
            created_by=1,
            created_at=clock(),
        )
    )
    for one in members:
        add(
            ThemeMember(
                collectivity_id=made.collectivity.id,
                theme_id=theme.id,
                contribution_id=one.id,
                main=True,
                by_person_id=1,
                at=clock(),
            )
        )
    return theme


def a_fate(made: makers.APlan, idea: Contribution, fate: Fate) -> IdeaFate:
    return add(
        IdeaFate(
            collectivity_id=made.collectivity.id,
            contribution_id=idea.id,
            fate=fate,
            reason=makers.words("fate reason"),
            decided_by=1,
            decided_at=clock(),
        )
    )


CAMPAIGN = (
    "Nous demandons que l'éclairage de la rue des oliviers soit réparé avant la rentrée scolaire de septembre"
)


def turnout(consultation: Consultation, people: int, associations: int = 0) -> None:
    """Say how many took part, as `consultations` counts them."""
    row = db.session.get(Turnout, (consultation.collectivity_id, consultation.id))
    if row is None:
        row = Turnout(collectivity_id=consultation.collectivity_id, consultation_id=consultation.id)
    row.people, row.associations = people, associations
    add(row)


def a_full_review(made: makers.APlan, *, seed: int = 1) -> dict[str, Any]:
    """Fill a closed review with everything a dossier shows; shuffled by `seed`, the same in the end."""
    assert made.review is not None
    shuffle = random.Random(seed)
    north, south = a_neighbourhood(made, "north", 9000), a_neighbourhood(made, "south", 4000)
    groups = [
        *[{"gender": Gender.WOMAN, "age_band": AgeBand.A25_34, "neighbourhood_id": north.id}] * 24,
        *[{"gender": Gender.MAN, "age_band": AgeBand.A35_49, "neighbourhood_id": south.id}] * 22,
        *[{}] * 14,
    ]
    people = [makers.a_participant(made.review, **facts) for facts in groups]
    delegate = makers.a_person()
    association = makers.an_association(made.collectivity, delegate)
    club = add(
        Participant(
            collectivity_id=made.collectivity.id,
            id=new_id(),
            consultation_id=made.review.id,
            kind=ParticipantKind.ASSOCIATION,
            association_id=association.id,
            created_at=clock(),
        )
    )
    turnout(made.review, len(people), 1)
    # Everybody is for the first; women and men differ on the second; few speak of the third.
    take(made, 0, people[:52], 1)
    take(made, 0, people[52:56], -1)
    take(made, 0, [*people[56:], club], 0)
    take(made, 1, people[:22], 1)
    take(made, 1, people[22:24], -1)
    take(made, 1, people[24:28], 1)
    take(made, 1, people[28:46], -1)
    take(made, 2, people[:7], 1)
    prefer(made, 0, people[:12])
    texts = {
        "for": a_text(
            made,
            people[0],
            "Le budget citoyen aide chacun à comprendre où va l'argent.",
            stance=Stance.FOR,
            agree=9,
            ref="REFFOR01",
        ),
        "against": a_text(
            made,
            people[1],
            "Je crains que ce budget ne soit qu'une brochure de plus.",
            stance=Stance.AGAINST,
            agree=4,
            ref="REFAGAI1",
        ),
        "undecided": a_text(
            made,
            people[2],
            "Qui va le lire ? Peut-être à la radio plutôt.",
            stance=Stance.UNDECIDED,
            agree=1,
            ref="REFUND01",
        ),
        "second": a_text(
            made,
            people[3],
            "Une version audio pour ceux qui ne lisent pas.",
            stance=Stance.FOR,
            agree=8,
            ref="REFFOR02",
        ),
        "arabic": a_text(
            made,
            people[4],
            "نريد ميزانية مكتوبة بكلام بسيط يفهمه الجميع.",
            stance=Stance.FOR,
            lang="ar",
            agree=2,
            ref="REFARA01",
        ),
        "waiting": a_text(made, people[5], "attend", state=PublishState.WAITING, ref="REFWAIT1"),
        "hidden": a_text(made, people[6], "CANARY hidden words", state=PublishState.HIDDEN, ref="REFHIDE1"),
        "removed": a_text(
            made, people[7], "CANARY removed words", state=PublishState.REMOVED, ref="REFREMO1"
        ),
        "withdrawn": a_text(
            made, people[8], "CANARY withdrawn words", state=PublishState.WITHDRAWN, ref="REFWITH1"
        ),
        "returned": a_text(
            made, people[9], "CANARY returned words", state=PublishState.RETURNED, ref="REFRETU1"
        ),
        "idea": a_text(
            made,
            club,
            "Un atelier de réparation de vélos au souk hebdomadaire",
            kind=ContributionKind.IDEA,
            ref="REFIDEA1",
        ),
    }
    texts["merged"] = a_text(
        made,
        people[10],
        "merged copy",
        state=PublishState.MERGED,
        merged_into=texts["for"].id,
        ref="REFMERG1",
    )
    texts["reply"] = a_text(made, people[11], "Bonne idée, merci.", parent=texts["for"], ref="REFREPL1")
    copies = [
        a_text(made, people[12 + i], CAMPAIGN + " !" * (i % 3), project=1, ref=f"REFCAMP{i}")
        for i in range(6)
    ]
    shuffle.shuffle(copies)
    theme = a_theme(made, [texts["for"], texts["second"], texts["against"]])
    an_answer(made, theme_id=theme.id)
    lights = a_theme(made, copies, project=1, ref="T2")
    an_answer(made, Outcome.DECLINED, theme_id=lights.id)
    an_answer(made, project_id=made.projects[0].id)
    an_answer(made, contribution_id=texts["idea"].id)
    a_fate(made, texts["idea"], Fate.DEFERRED)
    db.session.commit()
    return {"people": people, "club": club, "texts": texts, "copies": copies, "association": association}


def somebody(email: str = "canary@example.test", name: str = "Canary Name") -> Person:
    """A person whose address and name must never leave."""
    return makers.a_person(name, email=email)
