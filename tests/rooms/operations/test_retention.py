"""What is kept no longer ends on its day, on both engines; what still counts stays."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from participate.contributions.models import Contribution, Idea
from participate.council.models import CouncilSession, Deliberation, Sitting
from participate.db import add, clock, db, new_id, writing
from participate.files import actions as files
from participate.files.models import StoredFile
from participate.files.queries import attachment
from participate.journal import actions as record
from participate.journal import queries as journal
from participate.journal.models import JournalDetail, JournalEntry
from participate.moderation.models import Appeal, ModerationDecision
from participate.operations import jobs, retention
from participate.operations.cli import Making
from participate.operations.cli import retention as command
from participate.people.models import BrowserSession, Draft, FormReply, SignInCode
from participate.plans.models import ActionPlan
from participate.post.models import Mail
from participate.rules.lifecycle import Stage
from participate.rules.moderation import Decision
from participate.rules.outcomes import PublishState
from participate.rules.policy import Actor
from participate.rules.retention import Kept
from tests import makers
from tests.conftest import both_engines
from tests.rooms.contributions.makers import an_idea
from tests.rooms.positions.makers import take

pytestmark = both_engines
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DAY = timedelta(days=1)


def swept() -> dict[Kept, int]:
    with writing():
        done = retention.sweep()
        db.session.commit()
    return {kept: count for kept, count in done.items() if count}


def test_codes_sessions_drafts_and_replies_end_in_their_time(app):
    now = datetime.now(UTC)
    with writing():
        for days in (13, 15):
            db.session.add(Draft(session_hash="b", form_key=f"/{days}", fields={}, at=now - days * DAY))
        for days in (29, 31):
            seen = now - days * DAY
            db.session.add(BrowserSession(id_hash=str(days), body={}, created_at=seen, last_seen=seen))
        for hours in (47, 49):
            at = now - timedelta(hours=hours)
            db.session.add(
                FormReply(session_hash="b", key=str(hours), payload_hash="h", location="/x", at=at)
            )
        for hours in (23, 25):
            at = clock() - timedelta(hours=hours)
            code = SignInCode(email="a@b.ma", browser_hash="b", code_hash="c", link_hash=str(hours))
            code.created_at = code.expires_at = at
            db.session.add(code)
        db.session.commit()
    assert swept() == {Kept.CODES: 1, Kept.SESSIONS: 1, Kept.DRAFTS: 1, Kept.REPLIES: 1}
    assert db.session.scalars(sa.select(Draft.form_key)).all() == ["/13"]
    assert db.session.scalars(sa.select(BrowserSession.id_hash)).all() == ["29"]
    assert db.session.scalars(sa.select(FormReply.key)).all() == ["47"]
    assert db.session.scalars(sa.select(SignInCode.link_hash)).all() == ["23"]
    assert swept() == {}


def test_a_letter_is_emptied_half_a_year_after_it_was_sent_or_given_up(app):
    now = clock()
    with writing():
        for subject, days, sent, tries in (
            ("old", 190, True, 1), ("new", 170, True, 1), ("waiting", 190, False, 2), ("given up", 190, False, 8),
        ):  # fmt: skip
            row = Mail(
                address="a@b.ma", lang="ar", kind="decision", subject=subject, body="words", tries=tries
            )
            row.created_at = row.not_before = now - days * DAY
            row.sent_at = row.created_at if sent else None
            db.session.add(row)
        db.session.commit()
    assert swept() == {Kept.LETTERS: 2}
    left = db.session.execute(sa.select(Mail.subject, Mail.body, Mail.address).where(Mail.body != "")).all()
    assert sorted(row.subject for row in left) == ["new", "waiting"]
    assert db.session.scalar(sa.select(sa.func.count()).where(Mail.address == "")) == 2


def adopted(plan, days: int) -> None:
    """The council adopted the plan so many days ago."""
    then = clock() - days * DAY
    where = {"collectivity_id": plan.collectivity.id}
    by = makers.a_person().id
    session = add(
        CouncilSession(
            **where,
            id=new_id(),
            plan_id=plan.plan.id,
            kind="ordinary",
            opens_on=then.date(),
            announced_at=then,
        )
    )
    sitting = add(
        Sitting(
            **where, id=new_id(), session_id=session.id, call=1, held_at=then, in_office=3, present=3,
            excused=0, absent=0, quorum=True, recorded_by=by, recorded_at=then,
        )
    )  # fmt: skip
    add(
        Deliberation(
            **where, id=new_id(), sitting_id=sitting.id, plan_id=plan.plan.id, reference="1", decided_on=then.date(),
            outcome="adopted", performed_at=then, recorded_by=by, recorded_at=then,
        )
    )  # fmt: skip


@pytest.mark.parametrize("how", ["adopted", "withdrawn"])
def test_the_voters_key_and_names_go_half_a_year_after_the_plan_and_the_chain_still_holds(app, how):
    with writing():
        plans = [makers.a_plan(), makers.a_plan()]
        amal = makers.a_person()
        db.session.commit()
    for plan in plans:
        take(amal, plan.review, plan.statements[0], 1)
    with writing():
        for plan, days in zip(plans, (190, 170), strict=True):
            if how == "adopted":
                adopted(plan, days)
            else:
                row = db.session.get_one(ActionPlan, (plan.collectivity.id, plan.plan.id))
                row.stage, row.stage_since = Stage.WITHDRAWN, clock() - days * DAY
        db.session.commit()
    assert swept() == {Kept.VOTER_KEYS: 1}
    db.session.expire_all()
    assert [plan.review.key_wrapped == "" for plan in plans] == [True, False]
    named = db.session.scalars(
        sa.select(JournalDetail.collectivity_id)
        .join(
            JournalEntry,
            sa.and_(JournalEntry.chain_id == JournalDetail.chain_id, JournalEntry.seq == JournalDetail.seq),
        )
        .where(JournalEntry.type == "position:taken")
    ).all()
    assert named == [plans[1].collectivity.id]
    assert [fault for fault in journal.verify() if fault] == []
    assert swept() == {}


def with_file(plan, days: int, *, removed: bool, appealed: bool = False, undone: bool = False) -> int:
    """An idea with a file, perhaps removed so many days ago; returns the file's key."""
    then = clock() - days * DAY
    author, other = makers.a_person(), makers.a_person()
    where = plan.collectivity.id
    file = files.keep(Actor(person_id=author.id), where, "notes.pdf", PDF)
    file.uploaded_at = then
    made = an_idea(plan, author).id
    db.session.get_one(Idea, (where, made)).file_id = file.id
    row = db.session.get_one(Contribution, (where, made))
    files.attached(
        Actor(person_id=author.id), record.of_consultation(where, row.consultation_id), where, file.id
    )
    if not removed:
        return file.id
    row.state = PublishState.REMOVED
    decision = add(
        ModerationDecision(
            collectivity_id=where, id=new_id(), ref=f"D{made}"[:24], contribution_id=made,
            consultation_id=row.consultation_id, decision=Decision.REMOVE, reason="illegal_other", article="1",
            received_at=then, in_time=True, state_before=PublishState.PUBLISHED, decided_by=author.id,
            second_by=other.id, decided_at=then, undone_at=then if undone else None,
        )
    )  # fmt: skip
    if appealed:
        add(
            Appeal(
                collectivity_id=where, id=new_id(), decision_id=decision.id, contribution_id=made, lang="fr",
                text="no", filed_at=then, due_at=then,
            )
        )  # fmt: skip
    return file.id


def test_the_file_of_a_removed_idea_is_emptied_when_nobody_can_bring_it_back(app):
    with writing():
        plan = makers.a_plan()
        gone = with_file(plan, 31, removed=True)
        kept = [
            with_file(plan, 29, removed=True),
            with_file(plan, 31, removed=True, appealed=True),
            with_file(plan, 31, removed=True, undone=True),
            with_file(plan, 31, removed=False),
        ]
        db.session.commit()
    assert swept() == {Kept.REMOVED_UPLOADS: 1}
    db.session.expire_all()
    assert attachment(plan.collectivity.id, gone) is None
    assert all(attachment(plan.collectivity.id, one) is not None for one in kept)
    assert swept() == {}


def test_a_file_whose_form_was_never_sent_is_deleted_after_two_days(app):
    with writing():
        plan = makers.a_plan()
        here = Actor(person_id=makers.a_person().id)
        rows = [files.keep(here, plan.collectivity.id, f"{days}.pdf", PDF) for days in (1, 3)]
        for row, days in zip(rows, (1, 3), strict=True):
            row.uploaded_at = clock() - days * DAY
        held = with_file(plan, 9, removed=False)
        db.session.commit()
    assert swept() == {Kept.UNUSED_UPLOADS: 1}
    assert set(db.session.scalars(sa.select(StoredFile.id))) == {rows[0].id, held}


def test_a_dry_run_says_what_would_end_and_changes_nothing(app):
    with writing():
        db.session.add(Draft(session_hash="b", form_key="/x", fields={}, at=datetime.now(UTC) - 15 * DAY))
        db.session.commit()
    making = Making(lambda: app.config["SETTINGS"], lambda _settings: app)
    said = CliRunner().invoke(command, ["--dry-run"], obj=making)
    assert said.exit_code == 0, said.output
    assert "1  drafts" in said.output
    assert "Nothing was changed." in said.output
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 1
    said = CliRunner().invoke(command, [], obj=making)
    assert said.exit_code == 0, said.output
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_the_worker_sweeps_once_an_hour(app, monkeypatch):
    monkeypatch.setattr(jobs, "_last", -jobs.PAUSE_SECONDS)
    with writing():
        db.session.add(Draft(session_hash="b", form_key="/x", fields={}, at=datetime.now(UTC) - 15 * DAY))
        db.session.commit()
    assert jobs.sweep_due() == 1
    with writing():
        db.session.add(Draft(session_hash="b", form_key="/y", fields={}, at=datetime.now(UTC) - 15 * DAY))
        db.session.commit()
    assert jobs.sweep_due() == 0


def test_no_table_keeps_a_network_address(app):
    columns = {column.name for table in db.metadata.tables.values() for column in table.columns}
    assert {"ip", "ip_address", "remote_addr", "client_ip", "user_agent"} & columns == set()
