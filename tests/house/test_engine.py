"""What computes groups and themes stays out of the process that serves."""

import subprocess
import sys


def test_the_process_that_serves_loads_neither_scipy_nor_scikit_learn() -> None:
    line = "import sys, participate.cli; print([one for one in ('scipy', 'sklearn') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
