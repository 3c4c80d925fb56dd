"""What torch needs of a fence: sources to compile, processes that load, processes that train."""

import os
import sys
from pathlib import Path

import pytest

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.environment import Unavailable, prepare
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Result, Step
from plugins.fences.executing.sandbox import NoSandbox, find_sandbox
from plugins.fences.freezing.freeze import read_post

ROOT = Path(__file__).parents[1]

SCRIPTED = """\
import torch

@torch.jit.script
def norm(x: torch.Tensor, steps: int) -> torch.Tensor:
    for _ in range(steps):
        x = x / x.norm()
    return x

norm(torch.tensor([3.0, 4.0]), 2)
"""

LOADED = """\
from torch.utils.data import DataLoader, Dataset

class Squares(Dataset):
    def __len__(self):
        return 6

    def __getitem__(self, index):
        return torch.tensor(index ** 2)

[batch.tolist() for batch in DataLoader(Squares(), batch_size=3, num_workers=2)]
"""

SPAWNED = """\
import torch.multiprocessing as mp

def work(rank, queue):
    queue.put((rank, torch.arange(3).sum().item() * rank))

context = mp.get_context("spawn")
queue = context.SimpleQueue()
mp.spawn(work, (queue,), nprocs=2)
sorted([queue.get(), queue.get()])
"""

TRAIN = """\
import torch.distributed as dist
import torch

dist.init_process_group("gloo")
total = torch.tensor([dist.get_rank() + 1.0])
dist.all_reduce(total)
if dist.get_rank() == 0:
    print(f"{total.item():g} over {dist.get_world_size()} processes")
dist.destroy_process_group()
"""

LAUNCHED = "torchrun --standalone --nproc-per-node 2 train.py 2>/dev/null"

OUT_OF_MEMORY = "torch.empty(2**45)"


@pytest.fixture(scope="module")
def environment():
    """The environment of the welcome post, or one that uv makes without asking the network."""
    post = read_post(ROOT / "content" / "posts" / "welcome.md", "welcome.md")
    # torch is large: it comes from a folder where pip is told to look, or not at all.
    wheels = "torch-*-cp{}{}-*.whl".format(*sys.version_info)
    folder = os.environ.get("PIP_FIND_LINKS", "")
    with pytest.MonkeyPatch.context() as patch:
        if folder and list(Path(folder).glob(wheels)):
            patch.setenv("UV_FIND_LINKS", folder)
        else:
            patch.setenv("UV_OFFLINE", "1")
        found = prepare(post.requires, post.python, ROOT / ".cache" / "environments")
    if isinstance(found, Unavailable):
        pytest.skip(f"run `invoke freeze --all` once: {found.message}")
    return found


def test_fences_compile_load_train_and_run_out_of_memory(environment):
    sandbox = find_sandbox()
    sources = [SCRIPTED, LOADED, SPAWNED]
    steps = [Step(f"<fence {n}>", "python", each, "") for n, each in enumerate(sources, 1)]
    steps += [
        Step("<fence 4>", "python", TRAIN, "", file="train.py", run=False),
        Step("<fence 5>", "bash", LAUNCHED, ""),
        Step("<fence 6>", "python", OUT_OF_MEMORY, "", raises="RuntimeError"),
    ]
    conditions = Conditions(
        environment, sandbox=None if isinstance(sandbox, NoSandbox) else sandbox
    )
    outcomes = list(execute(steps, conditions))

    assert [type(each) for each in outcomes] == [Result] * 6, outcomes[-1]
    shown = ["".join(output.text for output in each.outputs) for each in outcomes]
    assert shown[:5] == [
        "tensor([0.6000, 0.8000])\n",
        "[[0, 1, 4], [9, 16, 25]]\n",
        "[(0, 0), (1, 3)]\n",
        "",
        "3 over 2 processes\n",
    ]
    assert shown[5].endswith(
        "you tried to allocate 140737488355328 bytes. Error code 12 (Cannot allocate memory)\n"
    )
