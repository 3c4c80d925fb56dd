"""Formulas as a reader sees them in Chromium: numbers at the margin, room of their own, LaTeX."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="module")
def open_page(tmp_path_factory):
    """Return what opens the page of equations, so many pixels wide."""
    if not CHROMIUM:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed")
    folder = tmp_path_factory.mktemp("output")
    command = [sys.executable, "-m", "pelican", "-s", "tests/siteconf.py", "-o", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    page = next(folder.rglob("equations*/index.html"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def at(width, scheme="light"):
            opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            opened.goto(page.as_uri())
            return opened

        yield at
        browser.close()


def test_all_numbers_stand_at_the_margin(open_page):
    page = open_page(1000)
    edges = page.evaluate(
        "() => [...document.querySelectorAll('.eq-number')]"
        ".map(each => each.getBoundingClientRect().right)"
    )
    column = page.evaluate("() => document.querySelector('.eq').getBoundingClientRect().right")

    assert len(edges) == 8
    assert all(abs(edge - column) < 2 for edge in edges), (edges, column)


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_a_wide_formula_scrolls_in_its_box_and_never_the_page(open_page, width):
    page = open_page(width)
    wide = page.locator(".eq-scroll").nth(5)

    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= width
    assert wide.evaluate("box => box.scrollWidth > box.clientWidth")
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.scrollLeft > 0")


def test_who_copies_a_formula_gets_its_latex_once(open_page):
    page = open_page(1000)
    text = page.evaluate(
        """() => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(".eq"));
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return getSelection().toString();
        }"""
    )

    assert r"\score(x) = \nabla_x \log p_\theta(x) \label{score}" in text
    assert "∇" not in text


def test_the_latex_takes_no_room(open_page):
    page = open_page(1000)
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('annotation')]"
        ".map(each => each.getBoundingClientRect()).map(box => [box.width, box.height])"
    )

    assert len(sizes) == 7
    assert all(size == [0, 0] for size in sizes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_boxed_or_struck_out_is_drawn(open_page, scheme):
    page = open_page(1000, scheme)
    style = (
        "each => [getComputedStyle(each).borderTopWidth, getComputedStyle(each).backgroundImage]"
    )

    assert page.locator(".tex-box").first.evaluate(style)[0] == "1px"
    assert "gradient" in page.locator(".tex-up").first.evaluate(style)[1]
    ground = page.locator("[mathbackground]").first
    assert ground.evaluate("each => getComputedStyle(each).color") == "rgb(0, 0, 0)"


def test_a_reference_leads_to_its_equation(open_page):
    page = open_page(1000)
    page.locator("a[href='#eq-named']").first.click()

    assert page.evaluate("() => document.querySelector(':target').textContent").strip() == "(∗)"
