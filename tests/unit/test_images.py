"""An image is what its media type says, and the same picture is the same bytes."""

import io
import struct

import pytest
from PIL import Image as Picture
from PIL import PngImagePlugin

from plugins.fences.showing.images import MOST_PIXELS, read_image

PICTURE = Picture.new("RGB", (30, 20), (200, 100, 50))
FORMATS = ["png", "jpeg", "webp"]


def saved(name, picture=PICTURE, **options):
    file = io.BytesIO()
    picture.save(file, format=name, **options)
    return file.getvalue()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_an_image_has_its_size(name, mode):
    if (name, mode) == ("jpeg", "RGBA"):
        mode = "CMYK"
    image = read_image(f"image/{name}", saved(name, PICTURE.convert(mode)))

    assert image is not None
    assert image.size == (30, 20)
    assert Picture.open(io.BytesIO(image.content)).size == (30, 20)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"exif": b"Exif\0\0"}])
def test_every_kind_of_webp_has_its_size(options):
    image = read_image("image/webp", saved("webp", **options))

    assert image is not None
    assert image.size == (30, 20)


def test_a_progressive_jpeg_has_its_size():
    image = read_image("image/jpeg", saved("jpeg", progressive=True, comment=b"\xff\xc0" * 9))

    assert image is not None
    assert image.size == (30, 20)


def test_what_a_png_says_of_its_making_is_not_kept():
    about = PngImagePlugin.PngInfo()
    about.add_text("Software", "someone's own, version 1")
    about.add_itxt("Author", "me")
    image = read_image("image/png", saved("png", pnginfo=about, exif=b"Exif\0\0MM"))

    assert image == read_image("image/png", saved("png"))


def test_what_follows_the_end_of_a_png_is_not_kept():
    content = saved("png")
    image = read_image("image/png", content + b"<script>alert(1)</script>")

    assert image is not None
    assert image.content == content


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_no_such_image_is_none(name):
    whole = saved(name)
    for content in (b"", b"<svg/>", whole[:8], whole[:-6], whole[:30], b"\0" + whole):
        assert read_image(f"image/{name}", content) is None
    for other in FORMATS:
        assert name == other or read_image(f"image/{other}", whole) is None
    assert read_image("image/gif", whole) is None


@pytest.mark.parametrize("name", FORMATS)
def test_every_cut_and_every_changed_byte_is_an_image_or_none(name):
    whole = saved(name)
    for at in range(len(whole)):
        read_image(f"image/{name}", whole[:at])
        changed = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        found = read_image(f"image/{name}", changed)

        assert found is None or all(0 < side <= MOST_PIXELS for side in found.size)
        assert found is None or name != "png", "a checksum of a PNG tells of each change"


def test_a_picture_that_no_browser_shows_is_none():
    content = bytearray(saved("jpeg"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", 1, MOST_PIXELS + 1)

    assert read_image("image/jpeg", bytes(content)) is None
