"""A comment to be sent, and whether an error page kept it."""

from tests.clients import form_of

TEXT = "قنطرة جديدة فوق الوادي <b>"
WORDS = {"section": "solution", "kind": "opinion", "stance": "for", "body": TEXT, "declared": "y"}


def token_of(client, plan) -> str:
    """The token that a form of this browser holds."""
    page = client.open(f"/fr{plan.path}/projects/1/comments/new")
    return form_of(page.get_data(as_text=True))[0]["csrf_token"]


def kept(answer, status: int) -> int:
    """What was typed is on the page, with a button that sends it again; returns Retry-After."""
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "قنطرة جديدة فوق الوادي &lt;b&gt;" in text
    assert 'name="csrf_token" value=""' not in text
    assert 'name="csrf_token"' in text
    return int(answer.headers["Retry-After"])
