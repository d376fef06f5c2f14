"""Reading the papers back: the words on each page of a PDF that typst made, with the place where they stand."""

import re
import zlib
from dataclasses import dataclass

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)endobj", re.DOTALL)
SHOWN = re.compile(
    rb"1 0 0 -1 ([\d.]+) ([\d.]+) cm|/(f\d+) [\d.]+ Tf|\[((?:\((?:\\.|[^\\)])*\)|[^\]])*)\]TJ", re.DOTALL
)
PIECE = re.compile(rb"\(((?:\\.|[^\\)])*)\)", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Run:
    """Some words set in one go, `x` points from the left edge of the page to their left end."""

    x: float
    text: str


@dataclass(frozen=True)
class Paper:
    """A PDF: its objects as they stand, and what is on its pages."""

    raw: bytes
    pages: list[list[Run]]
    drawn: list[bytes]

    def columns(self, height: int) -> list[float]:
        """Return where the columns of this height stand, points from the left edge."""
        shape = rb"1 0 0 -1 ([\d.]+) [\d.]+ cm[^\n]*? 0 0 m [\d.]+ 0 l [\d.]+ %d l 0 %d l" % (height, height)
        return [float(x) for one in self.drawn for x in re.findall(shape, one)]

    def words(self, page: int | None = None) -> str:
        """Return the words of a page, or of all, without blanks: lines break where they break."""
        runs = [run for number, one in enumerate(self.pages) for run in one if page in {None, number}]
        return re.sub(r"[\s\u200b\u2066\u2069]+", "", "".join(run.text for run in runs))


def read(raw: bytes) -> Paper:
    """Read a PDF of typst: no object streams, text by glyphs, each font with a map back to letters."""
    objects = {int(number): body for number, body in OBJECT.findall(raw)}
    pages = [body for _number, body in sorted(objects.items()) if re.match(rb"<</Type/Page/", body)]
    drawn = [_stream(objects[_reference(b"Contents", body)]) for body in pages]
    return Paper(raw, [_page(body, objects) for body in pages], drawn)


def _stream(body: bytes) -> bytes:
    head, _mark, rest = body.partition(b"stream")
    length = re.search(rb"/Length (\d+)", head)
    assert length, "a stream has a length"
    found = rest.lstrip(b"\r\n")[: int(length.group(1))]
    return zlib.decompress(found) if b"FlateDecode" in head else found


def _page(body: bytes, objects: dict[int, bytes]) -> list[Run]:
    resources = objects[_reference(b"Resources", body)]
    fonts = {
        name: _letters(objects[_reference(b"ToUnicode", objects[int(key)])], objects)
        for name, key in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    runs: list[Run] = []
    x, font = 0.0, b""
    for left, _top, named, shown in SHOWN.findall(_stream(objects[_reference(b"Contents", body)])):
        if left:
            x = float(left)
        elif named:
            font = named
        else:
            glyphs = b"".join(_unescaped(one) for one in PIECE.findall(shown))
            letters = (fonts[font].get(glyphs[at : at + 2], "") for at in range(0, len(glyphs), 2))
            runs.append(Run(x, "".join(letters)))
    return runs


def _reference(name: bytes, body: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return int(found.group(1))


def _letters(body: bytes, _objects: dict[int, bytes]) -> dict[bytes, str]:
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", _stream(body))
    }


def _unescaped(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        mark = found.group(1)
        return bytes([int(mark, 8)]) if mark.isdigit() else ESCAPES.get(mark, mark)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)
