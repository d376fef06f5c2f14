"""Find the Chromium that the browser tests drive.

As a library: `find_chromium()`. As a program, `python -m tests.support.find_browser` prints the path, after
trying to install Playwright's own Chromium if there is no other; if that fails too, it says the line to type.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LINE_TO_TYPE = "sudo apt-get install chromium"
INSTALL_SECONDS = 300


class BrowserMissingError(RuntimeError):
    """There is no Chromium where we looked; the message says what to type."""


def find_chromium() -> str | None:
    """Give the path of a Chromium: `$CHROMIUM`, else one on the path, else Playwright's own if installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _playwrights_own()


def _playwrights_own() -> str | None:
    # Asked in a process of its own: Playwright's loop must not be started twice in a test process.
    question = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    return path if answer.returncode == 0 and path and Path(path).is_file() else None


def chromium() -> str:
    """Like `find_chromium`, but installs Playwright's Chromium if need be, and raises BrowserMissingError."""
    found = find_chromium()
    if found:
        return found
    if os.environ.get("CHROMIUM"):
        raise BrowserMissingError(
            f"CHROMIUM={os.environ['CHROMIUM']} is no program that can run. Type: unset CHROMIUM"
        )
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(install, capture_output=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        found = None
    else:
        found = _playwrights_own()
    if not found:
        raise BrowserMissingError(f"The browser tests need Chromium. Type: {LINE_TO_TYPE}")
    return found


if __name__ == "__main__":
    try:
        print(chromium())
    except BrowserMissingError as missing:
        sys.exit(str(missing))
