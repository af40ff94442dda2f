"""Reports opened in headless Chromium: nothing leaves, nothing complains, pictures are there.

Skipped where there is no Chromium; nothing is downloaded.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from browser import Browser, program
from numpy.typing import NDArray
from PIL import Image

pytestmark = pytest.mark.skipif(
    program() is None, reason="no chromium: apt-get install chromium (scripts/setup does)"
)
SIZES = """[...document.images].map(i => [
  i.complete, i.naturalWidth, i.naturalHeight, i.getBoundingClientRect().width, i.alt.length])"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NARROW = """[...document.querySelectorAll('p, dd, h1, h2, li, figcaption')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
COLORS = """(() => { const c = e => getComputedStyle(document.querySelector(e));
  return [c('body').backgroundColor, c('body').color, c('.picture img').filter]; })()"""
PAPER = {"light": (255, 255, 255), "dark": (20, 23, 26)}
LEAST_CONTRAST = 4.5  # WCAG 2.1, 1.4.3
CONTRASTS = """(() => {
  const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b); };
  const paper = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)') return c; } };
  return Math.min(...[...document.querySelectorAll('p, b, dt, dd, li, th, td, h1, h2, a, caption,'
    + ' figcaption, footer')].map(e => { const [a, b] = [light(getComputedStyle(e).color),
    light(paper(e))]; return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); })); })()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def urls(reports: dict[str, Path]) -> dict[str, str]:
    return {name: path.as_uri() for name, path in reports.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_alone_and_shows_its_pictures(
    browser: Browser, urls: dict[str, str], scheme: str
) -> None:
    for name, url in urls.items():
        visit = browser.visit(url, dark=scheme == "dark")
        assert visit.complaints == [], name
        left = [request for request in visit.requests if not request.startswith("data:")]
        assert left == [url], name
        sizes = browser.look(SIZES)
        assert len(sizes) >= 3
        for complete, width, height, shown, alternative in sizes:
            assert complete
            assert min(width, height, shown) > 100
            assert alternative > 0
        background, _, filtered = browser.look(COLORS)
        assert background == f"rgb{PAPER[scheme]}"
        assert (filtered != "none") == (scheme == "dark")
        assert browser.look(CONTRASTS) >= LEAST_CONTRAST


def test_the_browser_would_tell_of_a_request_and_of_a_complaint(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="missing.png"><script>console.log("said")</script>')
    visit = browser.visit(page.as_uri())
    assert any(request.endswith("missing.png") for request in visit.requests)
    assert any("said" in complaint for complaint in visit.complaints)
    assert any("ERR_FILE_NOT_FOUND" in complaint for complaint in visit.complaints)


def test_a_phone_shows_all_words_without_scrolling_sideways(
    browser: Browser, urls: dict[str, str]
) -> None:
    for name, url in urls.items():
        browser.visit(url, width=360, height=640)
        assert browser.look(OVERFLOW) == 0, name
        assert browser.look(NARROW) == 0, name


def test_pictures_are_dark_on_dark_and_light_on_light(
    browser: Browser, urls: dict[str, str], tmp_path: Path
) -> None:
    def pixels(*, dark: bool) -> NDArray[np.float64]:
        browser.visit(urls["holes"], dark=dark)
        browser.look("document.images[0].scrollIntoView()")
        browser.screenshot(tmp_path / "shot.png", whole=False)
        box = browser.look("(r => [r.left, r.top, r.right, r.bottom])"
                           "(document.images[0].getBoundingClientRect())")  # fmt: skip
        image = Image.open(BytesIO((tmp_path / "shot.png").read_bytes())).convert("RGB")
        return np.asarray(image.crop(tuple(map(int, box))), dtype=float)

    light, dark = pixels(dark=False), pixels(dark=True)
    np.testing.assert_allclose(np.median(light, axis=(0, 1)), PAPER["light"], atol=2)
    np.testing.assert_allclose(np.median(dark, axis=(0, 1)), PAPER["dark"], atol=8)
    assert np.ptp(light.mean(axis=2)) > 150
    assert np.ptp(dark.mean(axis=2)) > 150


def test_a_report_prints_on_white_whatever_the_screen(
    browser: Browser, urls: dict[str, str]
) -> None:
    browser.visit(urls["names"], dark=True)
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.call("Emulation.setEmulatedMedia", media="print", features=[dark])
    background, ink, filtered = browser.look(COLORS)
    browser.call("Emulation.setEmulatedMedia", media="")
    assert (background, filtered) == ("rgb(255, 255, 255)", "none")
    assert ink == "rgb(34, 34, 34)"
    printed = browser.print_pdf()
    assert printed.startswith(b"%PDF")
    assert 2 <= printed.count(b"/Type /Page\n") <= 15
