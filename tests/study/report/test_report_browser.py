"""The report in the system's Chromium; skipped with a reason where there is none."""

import shutil

import numpy as np
import pytest
from made_up import KINDS, OOF

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, pages, tmp_path):
    """Open a study's page; whatever it logs or asks for is collected."""
    context = browser.new_context()
    heard = {"console": [], "requests": []}

    def open_(kind, width=1200):
        path = tmp_path / f"{kind}.html"
        path.write_text(pages[kind], encoding="utf-8")
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.on("console", lambda message: heard["console"].append(message.text))
        page.on("pageerror", lambda error: heard["console"].append(str(error)))
        page.on("request", lambda request: heard["requests"].append(request.url))
        page.goto(path.as_uri())
        page.heard = heard
        return page

    yield open_
    context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_page_is_quiet_and_fits_a_phone(open_page, kind):
    page = open_page(kind, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.heard["console"] == []
    assert [url for url in page.heard["requests"] if url != page.url] == []
    assert len(page.heard["requests"]) == 1


def _shown(page, name):
    text = page.locator(f'[data-out="{name}"]').last.text_content()
    return float(text.rstrip("%").replace(",", ""))


def _logit(p):
    return np.log(p / (1 - p))


def _by_hand(slider, threshold, prior):
    y, p = OOF
    moved = 1 / (1 + np.exp(-(_logit(p) + _logit(prior) - _logit(slider.prior))))
    w = np.where(y == 1, prior / y.mean(), (1 - prior) / (1 - y.mean())) * 1000 / len(y)
    alarm = moved >= threshold
    tp, fp = w[alarm & (y == 1)].sum(), w[alarm & (y == 0)].sum()
    fn = 1000 * prior - tp
    costs = slider.costs
    return {
        "tp": tp, "fp": fp, "fn": fn, "tn": 1000 * (1 - prior) - fp, "alerts": tp + fp,
        "recall": 100 * tp / (tp + fn), "precision": 100 * tp / (tp + fp),
        "cost": costs["fp"] * fp + costs["fn"] * fn,
    }  # fmt: skip


def _place(page, name, value):
    page.locator(f"#{name}").evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input'));"
        " e.dispatchEvent(new Event('change')); }",
        value,
    )
    ends = page.evaluate(
        "n => JSON.parse(document.getElementById('scores').textContent)[0].ends[n]", name
    )
    return 1 / (1 + np.exp(-(ends[0] + (ends[1] - ends[0]) * value / 400)))


def test_slider_counts_what_the_scores_say(open_page, study):
    slider = study("treatment").slider
    page = open_page("treatment")
    assert page.locator("#panel").is_visible()
    start = _by_hand(slider, slider.threshold, slider.prior)
    for name, value in start.items():
        assert _shown(page, name) == pytest.approx(value, rel=0.005), name
    assert page.locator("#reset").is_disabled()

    threshold = _place(page, "threshold", 150)
    for name, value in _by_hand(slider, threshold, slider.prior).items():
        assert _shown(page, name) == pytest.approx(value, rel=0.02), name
    assert _shown(page, "recall") > start["recall"]
    assert "Recall" in page.locator("#spoken").text_content()

    prior = _place(page, "prior", 330)
    for name, value in _by_hand(slider, threshold, prior).items():
        assert _shown(page, name) == pytest.approx(value, rel=0.02), name

    page.locator("#reset").click()
    for name, value in start.items():
        assert _shown(page, name) == pytest.approx(value, rel=0.005), name
    assert page.heard["console"] == []


def test_slider_moves_by_keyboard(open_page):
    page = open_page("treatment")
    before = page.locator("#threshold-text").text_content()
    page.locator("#threshold").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#threshold-text").text_content() != before
    assert page.locator("#threshold").get_attribute("aria-valuetext")


def test_print_hides_controls_and_opens_what_is_folded(open_page):
    page = open_page("treatment")
    page.emulate_media(media="print")
    assert not page.locator(".controls").is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator(".confusion").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0


def test_a_class_is_chosen_for_the_slider(open_page, study):
    page = open_page("multiclass")
    for i, one in enumerate(study("multiclass").many.sliders[:3]):
        page.select_option("#class", str(i))
        slider = one.slider
        p, hit, other = map(np.array, (slider.p, slider.positive, slider.negative))
        alert = p >= slider.threshold
        recall = 100 * hit[alert].sum() / hit.sum()
        alerts = 1000 * (hit + other)[alert].sum() / (hit + other).sum()
        assert _shown(page, "recall") == pytest.approx(recall, rel=0.01)
        assert _shown(page, "alerts") == pytest.approx(alerts, rel=0.01)
        assert page.locator('.confusion [data-out="class"]').text_content() == one.label
    assert page.heard["console"] == []
