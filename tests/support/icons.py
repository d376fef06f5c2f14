"""Draw the platform's marks again, after a change of the khatam, of a colour or of the words.

`python -m tests.support.icons` writes the icons of `ui/static/icons` that are pictures, and the card of pages that
have none of their own. They are committed: a browser must find them where nothing can be drawn.
"""

import struct
import sys
from pathlib import Path

from participate.web.press import draw

ICONS = Path(__file__).parents[2] / "participate" / "ui" / "static" / "icons"
TAB_PIXELS = (16, 32, 48)
HOME_PIXELS = {"apple-touch-icon.png": 180, "icon-192.png": 192, "icon-512.png": 512}
MASKABLE_SHARE = 0.62
"""How much of a solid icon the star takes: systems cut circles of four fifths out of it."""
PLATFORM = {
    "ar": {"text": "لنقرر معا، ولنتحقق من أن صوتنا وصل", "lang": "ar", "dir": "rtl"},
    "fr": {"text": "Décider ensemble, et vérifier qu’on a été entendu", "lang": "fr", "dir": "ltr"},
    "network": {"text": "منصة الشبكة المغربية للجماعات الترابية المنفتحة", "lang": "ar", "dir": "rtl"},
}


def icon(pixels: int, *, solid: bool) -> bytes:
    """Return the mark in a square of so many pixels."""
    return draw("icon", {"pixels": pixels, "solid": solid, "share": MASKABLE_SHARE if solid else 1.0})


def ico(pictures: dict[int, bytes]) -> bytes:
    """Put PNG pictures, by their pixels, into one file of icons."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(header) + 16 * len(pictures)
    entries = b""
    for pixels, picture in pictures.items():
        entries += struct.pack("<BBBBHHII", pixels, pixels, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return header + entries + b"".join(pictures.values())


def main() -> int:
    """Write them all."""
    made = {name: icon(pixels, solid=True) for name, pixels in HOME_PIXELS.items()}
    made["favicon.ico"] = ico({pixels: icon(pixels, solid=False) for pixels in TAB_PIXELS})
    made["share.png"] = draw("platform", PLATFORM)
    for name, content in made.items():
        (ICONS / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
