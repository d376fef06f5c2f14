"""Forms of the follow-up."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired

from participate.rules.outcomes import MilestoneStatus
from participate.web.forms import Cleaned, Form
from participate.web.i18n import lazy_gettext as _l

REPORT_CHARS = 2000
OBSERVATION_CHARS = 1500


class ProgressForm(Form):
    """Where a milestone stands, in Arabic and in French."""

    status = SelectField(_l("Where does this milestone stand?"), validators=[InputRequired()])
    text_ar = TextAreaField(_l("What was done, in Arabic"), validators=[Cleaned(REPORT_CHARS, minimum=10)])
    text_fr = TextAreaField(_l("What was done, in French"), validators=[Cleaned(REPORT_CHARS)])
    delay_ar = TextAreaField(_l("Why is it late, in Arabic"), validators=[Cleaned(REPORT_CHARS)])
    delay_fr = TextAreaField(_l("Why is it late, in French"), validators=[Cleaned(REPORT_CHARS)])

    def offer(self, labels: list[tuple[MilestoneStatus, str]]) -> None:
        """Set the words of the choices, in the page's language."""
        self.status.choices = [(status.value, label) for status, label in labels]


class ObservationForm(Form):
    """What a resident saw of a project."""

    text = TextAreaField(_l("What did you see?"), validators=[Cleaned(OBSERVATION_CHARS, minimum=10)])


class DecideForm(Form):
    """A moderator's yes or no to an observation."""
