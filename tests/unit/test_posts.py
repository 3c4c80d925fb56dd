"""A new post gets the address that Pelican would give it."""

import pytest
from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify as pelicans

from plugins.posts.new import slugify


@pytest.mark.parametrize(
    "title",
    [
        "LoRA from scratch",
        "Größe, façade & naïve",
        "注意力机制",
        "<em>Fast</em> &amp; <code>exact</code>",
        "a < b and c > d",
        "  --flags -- and   spaces  ",
        "KV-cache: 2×, ½ the memory",
        "snake_case_names",
        "№ ﬁ ＡＢＣ",
        "…?!",
        "🤖",
        "",
    ],
)
def test_a_slug_is_pelicans(title):
    expected = pelicans(title, regex_subs=DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"])

    assert slugify(title) == expected
