"""Addresses and file names that are safe wherever Pelican writes them."""

import pytest

from plugins.diagnostics.addresses import check_address, check_name


@pytest.mark.parametrize(
    "address", ["posts/lora/", "posts/été-1_2.0/index.html", "./", "posts/C++/", "~me/a,b=c"]
)
def test_a_good_address_is_left_alone(address):
    assert not list(check_address("post.md", address))
    assert not list(check_name(address))


@pytest.mark.parametrize("sign", list("\"'<>&#?%:\\{}`\n\x01\u202e\ufffe"))
def test_a_sign_that_breaks_a_link_is_named(sign):
    (address,) = check_address("post.md", f"posts/a{sign}b/")
    (name,) = check_name(f"posts/a{sign}b.md")

    assert (address.code, name.code) == ("post-address", "post-name")
    assert repr(sign) in address.message


def test_a_post_without_an_address_is_told_of():
    (found,) = check_address("post.md", "")

    assert "would not be written" in found.message


@pytest.mark.parametrize(
    ("address", "said"),
    [("../x/index.html", "leads out"), ("a/../../x/", "leads out"), ("ab" * 101 + "/", "too long")],
)
def test_an_address_that_cannot_be_written_is_told_of(address, said):
    (found,) = check_address("post.md", address)

    assert said in found.message
