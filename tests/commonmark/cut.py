"""Cut the examples with code blocks out of CommonMark's spec.txt, which the command line names."""

import json
import re
import sys
from pathlib import Path

_EXAMPLE = re.compile(
    r"^`{32} example\n(?P<markdown>.*?)^\.\n(?P<html>.*?)^`{32}$|^#+ +(?P<section>[^\n]*)$",
    re.MULTILINE | re.DOTALL,
)


def cut(spec: str) -> list[dict[str, object]]:
    """Return the examples whose Markdown or HTML holds what is, or looks like, a code block."""
    examples: list[dict[str, object]] = []
    section = ""
    number = 0
    for match in _EXAMPLE.finditer(spec.replace("→", "\t")):
        if match["section"]:
            section = match["section"]
            continue
        number += 1
        markdown, html = match["markdown"], match["html"]
        if "<pre><code" in html or re.search("`{3}|~{3}", markdown):
            examples.append(
                {"number": number, "section": section, "markdown": markdown, "html": html}
            )
    return examples


if __name__ == "__main__":
    examples = cut(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(examples, indent=1, ensure_ascii=False) + "\n"
    Path(__file__).with_name("examples.json").write_text(text, encoding="utf-8")
