"""Who may come to which page and send which form, when: written down here, read from nowhere else.

`design/4-trust.md` and `8-settled.md` in one table. The guards read `rules/policy.py`; this table is the second
hand that `test_rights` compares them with, so a mistake has to be made twice. A page that is not declared fails.

A line is: who | when | the endpoints; an endpoint that opens to others later stands in several. A method stands
after the name of an endpoint that takes several.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = (
    "moderator", "officer", "committee_member", "advisory_member", "councillor", "president", "secretary",
    "desk_agent", "auditor", "administrator",
)  # fmt: skip
STEPS = ("call", "review", "synthesis", "council", "implementation", "evaluation")
"""call: ideas are collected while the plan is in preparation; review: the draft is under consultation."""

ACCOUNTS = {"citizen", "delegate", "suspended", "network", "suspended_staff", "unproved", "elsewhere", *ROLES}
VIEWERS = ("anonymous", *sorted(ACCOUNTS))
"""`suspended_staff`, `unproved` and `elsewhere` hold nearly every role: suspended, not proved, in another commune."""
STANDING = ACCOUNTS - {"suspended", "suspended_staff"}
BARRED = {"officer", "moderator", "desk_agent", "secretary", "administrator", "unproved"}
"""Staff take no position where they work, whether or not this browser has proved what they are."""

GROUPS: dict[str, set[str]] = {
    "everybody": set(VIEWERS),
    "account": ACCOUNTS,
    "standing": STANDING,
    "voice": STANDING - BARRED,
    "works": ACCOUNTS - {"citizen", "delegate", "suspended"},
    "staff": set(ROLES),
    "readers": {"officer", "committee_member", "president"},
    "author": {"author"},
    "citizen": {"citizen"},
    **{one: {one} for one in (*ROLES, "network")},
}

TABLE = """
everybody | always | static healthz root
    portal.home portal.collectivity portal.plan portal.project portal.plan_card portal.project_card
    portal.association portal.transparency portal.accessibility portal.help_page portal.privacy portal.left
    network.charter network.members network.news network.news_list
    people.associations people.new_association people.association_sent people.signed_out
    people.ask_code people.enter_code people.follow_link people.leave people.provider people.provider_back
    people.sign_in people.sign_out people.staff_sign_in people.use_code people.use_link people.use_password
    plans.causes plans.changes plans.history plans.version lifecycle.timeline
    consultations.participate positions.project_position positions.project_priority positions.text_position
    positions.check positions.receipt record.how_to_check record.archive record.entries record.feed record.index
    contributions.comment_form contributions.cosign_form contributions.idea contributions.idea_file
    contributions.idea_form contributions.ideas contributions.one contributions.plan_comment_form
    contributions.plan_comments contributions.reply_form contributions.similar
    moderation.charter moderation.log moderation.report
    meetings.index meetings.one meetings.event
    responses.answers synthesis.download synthesis.project synthesis.proof synthesis.results synthesis.table
    synthesis.tendencies letters_outside.receipts_form letters_outside.receipts_choice council.show council.document council.document_file council.session_ics
    monitoring.follow_up monitoring.new_observation evaluation.show
    opendata.index api.contributions_csv api.contributions_json api.journal api.projects api.results
    demo.index demo.mail demo.parts demo.clock_page demo.move demo.sign_in

everybody | council implementation evaluation | synthesis.papers synthesis.paper
readers secretary councillor | synthesis | synthesis.papers synthesis.paper
officer secretary | synthesis council implementation evaluation | synthesis.prepare_papers

citizen | always | consultations.keep_facts
account | always | consultations.about_me letters.mine people.account people.ask_proof
    people.end_sessions people.give_proof people.link_provider people.name_form people.prove people.save_name
    people.save_settings people.sessions portal.leave portal.leave_form portal.me portal.my_data

works | always | people.app_form people.ask_recovery people.give_second people.lost people.make_codes
    people.own_factors people.password_form people.recovery_codes people.save_app people.save_password people.second

standing | always | people.ask_association moderation.report_post
standing | call review | contributions.plan_comment contributions.reply
standing | review | contributions.comment
standing | call review | contributions.submit_idea
voice | call review | contributions.cosign positions.take_text_position
voice | review | positions.take_project_position positions.set_project_priority
standing | implementation evaluation | monitoring.submit_observation
author | always | contributions.edit contributions.edit_form contributions.withdraw contributions.withdraw_form
    moderation.appeal:GET moderation.appeal:POST positions.mail_receipt moderation.undo

author | council | responses.judge responses.judge_form

staff network | always | portal.desk plans_desk.plans contributions.opinion_form
advisory_member | review synthesis | contributions.opinion

administrator network | always | people.recoveries people.roles people.grant_role people.revoke_role
administrator | always | people.approve_recovery people.refuse_recovery people.associations_desk people.desk_new_association people.desk_register
    people.verify_association people.grant_mandate people.end_mandate
administrator officer | always | network.publish_news network.write_news people.advisory_bodies people.found_body
    plans_desk.create_plan plans_desk.new_plan
secretary administrator | always | council_desk.set_rules council_desk.settings_page
desk_agent | always | people.verify people.see_person

moderator | always | moderation.answer moderation.appeals moderation.case moderation.letter moderation.mine
    moderation.queue moderation.bulk moderation.decide moderation.removal moderation.answer_post
    moderation.suspend:GET moderation.suspend:POST monitoring_desk.decide monitoring_desk.waiting

readers | always | plans_desk.axes plans_desk.overview plans_desk.project plans_desk.publish plans_desk.settings
    lifecycle_desk.calendar council_desk.questions responses.answer_project responses.answer_text responses.assess
    responses.desk responses.ideas responses.projects responses.theme responses.themes responses.to_approve
officer | always | meetings.ask_remove meetings.create meetings.desk meetings.edit meetings.new meetings.remove
    meetings.save
officer | call review synthesis | plans_desk.ask_remove plans_desk.axis plans_desk.causes_form plans_desk.create_axis
    plans_desk.create_project plans_desk.new_axis plans_desk.new_project plans_desk.remove plans_desk.save_axis
    plans_desk.save_project plans_desk.save_settings plans_desk.state_causes
officer | call synthesis | plans_desk.publish_now
officer | call | lifecycle_desk.announce lifecycle_desk.announce_now lifecycle_desk.notice
    lifecycle_desk.override_notice lifecycle_desk.open_consultation lifecycle_desk.open_now lifecycle_desk.dates
    lifecycle_desk.new lifecycle_desk.plan_consultation lifecycle_desk.reschedule
officer | call review | lifecycle_desk.extend lifecycle_desk.extend_now lifecycle_desk.close_consultation
    lifecycle_desk.close_now
officer president | synthesis | lifecycle_desk.transmit lifecycle_desk.transmit_now
president | call review synthesis council | lifecycle_desk.withdraw lifecycle_desk.withdraw_now
officer | implementation | lifecycle_desk.evaluation lifecycle_desk.start_evaluation
officer | evaluation | lifecycle_desk.close_plan lifecycle_desk.close_plan_now
officer | implementation evaluation | monitoring_desk.publish_report monitoring_desk.report_form

officer committee_member | call review synthesis | responses.assess_post responses.ideas_bulk responses.create_theme
    responses.edit_theme responses.fill responses.move_members responses.new_theme responses.remove_theme
    responses.save_theme responses.reopen responses.write_project responses.write_text responses.write_theme
readers | call review synthesis | responses.approve

readers secretary councillor | always | council_desk.calendar_ics council_desk.desk responses.satisfaction
secretary | synthesis council | council_desk.agenda_form council_desk.amendment council_desk.announce
    council_desk.deliberation_form council_desk.record_deliberation council_desk.record_sitting
    council_desk.send_agenda council_desk.session_form council_desk.sitting_form council_desk.write_amendment
secretary | always | council_desk.control_form council_desk.record_control
secretary | council | lifecycle_desk.adopt lifecycle_desk.adopt_now lifecycle_desk.return_now
    lifecycle_desk.return_to_preparation
councillor | always | council_desk.keep_note council_desk.reading council_desk.reading_project
    council_desk.remove_note council_desk.restore_note
councillor | council | council_desk.ask council_desk.withdraw_question
officer president | council | council_desk.answer council_desk.answer_form
officer committee_member | evaluation | evaluation_desk.form evaluation_desk.record
"""


@dataclass(frozen=True)
class Right:
    """Who may come to one endpoint with one method, and when: one way, or several."""

    ways: tuple[tuple[frozenset[str], frozenset[str]], ...]

    @property
    def who(self) -> frozenset[str]:
        """Everybody who may come in at some step."""
        return frozenset().union(*(who for who, _when in self.ways))

    @property
    def when(self) -> frozenset[str]:
        """Every step at which somebody may come in."""
        return frozenset().union(*(when for _who, when in self.ways))

    def opens(self, viewer: str, step: str) -> bool:
        """Whether this person may come in at this step."""
        return any(viewer in who and step in when for who, when in self.ways)


def declared() -> dict[str, Right]:
    """Read the table: endpoint, or endpoint:METHOD, to its right."""
    found: dict[str, Right] = {}
    lines: list[str] = []
    for line in TABLE.strip().splitlines():
        if line.startswith(" "):
            lines[-1] += line
        elif line:
            lines.append(line)
    for line in lines:
        who, when, endpoints = (part.split() for part in line.split("|"))
        steps = frozenset(STEPS if when == ["always"] else when)
        way = (frozenset().union(*(GROUPS[one] for one in who)), steps)
        for endpoint in endpoints:
            before = found[endpoint].ways if endpoint in found else ()
            assert not any(steps & earlier for _who, earlier in before), f"{endpoint} is declared twice"
            found[endpoint] = Right((*before, way))
    return found
