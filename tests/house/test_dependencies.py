"""The audit is green only when everything was looked at; the bill of materials names the lock, byte for byte."""

import json

from tests.support import audit, sbom

HERE = {"flask": "3.1.3", "jinja2": "3.1.6"}


def report(*rows: dict) -> dict:
    return {"dependencies": list(rows)}


FLASK = {"name": "Flask", "version": "3.1.3", "vulns": []}
JINJA = {"name": "Jinja2", "version": "3.1.6", "vulns": []}


def test_an_audit_is_good_only_when_all_that_is_installed_was_audited() -> None:
    assert audit.wrong(report(FLASK, JINJA), HERE) == []
    assert audit.wrong(report(FLASK), HERE) == ["jinja2 3.1.6 is installed and was not audited"]
    assert audit.wrong(report(), {}) == []
    assert len(audit.wrong(report(), HERE)) == 2, "nothing audited is no green light"
    more = {"name": "click", "version": "8", "vulns": []}
    assert audit.wrong(report(FLASK, JINJA, more), HERE) == ["click 8 was audited and is not installed"]


def test_a_skipped_package_another_version_and_a_vulnerability_are_named() -> None:
    skipped = {"name": "jinja2", "skip_reason": "not found"}
    assert "jinja2 was not audited: not found" in audit.wrong(report(FLASK, skipped), HERE)
    older = {"name": "jinja2", "version": "3.1.4", "vulns": []}
    assert audit.wrong(report(FLASK, older), HERE) == ["jinja2 3.1.4 was audited and 3.1.6 is installed"]
    bad = {"name": "jinja2", "version": "3.1.6", "vulns": [{"id": "CVE-1", "fix_versions": ["3.1.7"]}]}
    assert audit.wrong(report(FLASK, bad), HERE) == ["jinja2 3.1.6: CVE-1, mended in 3.1.7"]


def test_an_audit_without_its_service_fails_loudly(tmp_path, capsys) -> None:
    lock = tmp_path / "one.lock"
    lock.write_text("flask==3.1.3 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    nobody = ["--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/", "--timeout", "2"]
    assert audit.main(nobody, lock) == 2
    assert "NOT AUDITED" in capsys.readouterr().err


def test_the_bill_of_materials_names_every_locked_package_and_is_the_same_each_time(tmp_path) -> None:
    first, second = (sbom.make(tmp_path / name).read_bytes() for name in ("a.json", "b.json"))
    assert first == second
    said = json.loads(first)
    assert said["bomFormat"] == "CycloneDX"
    parts = {audit.plain(one["name"]): one["version"] for one in said["components"]}
    assert parts == {audit.plain(name): version for name, version in sbom.pinned().items()}
    assert all('"hashes"' in json.dumps(one) for one in said["components"])
