"""Figures and images are kept beside their post, shown by its page, removed with their fence."""

import re

import pytest
from frozen_site import HEAD, PNG, PYPLOT, SHOWN


@pytest.mark.parametrize("name", ["flat", "folder/index"])
def test_a_figure_is_kept_under_a_name_made_of_its_content_and_shown(site, name):
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('first')\n```\n"
    library = "" if "/" in name else f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    post = site.post(name, plot, head=HEAD + library)
    if "/" in name:
        (post.parent / "matplotlib").mkdir()
        (post.parent / "matplotlib" / "pyplot.py").write_text(PYPLOT)
    code, _, err = site.freeze()
    assert (code, err) == (0, "")
    media = post.with_suffix(".frozen")
    (first,) = media.iterdir()
    output, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    page = next((output / "posts").glob("*/index.html")).read_text()
    feed = (output / "feeds" / "all.atom.xml").read_text()
    (shown,) = re.findall(r'<img src="([^"]*)" alt="[^"]*" width="96" height="48">', page)
    assert shown.endswith(f"/{media.name}/{first.name}")
    assert output.joinpath(shown.lstrip("/")).read_bytes() == first.read_bytes()
    assert shown in feed

    post.write_text(post.read_text().replace("first", "second"))
    assert site.freeze()[0] == 0
    (second,) = media.iterdir()
    assert second.name != first.name
    assert b"second" in second.read_bytes()

    post.write_text(HEAD)
    assert site.freeze()[0] == 0
    assert not media.exists()


def test_an_image_is_kept_shown_and_removed_as_a_figure_is(site):
    fence = f"```python {{.run alt='A pixel'}}\n{SHOWN}Shown(png={PNG!r})\n```\n"
    expected = "```text {.output}\nShown()\n```\n"
    post = site.post("post", fence, expected)
    assert site.freeze()[0::2] == (0, "")
    media = post.with_suffix(".frozen")
    (image,) = media.iterdir()
    output, built = site.build()

    assert (image.suffix, image.read_bytes()) == (".png", PNG)
    assert (built.returncode, built.stderr) == (0, "")
    page = next((output / "posts").glob("*/index.html")).read_text()
    (shown,) = re.findall(r'src="([^"]*)" alt="A pixel" width="1" height="1">', page)
    assert output.joinpath(shown.lstrip("/")).read_bytes() == PNG

    image.write_bytes(PNG + b"edited")
    assert f"the figure post.frozen/{image.name} is gone, or was edited" in site.build()[1].stderr
    assert site.freeze()[0::2] == (0, "")
    assert image.read_bytes() == PNG

    site.post("post", "```python {.run}\n1\n```\n")
    assert site.freeze()[0] == 0
    assert not media.exists()


def test_a_figure_that_no_page_can_show_is_refused(site):
    library = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('</svg>')\n```\n"
    site.post("post", library, "one", plot)
    status, _, err = site.freeze()

    assert status == 1
    assert (
        "it draws a figure that is no SVG, or of more than two million parts [fence-output]" in err
    )
    assert site.printed("post") == ["one"]
