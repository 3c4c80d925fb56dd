"""What a browser gets of a built site."""

import socket

import pytest

from plugins.serving.port import free_port
from plugins.serving.site import answer


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "output"
    (folder / "posts" / "lora").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "index.html").write_text("home")
    (folder / "404.html").write_text("nowhere")
    (folder / "posts" / "lora" / "index.html").write_text("lora")
    (folder / "plot.svg").write_text("<svg/>")
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    return folder


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/", 200, "home"),
        ("/index.html", 200, "home"),
        ("/posts/lora/", 200, "lora"),
        ("/posts/", 404, "nowhere"),
        ("/empty/", 404, "nowhere"),
        ("/index.html/", 404, "nowhere"),
        ("/../secret", 404, "nowhere"),
        ("/link", 404, "nowhere"),
        ("/a\0b", 404, "nowhere"),
        ("/" + "long" * 200, 404, "nowhere"),
    ],
)
def test_a_path_leads_to_its_page_or_to_the_page_that_says_so(site, path, status, body):
    reply = answer(site, "GET", path, "127.0.0.1:8000")

    assert (reply.status, reply.body.decode()) == (status, body)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_folder_is_named_with_a_slash_on_this_server(site):
    reply = answer(site, "GET", "//posts/lora", "localhost")

    assert (reply.status, reply.headers["Location"]) == (301, "/posts/lora/")


def test_a_file_says_what_it_is(site):
    assert answer(site, "GET", "/plot.svg", "[::1]:80").headers["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "[", "localhost.evil"])
def test_another_name_of_this_machine_reads_nothing(site, host):
    """Else any page on the web could point its name at this machine, and read drafts."""
    reply = answer(site, "GET", "/", host)

    assert reply.status == 421
    assert b"home" not in reply.body


def test_nothing_can_be_sent(site):
    assert answer(site, "POST", "/", "localhost").status == 405


def test_a_site_that_is_not_built_says_so(tmp_path):
    assert b"invoke build" in answer(tmp_path / "output", "GET", "/", "localhost").body


@pytest.mark.parametrize("text", ["abc", "-1", "65536", "99999", "1e3", "", "٣"])
def test_what_is_no_port_is_told_of(text):
    told = free_port(text, "serve")

    assert (told.code, told.location.path) == ("serve-port", f"127.0.0.1:{text}")
    assert "a number from 0 to 65535" in told.message


def test_a_port_that_is_taken_is_told_of_and_0_is_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = free_port(str(taken.getsockname()[1]), "livereload")

    assert (told.code, told.message) == ("serve-port", "address already in use")
    assert "invoke livereload --port" in told.hint
    assert free_port("0", "serve") > 0
