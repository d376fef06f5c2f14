"""Somebody new to a role, on a phone, in Arabic: sets password and application, leaves, comes back with both."""

import re
import time

import pyotp
import pytest

from tests.browser.conftest import AR, Walker

PASSWORD = "ثلاث كراس تحت شجرة التين"
NEW = "new-administrator@demo.test"
DESK = "/desk/beni-mellal/"


@pytest.mark.parametrize("walker", [pytest.param(AR, id="ar-360")], indirect=True)
def test_a_new_administrator_sets_both_signs_in_with_both_and_gives_a_role(walker: Walker) -> None:
    giver = walker.beside("giver", "admin1@demo.test")
    giver.go(f"{DESK}people")
    giver.page.fill("input[name=email]", NEW)
    giver.page.select_option("select[name=role]", "administrator")
    giver.press("main form button.main")
    giver.context.close()

    page = walker.page
    walker.go(f"/sign-in?next=/ar{DESK}people")
    walker.type_code(NEW)
    assert "/me/factors/password" in page.url
    walker.look("choose-password")
    page.fill("input[name=password]", "بني ملال مدينة الزيتون")
    walker.press("main form button.main")
    walker.look("password-refused")
    page.fill("input[name=password]", PASSWORD)
    walker.press("main form button.main")
    walker.look("application")
    link = page.get_attribute("main a[href^='otpauth:']", "href") or ""
    secret = re.search(r"secret=([A-Z2-7]{32})", link)
    assert secret
    phone = pyotp.TOTP(secret.group(1))
    confirmed = phone.now()
    page.fill("input[name=code]", confirmed)
    walker.press("main form button.main")
    walker.press("main form button.main")
    walker.look("recovery-codes")
    assert page.locator("main ol code").count() == 10
    walker.press("main a.btn.main")
    assert page.url.endswith(f"/ar{DESK}people")

    walker.go("/sign-out")
    walker.press("main form button.main")
    walker.go(f"/sign-in/staff?next=/ar{DESK}people")
    walker.look("sign-in")
    page.fill("input[name=email]", NEW)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=code]", confirmed)
    walker.press("main form button.main")
    walker.look("a-used-code-is-refused")
    assert page.input_value("input[name=email]") == NEW
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=code]", phone.at(int(time.time()) + 30))  # half a minute ahead is taken too
    walker.press("main form button.main")
    assert page.url.endswith(f"/ar{DESK}people")
    page.fill("input[name=email]", "seen-in-arabic@demo.test")
    page.select_option("select[name=role]", "councillor")
    walker.press("main form button.main")
    assert "seen-in-arabic@demo.test" in page.inner_text("main")
    walker.go("/me/sessions")
    walker.look("sessions")
