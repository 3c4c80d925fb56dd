"""A site is published at an address where its readers can find it."""

import pytest

from plugins.diagnostics import Severity
from plugins.staging.address import check_site_url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "links in feeds would lead nowhere"),
        (None, "links in feeds would lead nowhere"),
        (3, "links in feeds would lead nowhere"),
        ("blog.sample.org", "begins with neither https:// nor http://"),
        ("ftp://blog.sample.org", "begins with neither https:// nor http://"),
        ("https:/blog.sample.org", "names no host"),
        ("https://", "names no host"),
        ("https://blog.sample.org /x", "white space"),
        ("https://blog.sample.org\n", "white space"),
        ("https://blog.sample.org?x=1", "a query, a fragment or a user"),
        ("https://blog.sample.org/#top", "a query, a fragment or a user"),
        ("https://me:secret@blog.sample.org", "a query, a fragment or a user"),
        ("http://localhost:8000", "every reader's machine takes for itself"),
        ("http://127.0.0.2", "every reader's machine takes for itself"),
        ("http://[::1]:8000", "every reader's machine takes for itself"),
        ("http://0.0.0.0", "every reader's machine takes for itself"),
        ("https://[::1", "which is no address"),
        ("https://blog.sample.org:many", "which is no address"),
    ],
)
def test_an_address_that_no_reader_can_use_is_refused(url, message):
    told = check_site_url("publishconf.py", url)

    assert (told.code, told.severity) == ("site-url", Severity.ERROR)
    assert message in told.message
    assert "SITEURL=" in told.hint


@pytest.mark.parametrize("url", ["https://ai-terminal.example", "https://blog.example.com/x"])
def test_an_address_that_nobody_can_have_is_warned_of(url):
    assert check_site_url("publishconf.py", url).severity is Severity.WARNING


@pytest.mark.parametrize(
    "url", ["https://sample.org", "http://sample.org:8080/blog", "https://bücher.de"]
)
def test_an_address_of_a_site_is_fine(url):
    assert check_site_url("publishconf.py", url) is None
