"""Write one paper: `{kind, content}` as JSON on the standard input, the file on the standard output.

Started by `setting`, without an environment: it holds none of our secrets. PDF is set by the press instead.
"""

import json
import sys


def main() -> None:
    """Read the order, write the paper."""
    order = json.load(sys.stdin)
    if order["kind"] == "docx":
        from participate.synthesis.papers.docx import docx  # noqa: PLC0415  each loads what it needs

        body = docx(order["content"])
    else:
        from participate.synthesis.papers.xlsx import xlsx  # noqa: PLC0415

        body = xlsx(order["content"])
    sys.stdout.buffer.write(body)


if __name__ == "__main__":
    main()
