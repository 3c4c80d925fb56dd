"""What a value says of itself beside its `repr`, as notebooks ask it.

Read by `worker.py` in the interpreter of the post, and only where a value has such a method: with
the standard library alone. The methods are those of IPython's documentation, "Integrating your
objects with IPython".
"""

from __future__ import annotations

import binascii
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_METHODS = {
    "text/html": "_repr_html_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "text/latex": "_repr_latex_",
    "text/markdown": "_repr_markdown_",
}
"""Best first, for a page that is static: what holds text before pictures."""

_ONLY_IN_BUNDLES = ("image/webp",)

_IN_BASE64 = {"image/png", "image/jpeg", "image/webp"}


def representations(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the media type and content of each representation of *value*, the best first.

    The content of an image that is no SVG is in base64.

    Raises:
        TypeError: A method returned what is neither text, nor bytes, nor None.
        Exception: A method raised it.
    """
    bundle = _bundle(value)
    has_image = False
    for media_type in (*_METHODS, *_ONLY_IN_BUNDLES):
        is_image = media_type in _IN_BASE64
        # One picture will do: to encode it again as JPEG takes time.
        if is_image and has_image:
            continue
        content = bundle.get(media_type)
        name = _METHODS.get(media_type, "_repr_mimebundle_")
        if content is None and media_type in _METHODS:
            content = _ask(value, name)
        if content is None:
            continue
        has_image = has_image or is_image
        yield media_type, _text(content, name, is_bytes=is_image)


def without_address(text: str) -> str:
    """Return the `repr` *text* without where the object is in memory: elsewhere the next time."""
    return re.sub(r" at 0x[0-9A-Fa-f]+(?=>)", "", text)


def _bundle(value: Any) -> dict[str, Any]:
    # With what IPython names, which some methods require.
    bundle = _ask(value, "_repr_mimebundle_", include=None, exclude=None)
    if bundle is None:
        return {}
    if not isinstance(bundle, dict):
        raise TypeError(f"_repr_mimebundle_ returned {type(bundle).__name__}, not dict")
    return bundle


def _ask(value: Any, name: str, **options: None) -> Any:
    # As with `__repr__`, what counts is the class: some objects have every attribute asked for.
    method = getattr(type(value), name, None)
    if not callable(method):
        return None
    content = method(value, **options)
    # Some add metadata.
    return content[0] if isinstance(content, tuple) and content else content


def _text(content: Any, name: str, *, is_bytes: bool) -> str:
    if isinstance(content, list) and all(isinstance(line, str) for line in content):
        content = "".join(content)
    if isinstance(content, bytes | bytearray):
        data = bytes(content)
        return binascii.b2a_base64(data, newline=False).decode() if is_bytes else data.decode()
    if isinstance(content, str):
        # As text, bytes come in base64.
        return "".join(content.split()) if is_bytes else str(content)
    raise TypeError(f"{name} returned {type(content).__name__}, not str")
