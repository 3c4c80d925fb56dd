"""What the author is told, and in which order."""

import json
import random
from datetime import UTC, datetime
from types import SimpleNamespace

from plugins.diagnostics import Diagnostic, Location, Severity, our_mistake
from plugins.diagnostics.collection import Collection, failed, report, report_json
from plugins.diagnostics.counting import count
from plugins.diagnostics.future import still_to_come
from plugins.diagnostics.plugin import collection, start

ERROR = Diagnostic(Location("a.md", 2), "some-code", "what happened", "what to try")
WARNING = Diagnostic(Location("a.md", 2, 7), "b", "it may be", severity=Severity.WARNING)


def test_a_diagnostic_is_a_place_a_message_a_code_and_a_hint():
    assert str(ERROR) == "a.md:2: what happened [some-code]\n  hint: what to try"
    assert str(WARNING) == "a.md:2:7: warning: it may be [b]"
    assert (
        str(Diagnostic(Location("a.md"), "c", "of the whole file")) == "a.md: of the whole file [c]"
    )


def test_nothing_in_a_diagnostic_acts_on_the_terminal():
    told = str(Diagnostic(Location("a\x1b.md"), "c", "red \x1b[31m\u202e", "a\nb"))

    assert told == "a\\x1b.md: red \\x1b[31m\\u202e [c]\n  hint: a\\nb"


def test_diagnostics_are_sorted_by_place_whatever_the_order_they_came_in():
    places = [("a.md", 0), ("a.md", 2), ("a.md", 10), ("b.md", 1)]
    in_order = [Diagnostic(Location(*place), "c", "m") for place in places]
    found = Collection()
    found.add(random.sample(in_order, len(in_order)))

    assert found.sorted() == in_order


def test_the_same_diagnostic_twice_counts_once():
    found = Collection()
    found.add([ERROR, ERROR])
    found.add([ERROR])

    assert found.sorted() == [ERROR]


def test_a_report_counts_errors_warnings_and_files():
    other = Diagnostic(Location("b.md"), "c", "m")

    assert report([]) == ""
    assert report([ERROR]).endswith("\n1 error in 1 file\n")
    assert report([WARNING]).endswith("\n1 warning in 1 file\n")
    assert report([ERROR, WARNING, other]).endswith("\n2 errors and 1 warning in 2 files\n")


def test_only_errors_fail():
    assert not failed([])
    assert not failed([WARNING])
    assert failed([WARNING, ERROR])


def test_an_error_is_known_of_its_file_and_a_warning_is_none():
    found = Collection()
    found.add([WARNING])
    assert not found.has_error("a.md")
    found.add([ERROR])

    assert found.has_error("a.md")
    assert not found.has_error("b.md")


def test_programs_read_a_report_too():
    (first,) = json.loads(report_json([ERROR], {"post": 3}))["diagnostics"]

    assert first["location"] == {"path": "a.md", "line": 2, "column": 0}
    assert (first["code"], first["severity"]) == ("some-code", "error")


def test_what_was_read_is_counted_by_what_it_is():
    contents = [
        ("Article", "published"),
        ("Page", "published"),
        ("Article", "draft"),
        ("Page", "draft"),
        ("Page", "hidden"),
        ("Article", "skip"),
    ]

    assert count(contents) == {"post": 1, "page": 1, "draft": 2, "hidden page": 1}


def test_a_post_whose_day_has_not_come_is_warned_of_on_the_line_of_its_date():
    date = datetime(2030, 1, 2, 10, 0, tzinfo=UTC)
    text = "---\ntitle: Later\nupdate: no\ndate: 2030-01-02 10:00\n---\n"

    assert str(still_to_come("later.md", text, date, "drafts/later/")) == (
        "later.md:4: warning: 2030-01-02 10:00 UTC is still to come: until then this is a draft at "
        "drafts/later/ [post-future]\n"
        "  hint: build again after that time, or write an earlier `Date:`"
    )
    assert still_to_come("later.md", "Title: no date\n", date, "").location.line == 0


def test_a_mistake_of_ours_names_the_post_and_asks_for_a_report():
    told = str(our_mistake("a.md", ValueError("too few")))

    assert told.startswith(
        "a.md: AI Terminal failed on this post: ValueError: too few [internal-er"
    )
    assert "please report it" in told


def test_a_cache_that_would_skip_all_checks_is_refused(tmp_path):
    settings = {"PATH": str(tmp_path), "CACHE_CONTENT": True}
    start(SimpleNamespace(settings=settings))

    assert settings["CACHE_CONTENT"] is False
    assert [found.code for found in collection(settings).sorted()] == ["setting-cache"]
