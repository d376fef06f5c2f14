"""Reading what moderators, authors and the public may know of moderation.

Nothing here returns an e-mail address; the public log returns neither text nor name.
"""

from __future__ import annotations

from participate.moderation.queries.authors import appealable, appealables, appeals, authorship
from participate.moderation.queries.cases import (
    axes,
    case,
    contribution_id_of,
    decision,
    decisions_on,
    last_batch,
    my_decisions,
    targets,
)
from participate.moderation.queries.paging import PAGE
from participate.moderation.queries.places import (
    appeal_place,
    contribution_place,
    decision_place,
    space,
    space_name,
)
from participate.moderation.queries.public import figures, log
from participate.moderation.queries.shapes import (
    EXCERPT,
    Appealable,
    AppealRow,
    Case,
    Counts,
    DecisionRow,
    Figures,
    LogRow,
    Row,
    Subject,
    View,
)
from participate.moderation.queries.waiting import counts, next_case, queue

__all__ = [
    "EXCERPT",
    "PAGE",
    "AppealRow",
    "Appealable",
    "Case",
    "Counts",
    "DecisionRow",
    "Figures",
    "LogRow",
    "Row",
    "Subject",
    "View",
    "appeal_place",
    "appealable",
    "appealables",
    "appeals",
    "authorship",
    "axes",
    "case",
    "contribution_id_of",
    "contribution_place",
    "counts",
    "decision",
    "decision_place",
    "decisions_on",
    "figures",
    "last_batch",
    "log",
    "my_decisions",
    "next_case",
    "queue",
    "space",
    "space_name",
    "targets",
]
