"""A fence's words are held against the closed vocabulary; each mistake has its own answer."""

import re
from pathlib import Path

import pytest

from plugins.documents.parse import parse
from plugins.fences.executing.results import Limits
from plugins.fences.parsing.languages import canonical, known, lexer_name, nearest
from plugins.fences.parsing.understand import highlighted, understand
from plugins.fences.parsing.vocabulary import CLASSES, KEYS

DOCS = Path(__file__).parents[2] / "docs" / "FENCES.md"


def read(info, code="x = 1\n"):
    """Return the fence with that info string on line 3 of a post, and what is told of it."""
    text = f"Title: a\n\n~~~{info}\n{code}~~~\n"
    (fence,), diagnostics = understand(parse(text.encode(), "post.md").blocks)
    return fence, [str(diagnostic) for diagnostic in diagnostics]


def told(info, code="x = 1\n"):
    return read(info, code)[1]


def told_after_a_run(info):
    """Return what is told of a fence that stands after one that runs."""
    text = f"Title: a\n\n~~~python {{.run}}\nx = 1\n~~~\n\n~~~{info}\nx = 1\n~~~\n"
    return [str(found) for found in understand(parse(text.encode(), "post.md").blocks)[1]]


def test_a_fence_is_what_its_info_string_and_its_option_lines_say():
    code = "#| caption: Training loss\n#| timeout: 90\nx = 1\ny = 2\n"
    fence, diagnostics = read('Python3 {.run #fig-loss title="a b"}', code)

    assert diagnostics == []
    assert fence.language == "python"
    assert fence.classes == {"run"}
    assert fence.values == {"title": "a b", "caption": "Training loss", "timeout": "90"}
    assert fence.identifier == "fig-loss"
    assert fence.source == "x = 1\ny = 2\n"
    assert str(fence.line(2, 1)) == "post.md:7:1"
    assert fence.runs


@pytest.mark.parametrize(
    "info",
    [
        "python",
        "python {.run}",
        "python {.run timeout=0.5}",
        "python {.setup}",
        "python {.run raises=torch.OutOfMemoryError}",
        "bash {.run exit=2}",
        "python {.run session=none}",
        "python {.run session=training-2}",
        "python {.fragment}",
        'python {.skip why="needs 8 GPUs"}',
        'python {file=src/train.py title="The loop" caption="It loops" hl_lines="1"}',
        "python {.run file=train.py}",
        'python {.run alt="A falling curve"}',
        "text",
        "output",
        "rust",
        "{.python .run}",
        "python {.run #fig-1}",
    ],
)
def test_what_works_is_accepted(info):
    assert told(info) == []


MISTAKES = r"""
(nothing)
    3:1: the fence names no language [fence-unlabelled]
    name the language, such as ```python; ```text is never checked
{.run}
    3:1: the fence names no language [fence-unlabelled]
    name the language, such as ```python; ```text is never checked
pyhton
    3:1: unknown language pyhton [fence-language]
    did you mean python?
pytorch
    3:1: unknown language pytorch [fence-language]
    did you mean python?
jsn {.run}
    3:1: unknown language jsn [fence-language]
    did you mean json?
mermaid
    3:1: unknown language mermaid [fence-language]
    a language that no highlighter knows is written as `text`
text {.run}
    3:1: fences in text cannot run [fence-cannot-run]
    docs/FENCES.md lists those that can; a Jupyter kernel runs others, by kernel=
python {.runn}
    3: unknown option .runn [fence-option]
    did you mean .run?
python {.Run}
    3: unknown option .Run [fence-option]
    did you mean .run?
python {tiemout=5}
    3: unknown option tiemout= [fence-option]
    did you mean timeout=?
python {.capton}
    3: unknown option .capton [fence-option]
    did you mean caption=?
python {.xyz}
    3: unknown option .xyz [fence-option]
    docs/FENCES.md lists every option
python xyz
    3: unknown option xyz [fence-option]
    docs/FENCES.md lists every option
python run
    3: unknown option run [fence-option]
    it is a class: .run
python {run=true}
    3: unknown option run= [fence-option]
    it is a class: .run
python {.timeout}
    3: unknown option .timeout [fence-option]
    it takes a value: timeout=…
python {#fence-3}
    3:1: ids such as fence-3 are for the fences that have none [fence-id]
    name what the fence shows, such as #fig-loss
python {.run timeout=601}
    3: timeout may be 600 seconds at most [fence-option]
    it is 601 here
python {file="-x y.sh"}
    3: file takes a path without spaces, and no name that begins with a hyphen [fence-option]
    it is -x y.sh here
python {file=src/-x}
    3: file takes a path without spaces, and no name that begins with a hyphen [fence-option]
    it is src/-x here
python {.skip file=x why=y}
    3:1: a skipped fence writes no file [fence-option]
    leave out file=, or .skip; title= shows a name and writes nothing
python {.run timeout}
    3: unknown option timeout [fence-option]
    it takes a value: timeout=…
text {.bash}
    3: unknown option .bash [fence-option]
    the language comes first: ```bash {.run}
python {.run,timeout=6}
    3: unknown option .run,timeout=6 [fence-option]
    options are separated by spaces, not by ,
python {.run .run}
    3: run is given twice [fence-option]
    keep one of them
python {title=a title=b}
    3: title is given twice [fence-option]
    keep one of them
python {#a #b}
    3: an id is given twice [fence-option]
    keep one of them
python {timeout=60}
    3:1: timeout= needs .run [fence-option]
    write {.run timeout=…}
python {alt=a}
    3:1: alt= needs .run [fence-option]
    write {.run alt=…}
python {.run why=a}
    3:1: why= needs .skip [fence-option]
    write {.skip why=…}
python {.skip}
    3:1: .skip needs a reason [fence-option]
    readers are told why nothing was checked: {.skip why="needs 8 GPUs"}
python {.skip .run why=a}
    3:1: a fence cannot both run and be skipped [fence-option]
    keep one of the two
python {.run raises=A exit=1}
    3:1: a fence ends by raises= or by exit=, not both [fence-option]
    keep one of them
python {.run timeout=abc}
    3: timeout takes a number of seconds above 0, such as timeout=120 [fence-option]
    it is abc here
python {.run timeout=-1}
    3: timeout takes a number of seconds above 0, such as timeout=120 [fence-option]
    it is -1 here
python {.run timeout=0}
    3: timeout takes a number of seconds above 0, such as timeout=120 [fence-option]
    it is 0 here
python {file="../../x"}
    3: file takes a path inside the post's working folder, such as file=src/train.py [fence-option]
    it is ../../x here
python {file=/etc/x}
    3: file takes a path inside the post's working folder, such as file=src/train.py [fence-option]
    it is /etc/x here
python {file=~/x}
    3: file takes a path inside the post's working folder, such as file=src/train.py [fence-option]
    it is ~/x here
python {file=C:x}
    3: file takes a path inside the post's working folder, such as file=src/train.py [fence-option]
    it is C:x here
python {file=src/}
    3: file takes the path of a file, such as file=train.py [fence-option]
    it is src/ here
python {.run exit=256}
    3: exit takes an exit code from 0 to 255, such as exit=2 [fence-option]
    it is 256 here
python {.run raises="a b"}
    3: raises takes the name of an exception, such as raises=ValueError [fence-option]
    it is a b here
python {.run session=2}
    3: session takes a word of letters, digits and hyphens, such as session=training [fence-option]
    it is 2 here
python {title=""}
    3: title needs some words [fence-option]
    it is empty here
python {hl_lines=0}
    3: hl_lines takes line numbers, such as hl_lines="1 3-5" [fence-option]
    it is 0 here
python {hl_lines=3-1}
    3: hl_lines has a range that ends before it begins [fence-option]
    it is 3-1 here
python {hl_lines=1-99999999999}
    3:1: hl_lines names line 2 of 1 [fence-option]
    lines count from 1 at the first line of code
python {.run env=RANK}
    3: env takes names with values, such as env="RANK=0 WORLD_SIZE=2" [fence-option]
    it is RANK here
python {.run env="A='1"}
    3: env cannot be taken apart: no closing quotation [fence-option]
    it is A='1 here
python {.run cwd=../other}
    3: cwd takes a folder inside the post's working folder, such as cwd=data [fence-option]
    it is ../other here
python {.run seed=-1}
    3: seed takes a whole number from 0 to 4294967295, such as seed=42 [fence-option]
    it is -1 here
python {.run cols=wide}
    3: cols takes a width from 10 to 999 characters, such as cols=100 [fence-option]
    it is wide here
python {.run .diff}
    3:1: a change cannot run [fence-option]
    leave out .diff, or what makes it run
python {.run keep=3}
    3: keep takes names of variables, such as keep="loss steps" [fence-option]
    it is 3 here
bash {.run keep=loss}
    3:1: keep= is for fences in python, and this one is in bash [fence-option]
    leave out keep=
python {keep=loss}
    3:1: keep= needs .run [fence-option]
    write {.run keep=…}
python {.run reads=../data.csv}
    3: reads takes paths beside the post, such as reads="data/*.csv vocabulary.txt" [fence-option]
    it is ../data.csv here
python {.run reads=data/**.csv}
    3: reads takes paths beside the post, such as reads="data/*.csv vocabulary.txt" [fence-option]
    it is data/**.csv here
python {.run needs="gpu tpu"}
    3: needs takes gpu, net, ram:32G or cuda>=12, not tpu [fence-option]
    it is gpu tpu here
r {.run kernel=ir seed=3}
    3:1: seed= has no meaning with kernel= [fence-option]
    have the code itself do it, or leave out kernel=
console {.run kernel=bash}
    3:1: a transcript cannot run in a kernel [fence-option]
    name the language of its commands
r {.run kernel="a b"}
    3: kernel takes the name of a Jupyter kernel, such as kernel=ir [fence-option]
    it is a b here
r {kernel=ir}
    3:1: kernel= needs .run [fence-option]
    write {.run kernel=…}
bash {shell=fish}
    3: shell is one of bash, dash, ksh, sh, zsh [fence-option]
    it is fish here
python {.run shell=zsh}
    3:1: shell= is for fences in bash, and this one is in python [fence-option]
    leave out shell=
python {.run
    3: the options are not closed by } [fence-option]
    the whole info string stands on one line: ```python {.run timeout=60}
python {title="a}
    3: a value is opened by " and never closed [fence-option]
    close it, or escape a quote within it as \"
python {title=“a”}
    3: a curly quote “ where a straight one belongs [fence-option]
    write " or '
"""


def mistakes():
    """Yield info string, message and hint of each mistake above."""
    lines = MISTAKES.strip().split("\n")
    for info, message, hint in zip(*[iter(lines)] * 3, strict=True):
        yield info.replace("(nothing)", ""), message.strip(), hint.strip()


@pytest.mark.parametrize(("info", "message", "hint"), list(mistakes()))
def test_a_mistake_is_told_with_what_to_do(info, message, hint):
    assert told(info) == [f"post.md:{message}\n  hint: {hint}"]


def test_mistakes_of_option_lines_are_told_at_their_own_places():
    code = "#| timeout: abc\n#| title: a\n#| caption\n#| colour: b\nx = 1\n"

    assert told("python {.run title=b}", code) == [
        (
            "post.md:6:1: not an option line [fence-option]\n"
            "  hint: write one key a line: #| caption: Training loss"
        ),
        (
            "post.md:4:4: timeout takes a number of seconds above 0, such as timeout=120"
            " [fence-option]\n  hint: it is abc here"
        ),
        "post.md:5:4: title is given twice [fence-option]\n  hint: keep one of them",
        ("post.md:7:4: unknown option colour= [fence-option]\n  hint: did you mean cols=?"),
    ]


def test_the_places_of_option_lines_hold_in_lists_and_quotes():
    text = "- a\n\n  > ```python\n  > #| titel: a\n  > ```\n"
    diagnostics = understand(parse(text.encode(), "post.md").blocks)[1]

    assert [str(diagnostic.location) for diagnostic in diagnostics] == ["post.md:4:8"]


def test_an_id_names_one_fence():
    text = "```text {#a}\n```\n\n```text {#b}\n```\n\n```text {#a}\n```\n"
    diagnostics = understand(parse(text.encode(), "post.md").blocks)[1]

    assert [str(diagnostic) for diagnostic in diagnostics] == [
        (
            "post.md:7:1: the id a is taken: line 1 [fence-id]\n"
            "  hint: an id names one thing on a page"
        )
    ]


def test_highlighted_lines_are_numbers_and_ranges():
    fence, diagnostics = read('python {hl_lines="4 1-2, 2"}', "#| title: a\na\nb\nc\nd\n")

    assert diagnostics == []
    assert highlighted(fence) == [1, 2, 4]


def table_of_the_docs():
    """Return the signed words that stand first in rows of tables of docs/FENCES.md."""
    rows = re.findall(r"^\| (.*?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`\.?[a-z_-]+=?", row)}


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_is_accepted(name):
    assert told_after_a_run("python {." + name + (" why=a}" if name == "skip" else "}")) == []


VALUES = {
    "cols": "100",
    "env": "A=1",
    "exit": "1",
    "match": "ws",
    "hl_lines": "1",
    "max-lines": "9",
    "raises": "A",
    "kernel": "ir",
    "needs": "gpu",
    "seed": "1",
    "shell": "zsh",
    "timeout": "1",
}


@pytest.mark.parametrize("name", KEYS)
def test_every_key_is_accepted(name):
    beside = {"why": ".skip", "match": ".output"}.get(name, ".run")
    language = "bash" if name == "shell" else "python"

    assert told_after_a_run(f"{language} {{{beside} {name}={VALUES.get(name, 'a')}}}") == []


def test_a_match_on_a_fence_that_has_nothing_to_compare_is_told():
    said = "post.md:3:1: match= compares nothing here: the fence holds no `# =>` [fence-option]"

    assert [message.split("\n")[0] for message in told("python {.run match=ws}")] == [said]
    assert told("python {.run match=ws}", "1  # => 1\n") == []
    assert told("console {.run match=ws}", "$ echo a\na\n") == []


def test_the_vocabulary_is_that_of_the_design():
    """Every class and key of the design's tables is known, and the docs name no other."""
    design = {
        *("run", "setup", "hide-code", "hide-output", "measured", "skip", "fragment", "output"),
        *("collapse", "wrap", "linenos", "diff"),
    }
    keys = {
        *("session", "timeout", "raises", "exit", "match", "file", "keep", "reads", "env", "cwd"),
        *("seed", "shell", "cols", "max-lines", "needs", "title", "caption", "alt", "hl_lines"),
        *("why", "kernel"),
    }
    documented = {word.strip("`") for word in table_of_the_docs()}

    assert design == CLASSES.keys()
    assert keys == KEYS.keys()
    assert {word[1:] for word in documented if word.startswith(".")} <= design
    assert {word[:-1] for word in documented if word.endswith("=")} <= keys


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Python", "python"),
        ("py", "python"),
        ("python3", "python"),
        ("pycon", "pycon"),
        ("pytb", "pytb"),
        ("SH", "bash"),
        ("shell", "bash"),
        ("console", "console"),
        ("shell-session", "console"),
        ("C++", "cpp"),
        ("cu", "cuda"),
        ("yml", "yaml"),
        ("plaintext", "text"),
        ("output", "output"),
    ],
)
def test_a_language_has_one_name(name, language):
    assert known(name)
    assert canonical(name) == language
    assert known(language)


@pytest.mark.parametrize("name", ["pytorch", "pythonn", "bashh", "console2"])
def test_a_name_that_only_looks_like_a_language_is_none(name):
    assert not known(name)


def test_the_nearest_language_is_one_in_daily_use():
    assert {
        name: nearest(name) for name in ("pythn", "jsom", "tolm", "bahs", "konsole", "qqq")
    } == {
        "pythn": "python",
        "jsom": "json",
        "tolm": "toml",
        "bahs": "bash",
        "konsole": "console",
        "qqq": "",
    }


def test_languages_that_pygments_does_not_name_have_a_lexer():
    assert lexer_name("jsonc") == "json"
    assert lexer_name("patch") == "diff"
    assert lexer_name("text") == "text"


def test_a_fence_may_take_as_long_as_its_post():
    assert not KEYS["timeout"].check(f"{Limits().total}")
    assert KEYS["timeout"].check(f"{Limits().total + 1}")


def test_the_nearest_word_is_sought_for_the_first_mistakes_only():
    """Each search takes hundredths of a second; a post may have thousands of fences."""
    text = "".join("```pythonn {.runn}\nx\n```\n\n" for _ in range(200))
    _, found = understand(parse(f"Title: a\n\n{text}".encode(), "post.md").blocks)

    assert len(found) == 400
    assert "did you mean python?" in found[0].hint
    assert not any("did you mean" in one.hint for one in found[-200:])
