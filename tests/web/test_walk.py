"""The walk through the page in a real browser: every step has what the next one needs."""

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("uvicorn", reason="the extra web is not installed")

from tests.web.test_jobs import SLOW
from tests.web.walk import MANAGER, OWNER, Walk, serving

STEPS = {
    MANAGER: ["start", "clinic", "cope", "coped", "day", "one-more", "how-many", "cheapest", "print"],
    OWNER: ["columns", "words", "learnt", "forecast", "hire"],
}


def walked(browser, folder, parts, short):
    """Return the steps of a walk, after checking that none complained."""
    steps, complaints = [], []
    with serving(folder) as address:
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("response", lambda got: got.status >= 500 and complaints.append(got.url))
        page.goto(address)

        def look(step):
            steps.append(step)
            text = page.inner_text("main")
            assert "None" not in text
            assert "nan" not in text.split()

        Walk(page, folder, look, 1200, short=short).take(parts)
        page.context.close()
    assert complaints == []
    return steps


def test_a_manager_finds_the_answers(browser, tmp_path):
    assert walked(browser, tmp_path, MANAGER, short=True) == STEPS[MANAGER]


@pytest.mark.long
def test_a_page_whose_server_has_ended_says_what_is_kept(browser, tmp_path):
    (tmp_path / "slow.toml").write_text(SLOW)
    with serving(tmp_path) as address:
        page = browser.new_context().new_page()
        page.set_default_timeout(120_000)
        page.goto(address)
        page.get_by_role("link", name="Slow", exact=True).click()
        page.get_by_role("link", name="Does it cope?", exact=True).click()
        page.wait_for_selector("[data-job]")
    page.wait_for_selector("#standing:has-text('does not answer')")
    page.wait_for_timeout(2000)  # what comes later does not say otherwise
    assert "what is finished is kept" in page.inner_text("#standing")
    page.context.close()


@pytest.mark.long
def test_an_owner_finds_the_answers(browser, tmp_path):
    assert walked(browser, tmp_path, OWNER, short=True) == STEPS[OWNER]


@pytest.mark.long
@pytest.mark.parametrize("parts", [MANAGER, OWNER])
def test_the_typical_clinic_is_answered(browser, tmp_path, parts):
    assert walked(browser, tmp_path, parts, short=False) == STEPS[parts]
