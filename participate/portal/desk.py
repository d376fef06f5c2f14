"""The desk's door: which places of work each role finds there, with what waits in each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from participate.moderation import queries as moderation
from participate.portal.queries import Frame
from participate.rules.policy import Act, Place, Role
from participate.web.access import actor, allowed


def act_of(endpoint: str) -> Act:
    """Return the act that a page's guard asks for."""
    found: Act = vars(current_app.view_functions[endpoint])["guard_act"]
    return found


def groups(around: Frame, now: datetime) -> list[dict[str, Any]]:
    """Return the places of work of the reader, by task; what the policy would refuse is left out."""
    held = actor().roles_in(around.id)
    counts = moderation.counts(around.id, now)
    slug = around.slug
    cycle = around.plan.cycle if around.plan else None
    here = Place(
        collectivity_id=around.id,
        plan_id=around.plan.id if around.plan else None,
        stage=around.plan.stage if around.plan else None,
    )

    def place(
        label: str, text: str, endpoint: str, count: int | None = None, **values: Any
    ) -> dict[str, Any]:
        if values.pop("in_plan", False):
            if cycle is None:
                return {}
            values["cycle"] = cycle
        if not allowed(act_of(endpoint), here):
            return {}
        return {"label": label, "text": text, "url": url_for(endpoint, slug=slug, **values), "count": count}

    found: list[tuple[str, frozenset[Role], list[dict[str, Any]]]] = [
        (
            _("Moderation"),
            frozenset({Role.MODERATOR}),
            [
                place(
                    _("Texts that wait"),
                    _("Oldest risk first. Each is read within 48 hours."),
                    "moderation.queue",
                    counts.waiting,
                ),
                place(
                    _("Appeals"),
                    _("Decided by somebody else than the first time."),
                    "moderation.appeals",
                    counts.appeals or None,
                ),
                place(
                    _("Observations"),
                    _("What residents saw of a project on the ground."),
                    "monitoring_desk.waiting",
                    in_plan=True,
                ),
                place(_("Public log"), _("What everybody sees of our decisions."), "moderation.log"),
            ],
        ),
        (
            _("The plan"),
            frozenset({Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT}),
            [
                place(
                    _("Edit the projects"),
                    _("Arabic and French side by side, versions."),
                    "plans_desk.overview",
                    in_plan=True,
                ),
                place(
                    _("Calendar and steps"),
                    _("Announce, open, extend, send to the council: with what each step needs."),
                    "lifecycle_desk.calendar",
                    in_plan=True,
                ),
                place(_("All plans"), _("Begin the plan of a new cycle."), "plans_desk.plans"),
            ],
        ),
        (
            _("Answers"),
            frozenset({Role.OFFICER, Role.COMMITTEE_MEMBER, Role.PRESIDENT}),
            [
                place(
                    _("Ideas to assess"),
                    _("Decide what becomes of each one."),
                    "responses.ideas",
                    in_plan=True,
                ),
                place(
                    _("Themes and answers"),
                    _("Group what people said and answer it; the meter shows what is left."),
                    "responses.desk",
                    in_plan=True,
                ),
                place(
                    _("To approve"),
                    _("Answers that wait for a second reader."),
                    "responses.to_approve",
                    in_plan=True,
                ),
                place(
                    _("Dossier"),
                    _("What people said and what the commune answered."),
                    "synthesis.results",
                    in_plan=True,
                ),
                place(
                    _("Questions of councillors"),
                    _("What they ask of the sealed dossier; the answer is attached to it."),
                    "council_desk.questions",
                    in_plan=True,
                ),
            ],
        ),
        (
            _("Council"),
            frozenset({Role.SECRETARY, Role.PRESIDENT, Role.COUNCILLOR}),
            [
                place(
                    _("Read, note and ask"),
                    _("The dossier one project at a time, with your own notes and your questions."),
                    "council_desk.reading",
                    in_plan=True,
                ),
                place(
                    _("Session and votes"),
                    _("Attendance, quorum, decisions on each project."),
                    "council_desk.desk",
                    in_plan=True,
                ),
                place(
                    _("Dossier"),
                    _("What people said and what the commune answered."),
                    "synthesis.results",
                    in_plan=True,
                ),
            ],
        ),
        (
            _("Advisory body"),
            frozenset({Role.ADVISORY_MEMBER}),
            [
                place(
                    _("File the opinion"),
                    _("Printed unedited in the dossier."),
                    "contributions.opinion_form",
                    in_plan=True,
                )
            ],
        ),
        (
            _("After adoption"),
            frozenset({Role.OFFICER, Role.COMMITTEE_MEMBER}),
            [
                place(
                    _("Progress"),
                    _("Report where each milestone stands."),
                    "monitoring.follow_up",
                    in_plan=True,
                ),
                place(_("Evaluation"), _("What the plan changed."), "evaluation.show", in_plan=True),
            ],
        ),
        (
            _("News and meetings"),
            frozenset({Role.OFFICER, Role.ADMINISTRATOR}),
            [
                place(_("Publish news"), _("Shown on the home of the commune."), "network.write_news"),
                place(_("Meetings"), _("Agenda, groups, attendance, minutes."), "meetings.desk"),
            ],
        ),
        (
            _("Administration"),
            frozenset({Role.ADMINISTRATOR}),
            [
                place(_("People and roles"), _("Who may do what here."), "people.roles"),
                place(
                    _("Lost sign-ins"),
                    _("Two administrators let a colleague begin anew."),
                    "people.recoveries",
                ),
                place(_("Associations"), _("Verify them, give mandates."), "people.associations_desk"),
                place(
                    _("Delays and rules of the council"),
                    _("Calendar, convocations and majority, each with its source."),
                    "council_desk.settings_page",
                    in_plan=True,
                ),
                place(
                    _("Advisory bodies"),
                    _("Those who give the council a formal opinion."),
                    "people.advisory_bodies",
                ),
            ],
        ),
        (
            _("At the commune's desk"),
            frozenset({Role.DESK_AGENT}),
            [place(_("See somebody"), _("Note that a person was seen with a document."), "people.verify")],
        ),
        (
            _("Audit"),
            frozenset({Role.AUDITOR}),
            [place(_("The record"), _("Chains, heads, checkpoints."), "portal.transparency")],
        ),
    ]
    every = actor().network_administrator
    return [
        {"title": title, "places": kept}
        for title, roles, places in found
        if (held & roles or (every and Role.ADMINISTRATOR in roles))
        and (kept := [one for one in places if one and one["url"]])
    ]
