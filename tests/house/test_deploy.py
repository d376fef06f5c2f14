"""What is delivered for operating names commands, settings and ports that exist; the proxy buffers."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from participate.cli import participate
from participate.config import BadSettingError, from_environment

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", sorted(path.name for path in DEPLOY.glob("*.service")))
def test_every_command_of_a_unit_exists_with_its_options(unit):
    lines = re.findall(r"^Exec\w+=\S+/participate (.+)$", text(unit), re.MULTILINE)
    assert lines
    for line in lines:
        words = [word for word in line.split() if not word.startswith("-")]
        options = [word for word in line.split() if word.startswith("--")]
        names = []
        for word in words:
            group = participate
            for name in names:
                group = group.commands[name]
            if word not in getattr(group, "commands", {}):
                break
            names.append(word)
        said = CliRunner().invoke(participate, [*names, "--help"], obj=None)
        assert names, line
        assert all(option in said.output for option in options), line


def test_every_setting_of_the_example_is_read_and_only_the_secret_is_left_to_fill_in(monkeypatch):
    values = dict(line.split("=", 1) for line in text("env.example").splitlines() if line and line[0] != "#")
    explained = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    source = (ROOT / "participate" / "config.py").read_text(encoding="utf-8")
    for name, value in values.items():
        assert f'"{name}"' in source, name
        assert f"`{name}`" in explained, name
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PARTICIPATE_DEMO", raising=False)
    with pytest.raises(BadSettingError) as refused:
        from_environment()
    assert refused.value.args[0] == "PARTICIPATE_SECRET_KEY"
    monkeypatch.setenv("PARTICIPATE_SECRET_KEY", "x" * 64)
    assert from_environment().hosts == ["participer.example.ma"]


def test_the_proxy_buffers_repeats_nothing_and_stands_before_the_port_that_is_served():
    said = text("nginx.conf")
    port = re.search(r"serve --port (\d+)", text("participate.service"))
    assert port is not None
    for line in (
        f"server 127.0.0.1:{port[1]};",
        "proxy_request_buffering on;",
        "proxy_buffering on;",
        "proxy_next_upstream off;",
        "client_header_timeout 15s;",
        "client_body_timeout 15s;",
        "client_max_body_size 6m;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
        'add_header Strict-Transport-Security "max-age=31536000" always;',
        "proxy_set_header Host $host;",
    ):
        assert line in said, line
    assert said.count("{") == said.count("}")
    assert f"reverse_proxy 127.0.0.1:{port[1]}" in text("Caddyfile")
    assert "request_buffers" in text("Caddyfile")
