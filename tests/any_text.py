"""Markdown that no author would write, and that no reader of Markdown may stumble over."""

import random

PIECES = """\
text|a $x$ b|$a|b$|$$|$$x$$|\\(a|\\)|\\[|\\]|\\begin{align}|\\end{align}|x &= y|a \\\\|```python|```
~~~|````|- |1. |2) |> |    |  |\t|!!! note|[^1]: note|:   def|Term|# head|***|---|===|<div>|</div>
<!--|-->|`code $x$`|``a|[a $b$](c$d)|![i $x$](u)|*e $y$*|**|\\$5|$5 and $10|\\|\x01|é
\ue000|zq0qz|{ .x }
[TOC]|http://a/$b|<span title='$a'>|&amp;|\x02wzxhzdk:0\x03|\u2028|\x0c|\x85| x|𝔸 $y$\
""".replace("\n", "|").split("|")
BEFORE = ["", "", "> ", "- ", "  ", "    ", "1. ", "\t"]


def any_text(seed):
    """Return Markdown that no author wrote, the same for the same *seed*."""
    chance = random.Random(seed)  # noqa: S311 - nothing here is a secret.
    lines = [
        "".join(chance.choices(BEFORE, k=chance.randint(0, 3)))
        + " ".join(chance.choices(PIECES, k=chance.randint(0, 3)))
        for _ in range(chance.randint(1, 14))
    ]
    return "Title: any\n\n" + "\n".join(lines) + chance.choice(["", "\n"])
