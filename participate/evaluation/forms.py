"""Form of the evaluation: six questions, their scores, and the lessons."""

from wtforms import FieldList, FormField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired

from participate.web.forms import Cleaned, DayField, Form, Row, unchosen
from participate.web.i18n import lazy_gettext as _l

LESSONS_CHARS = 4000
COMMENT_CHARS = 1000
QUESTIONS = 6


class CriterionForm(Row):
    """One question; leave it empty to ask fewer."""

    question_ar = StringField(_l("Question, in Arabic"), validators=[Cleaned(300)])
    question_fr = StringField(_l("Question, in French"), validators=[Cleaned(300)])
    score = RadioField(_l("Score"), validators=[unchosen()], choices=[])
    comment_ar = TextAreaField(_l("Why, in Arabic"), validators=[Cleaned(COMMENT_CHARS)])
    comment_fr = TextAreaField(_l("Why, in French"), validators=[Cleaned(COMMENT_CHARS)])


class EvaluationForm(Form):
    """The joint evaluation as it was held."""

    held_on = DayField(_l("Day it was held"), validators=[InputRequired()])
    criteria = FieldList(FormField(CriterionForm), min_entries=QUESTIONS, max_entries=QUESTIONS)
    lessons_ar = TextAreaField(_l("Lessons, in Arabic"), validators=[Cleaned(LESSONS_CHARS, minimum=20)])
    lessons_fr = TextAreaField(_l("Lessons, in French"), validators=[Cleaned(LESSONS_CHARS)])
