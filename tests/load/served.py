"""The application as one of several server processes, on the database a test made."""

from __future__ import annotations

import os
from pathlib import Path

from participate.app import create_app
from tests.conftest import settings

app = create_app(settings(os.environ["TEST_SERVED_DATABASE"], Path(os.environ["TEST_SERVED_INSTANCE"])))
