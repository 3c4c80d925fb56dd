"""Images that are what their media type says: their size, and nothing behind their end.

The formats are those of the PNG specification (W3C), of ITU T.81 (JPEG) and of RFC 9649 (WebP).
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_PIXELS = 16_384
"""Of a side: more, no browser shows."""

_PNG = b"\x89PNG\r\n\x1a\n"

_SAID = frozenset({b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"})
"""The chunks of a PNG that draw nothing: who made it, when and where."""

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""The markers of a JPEG behind which its size stands."""

_ALONE = frozenset({0x01, *range(0xD0, 0xDA)})
"""The markers of a JPEG that have no length."""


@dataclass(frozen=True)
class Image:
    """A picture made of pixels."""

    content: bytes
    size: tuple[int, int]
    """Width and height in pixels, neither of them 0."""


def read_image(media_type: str, content: bytes) -> Image | None:
    """Return the image of *media_type* that *content* is; None if it is none."""
    try:
        image = _READERS[media_type](content)
    except (KeyError, IndexError, struct.error):
        return None
    is_sound = image is not None and all(0 < side <= MOST_PIXELS for side in image.size)
    return image if is_sound else None


def _png(content: bytes) -> Image | None:
    """Return the PNG without what it says of its making: the same picture is the same bytes."""
    if not content.startswith(_PNG):
        return None
    kept, names = [_PNG], []
    for name, chunk in _chunks(content):
        names.append(name)
        kept += [chunk] if name not in _SAID else []
    if names[:1] != [b"IHDR"] or names[-1] != b"IEND" or b"IDAT" not in names:
        return None
    return Image(b"".join(kept), struct.unpack_from(">II", content, 16))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the bytes of each whole chunk of a PNG, up to its end."""
    at, name = len(_PNG), b""
    while name != b"IEND" and at + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        chunk = content[at : at + 12 + length]
        (found,) = struct.unpack_from(">I", chunk, len(chunk) - 4)
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != found:
            yield b"", b""
            return
        yield name, chunk
        at += len(chunk)


def _jpeg(content: bytes) -> Image | None:
    if not content.startswith(b"\xff\xd8\xff") or not content.rstrip(b"\0").endswith(b"\xff\xd9"):
        return None
    at = 2
    while content[at] == 0xFF:  # noqa: PLR2004 - what begins a marker.
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Image(content, (width, height))
        if marker in _ALONE:
            at += 2
        else:
            (length,) = struct.unpack_from(">H", content, at + 2)
            at += 2 + length
    return None


def _webp(content: bytes) -> Image | None:
    mark, length, kind = struct.unpack_from("<4sI4s", content)
    if (mark, kind) != (b"RIFF", b"WEBP") or length + 8 != len(content):
        return None
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return Image(content, (width & 0x3FFF, height & 0x3FFF))
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return Image(content, ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        case b"VP8X":
            width, height = (int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
            return Image(content, (width + 1, height + 1))
    return None


_READERS: dict[str, Callable[[bytes], Image | None]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
}
