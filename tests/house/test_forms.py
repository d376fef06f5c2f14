"""A form that gives no words of its own still speaks the reader's language."""

from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, NumberRange, Regexp

from participate.post.text import in_language
from participate.web.forms import Form

WRONG = {
    "number": "x",
    "small": "0",
    "large": "9",
    "far": "9",
    "day": "x",
    "hour": "x",
    "one": "x",
    "some": "x",
    "shape": "x",
}


def complaints(app: Flask, lang: str) -> dict[str, str]:
    """Return what every kind of field says of what it cannot take."""
    with app.test_request_context(f"/{lang}/", method="POST"), in_language(lang):

        class Every(Form):
            empty = StringField(validators=[InputRequired()])
            number = IntegerField()
            small = IntegerField(validators=[NumberRange(min=1)])
            large = IntegerField(validators=[NumberRange(max=5)])
            far = IntegerField(validators=[NumberRange(min=1, max=5)])
            day = DateField()
            hour = TimeField()
            one = SelectField(choices=[])
            some = RadioField(choices=[], validators=[InputRequired()])
            shape = StringField(validators=[Regexp(r"\d+")])

        form = Every(MultiDict(WRONG), meta={"csrf": False})
        form.validate()
        return {name: str(errors[0]) for name, errors in form.errors.items() if name}


def test_what_a_field_says_is_translated(app: Flask) -> None:
    english = complaints(app, "en")
    assert set(english) == {*WRONG, "empty"}
    for lang in ("ar", "fr"):
        said = complaints(app, lang)
        assert {name: words for name, words in said.items() if words == english[name]} == {}, lang
