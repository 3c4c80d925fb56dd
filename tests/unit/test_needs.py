"""What a fence needs of a machine is said by its author and compared with what is there."""

import pytest

from plugins.fences.parsing.needs import Machine, Needs, in_words, lacking, parse_needs

H100 = Machine(gpus=("NVIDIA H100",), cuda="12.4", ram=64 * 2**30)
LAPTOP = Machine(ram=16 * 2**30)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gpu", "a GPU"),
        ("net", ""),
        ("ram:32G", "32 GiB of memory"),
        ("ram:512M", "0.5 GiB of memory"),
        ("cuda>=12", "a GPU with CUDA >= 12"),
        ("gpu, ram:80G", "a GPU and 80 GiB of memory"),
        ("cuda>=12.1 cuda<13 net", "a GPU with CUDA >= 12.1, < 13"),
    ],
)
def test_needs_are_said_in_words(value, words):
    assert in_words(parse_needs(value)) == words


@pytest.mark.parametrize("word", ["tpu", "ram:0G", "ram:32", "cuda=12", "cuda>=a", "GPU"])
def test_a_word_that_means_nothing_is_named(word):
    with pytest.raises(ValueError, match=f"^{word}$"):
        parse_needs(f"gpu {word}")


@pytest.mark.parametrize(
    ("value", "machine", "lacks"),
    [
        ("gpu", H100, ""),
        ("gpu", LAPTOP, "a GPU"),
        ("net", LAPTOP, ""),
        ("ram:16G", LAPTOP, ""),
        ("ram:17G", LAPTOP, "17 GiB of memory"),
        ("cuda>=12 cuda<13", H100, ""),
        ("cuda==12.4", H100, ""),
        ("cuda>12.4", H100, "a GPU with CUDA > 12.4"),
        ("cuda<=12", H100, "a GPU with CUDA <= 12"),
        ("cuda<13", Machine(gpus=("one without a driver",)), "a GPU with CUDA < 13"),
    ],
)
def test_a_machine_has_it_or_what_it_lacks_is_named(value, machine, lacks):
    assert lacking(parse_needs(value), machine) == lacks


def test_what_two_fences_need_is_needed_together():
    both = parse_needs("ram:8G cuda>=12") | parse_needs("net ram:4G cuda>=12")

    assert both == Needs(gpu=True, net=True, ram=8 * 2**30, cuda=((">=", "12"),))
