"""Draw one sheet: an order as JSON on the standard input, the picture on the standard output.

Run by its path (`python -I drawing.py`), so that it loads nothing of the platform and inherits none of its secrets.
The order names the `sheet`, the `kind` ("png", "svg" or "pdf"), points `ppi` an inch, the `standards` of a PDF, the
`seconds` it may take, and the `content`, which the sheet reads as data: it is never pasted into typst's own language.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROCESSOR_SECONDS = 20
"""What a drawing may compute at least, whoever waits for it; a card takes less than one."""


def bounded(seconds: int) -> None:
    """Let the system end a drawing that computes for ever or writes a file. Not every system can."""
    try:
        import resource  # noqa: PLC0415  Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Read the order, draw, answer."""
    order = json.load(sys.stdin)
    bounded(max(PROCESSOR_SECONDS, int(order["seconds"])))
    import typst  # noqa: PLC0415  after the bounds, which hold for it

    drawn = typst.compile(
        str(HERE / f"{order['sheet']}.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        format=order["kind"],
        ppi=float(order["ppi"]),
        pdf_standards=order["standards"],
        sys_inputs={"content": json.dumps(order["content"], ensure_ascii=False)},
    )
    sys.stdout.buffer.write(drawn)


if __name__ == "__main__":
    main()
