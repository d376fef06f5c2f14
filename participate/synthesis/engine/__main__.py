"""`python -m participate.synthesis.engine`: an order as JSON on the standard input, the answer on the output."""

import json
import os
import sys

PROCESSOR_SECONDS = 600

# One thread: sums made by several come out in another order each time, and the output would differ in a digit.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"


def bounded() -> None:
    """Let the system end a computation that never ends, or that writes a file. Not every system can."""
    try:
        import resource  # noqa: PLC0415  Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Read the order, work, answer."""
    bounded()
    from participate.synthesis.engine import working  # noqa: PLC0415  after the bounds, which hold for it

    order = json.load(sys.stdin)
    json.dump(working.answer(order), sys.stdout, separators=(",", ":"), sort_keys=True, allow_nan=False)


if __name__ == "__main__":
    main()
