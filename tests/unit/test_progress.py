"""How far a freeze is, and how long the rest will take."""

import pytest

from plugins.fences.freezing.progress import Progress, total


def test_posts_are_counted_with_the_time_and_the_rest():
    progress = Progress(100).expecting({"a": 60.0, "b": 30.0, "c": 30.0})
    progress = progress.showing("a", "a", "fence 1 of 2", 60.0, 100)

    assert progress.summary(130) == "0 of 3 posts, 0:30, about 1:30 left"
    progress = progress.showing("a", "a", "fence 2 of 2", 10.0, 140).ending("a")
    assert progress.summary(140) == "1 of 3 posts, 0:40, about 1:00 left"
    assert progress.ending("b").ending("c").summary(3800) == "3 of 3 posts, 1:01:40"


def test_posts_that_run_side_by_side_need_less_but_no_less_than_the_longest():
    progress = Progress(0).expecting({"a": 100.0, "b": 10.0, "c": 10.0})
    progress = progress.showing("a", "a", "", 100.0, 0).showing("b", "b", "", 10.0, 0)

    assert progress.rest(0) == 100
    assert progress.rest(10) == 90


def test_what_nobody_knows_takes_as_long_as_what_is_known():
    progress = Progress(0).expecting({"a": None, "b": 20.0, "c": 40.0})

    assert progress.rest(0) == 90
    assert Progress(0).expecting({"a": None}).rest(0) is None
    assert Progress(0).expecting({"a": None}).summary(5) == "0 of 1 post, 0:05"


def test_what_takes_longer_than_before_has_nothing_left_and_never_less():
    progress = Progress(0).expecting({"a": 5.0}).showing("a", "a", "", 5.0, 0)

    assert progress.rest(50) == 0


@pytest.mark.parametrize(
    ("seconds", "result"), [([], 0), ([1.0, 2.0], 6.0), ([1.0, None], None), ([None], None)]
)
def test_a_sum_is_known_where_each_is(seconds, result):
    assert total(seconds, 2) == result
