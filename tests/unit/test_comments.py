"""Comments that say what a statement is: where they stand, and what they are held against."""

import sys
from pathlib import Path

import pytest

from plugins.documents.parse import parse
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Result, Step
from plugins.fences.freezing.post import look_at
from plugins.fences.parsing.comments import Comment, comments_in

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


def told(source, **kwargs):
    """Return what a worker says the statements are that end on lines with `# =>`."""
    lines = tuple(comment.line for comment in comments_in(source))
    step = Step("<fence 1>", "python", source, "", comments=lines, **kwargs)
    (result,) = execute([step], Conditions(HERE))
    assert isinstance(result, Result), result
    return dict(result.comments), "".join(output.text for output in result.outputs)


def test_a_comment_is_found_where_python_sees_one():
    source = 'x = "# => no"  # => yes\n# a comment  # => no\n#=>also\ny = 1  # -> no\n'

    assert comments_in(source) == (Comment(1, 16, "yes"), Comment(3, 1, "also"))
    assert comments_in("x = (  # =>") == (Comment(1, 8, ""),)


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("1 + 1", "2"),
        ("'a'", "'a'"),
        ("None", "None"),
        ("print('a', 1)", "a 1\n"),
        ("print()", "\n"),
        ("x = [1]", "[1]"),
        ("x, y = z = 1, 2", "(1, 2)"),
        ("x = print('printed')", "None"),
        ("x: int = 3", "3"),
        ("x = 4; x += 1", "5"),
        ("d = {}; d['k'] = 1", "1"),
        ("x = (\n    1,\n)", "(1,)"),
        ("import os; os.write(1, b'')", "0"),
        ("await __import__('asyncio').sleep(0, 'slept')", "'slept'"),
        ("assert True", ""),
        ("import os", ""),
    ],
)
def test_a_statement_is_its_value_or_what_it_printed(statement, text):
    line = statement.count("\n") + 1

    assert told(f"{statement}  # =>")[0] == {line: text}


def test_the_statements_between_run_in_order_and_no_name_is_left():
    source = "a = 1\nb = a + 1  # => 2\nc = b + 1\nc  # => 3\nsorted(set(dir()) - {'x'})[0]\n"
    comments, printed = told(source)

    assert comments == {2: "2", 4: "3"}
    # What is marked is not shown again; what is not, is.
    assert printed == "'__builtins__'\n"
    assert "__what" not in told("x = 1  # => 1\nprint(dir())\n")[1]


def test_what_a_fence_prints_is_shown_whether_a_comment_tells_of_it_or_not():
    assert told("print('a')\nprint('b')  # => b\nprint('c')\n")[1] == "a\nb\nc\n"


def test_a_statement_that_is_not_reached_is_not_told():
    assert told("1  # => 1\nint('x')\n2  # => 2\n", raises="ValueError")[0] == {1: "1"}


def test_what_nothing_verifies_is_told():
    text = """Title: x

```python {.run}
total = sum([
    1,  # => 1
])
if total:
    total  # => 1
match total:
    case 1: total  # => 1
```

```python
total  # => 1
```

```python {.run file=a.py}
1  # => 1
```
"""
    post = look_at(parse(text.encode(), "a.md"), Path("a.md"))

    assert [str(found).splitlines()[0] for found in post.diagnostics] == [
        "a.md:5:9: no statement ends here whose value or output this could be [fence-comment]",
        "a.md:8:12: no statement ends here whose value or output this could be [fence-comment]",
        "a.md:10:20: no statement ends here whose value or output this could be [fence-comment]",
        "a.md:14:8: warning: nothing verifies this comment: the fence does not run [fence-comment]",
        "a.md:18:4: nothing verifies this comment: the fence runs as a script [fence-comment]",
    ]
