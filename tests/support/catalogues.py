"""The translation catalogues: complete or not, and kept in step with the code.

`python -m tests.support.catalogues check` reads every message id out of code and templates, and fails with a
list of those that `translations/ar` and `translations/fr` miss, leave empty, mark as fuzzy, or break (lost
placeholders, fewer plurals than the language has). Tamazight may be incomplete; its share is printed.

`update` brings new ids into the catalogues, without guessing translations. `compile` makes the `.mo` files.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "translations"
COMPLETE = ("ar", "fr")
WELCOME = ("zgh",)
PLURALS = {"ar": 6, "fr": 2, "zgh": 2}
# CLDR's order. Babel's own header swaps the last two forms for Arabic (babel issue 816).
ARABIC_PLURAL = "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5"
ARABIC_EXAMPLES = {0: 0, 1: 1, 2: 2, 3: 3, 11: 4, 100: 5}
# Beside gettext, ngettext, pgettext, npgettext, _ and N_, which are Babel's defaults.
KEYWORDS = ("_l", "tr", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2", "lazy_npgettext:1c,2,3")


def main(arguments: list[str]) -> int:
    """Run one of the three commands; give the exit code."""
    commands = {"check": check, "update": update, "compile": compile_all}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m tests.support.catalogues {'|'.join(commands)}")
        return 2
    return commands[arguments[0]]()


def check() -> int:
    """Print every gap of the catalogues that must be complete; 1 if there is one."""
    template = extract()
    gaps = [gap for language in COMPLETE for gap in gaps_of(language, template)]
    for gap in gaps:
        print(gap)
    total = len(list(wanted(template)))
    for language in WELCOME:
        catalogue = _read(language)
        done = sum(1 for message in wanted(template) if _translated(_find(catalogue, message)))
        print(f"{language}: {done} of {total} messages translated")
    verdict = f"{len(gaps)} gaps" if gaps else "complete"
    print(f"{', '.join(COMPLETE)}: {total} messages, {verdict}")
    return 1 if gaps else 0


def update() -> int:
    """Bring the ids of the code into each catalogue; a missing catalogue begins with the right plurals."""
    template = extract()
    for language in (*COMPLETE, *WELCOME):
        catalogue = _read(language) or _new(language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        path = _path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = io.BytesIO()
        write_po(written, catalogue, width=110, sort_by_file=True, include_lineno=False)
        path.write_bytes(written.getvalue())
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} messages")
    return compile_all()


def compile_all() -> int:
    """Compile each catalogue that is there; none is fine too."""
    if not any(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        print("no catalogues yet")
        return 0
    return _pybabel("compile", "--directory", str(TRANSLATIONS))


def extract() -> Catalog:
    """Read the message ids out of code and templates, as babel.cfg says."""
    with tempfile.TemporaryDirectory() as folder:
        pot = Path(folder) / "messages.pot"
        keywords = [f"--keyword={keyword}" for keyword in KEYWORDS]
        options = ["--add-location=file", "--add-comments=Translators:", "--project=Participate", "--no-wrap"]
        _pybabel("extract", "-F", "babel.cfg", *keywords, *options, "-o", str(pot), ".")
        with pot.open("rb") as file:
            return read_po(file)


def wanted(template: Catalog) -> Iterator[Message]:
    """Give the messages of the code, without the header."""
    return (message for message in template if message.id)


def gaps_of(language: str, template: Catalog) -> Iterator[str]:
    """Give one line for each thing that is wrong with a catalogue."""
    catalogue = _read(language)
    if catalogue is None:
        if any(wanted(template)):
            yield f"{language}: no catalogue. Type: make catalogues"
        return
    if catalogue.num_plurals != PLURALS[language]:
        yield f"{language}: the header counts {catalogue.num_plurals} plurals, not {PLURALS[language]}"
    if language == "ar":
        form = c2py(catalogue.plural_expr)
        for number, expected in ARABIC_EXAMPLES.items():
            if form(number) != expected:
                yield f"ar: the header takes form {form(number)} for {number}, not {expected}"
    for message in wanted(template):
        found = _find(catalogue, message)
        problem = _problem(found, catalogue)
        if problem:
            yield f"{language}: {problem}: {_name(message)}"


def _problem(found: Message | None, catalogue: Catalog) -> str | None:
    if found is None:
        return "missing"
    if found.fuzzy:
        return "fuzzy"
    if not _translated(found):
        return "untranslated"
    if found.pluralizable and len(_texts(found)) != catalogue.num_plurals:
        return f"has {len(_texts(found))} plural forms, not {catalogue.num_plurals}"
    wrong = [str(error) for error in found.check(catalogue)]
    return f"broken ({'; '.join(wrong)})" if wrong else None


def _translated(found: Message | None) -> bool:
    return found is not None and not found.fuzzy and all(_texts(found))


def _texts(found: Message) -> tuple[str, ...]:
    return (found.string,) if isinstance(found.string, str) else tuple(found.string or ("",))


def _find(catalogue: Catalog | None, message: Message) -> Message | None:
    return catalogue.get(message.id, message.context) if catalogue else None


def _name(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    context = f" [{message.context}]" if message.context else ""
    return f"{text!r}{context} ({', '.join(sorted({place for place, _line in message.locations}))})"


def _path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def _read(language: str) -> Catalog | None:
    path = _path(language)
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _new(language: str) -> Catalog:
    plural = ARABIC_PLURAL if language == "ar" else Catalog(locale=language).plural_expr
    headers = [
        "Project-Id-Version: Participate 0.1",
        "Report-Msgid-Bugs-To: ",
        "Last-Translator: ",
        "Language-Team: ",
        f"Language: {language}",
        f"Plural-Forms: nplurals={PLURALS[language]}; plural=({plural});",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    text = 'msgid ""\nmsgstr ""\n' + "".join(f'"{header}\\n"\n' for header in headers)
    catalogue = read_po(io.BytesIO(text.encode()), locale=language)
    catalogue.header_comment = f"# Participate: {catalogue.locale.english_name}" if catalogue.locale else ""
    return catalogue


def _pybabel(*arguments: str) -> int:
    return int(CommandLineInterface().run(["pybabel", "--quiet", *arguments]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
