"""What a fence needs of the machine that runs it: `needs="gpu cuda>=12 ram:32G"`."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

_RAM = re.compile(r"ram:(\d{1,4})([MGT])")
_CUDA = re.compile(r"cuda(>=|<=|==|>|<)(\d{1,3}(?:\.\d{1,3})?)")
_UNITS = {"M": 2**20, "G": 2**30, "T": 2**40}

_COMPARES: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Needs:
    """What must be there for a fence to run."""

    gpu: bool = False
    net: bool = False
    """Other machines, by their network."""
    ram: int = 0
    """Bytes of memory."""
    cuda: tuple[tuple[str, str], ...] = ()
    """Versions that the GPU's driver must have, such as `>=` and `12.4`."""

    def __or__(self, other: "Needs") -> "Needs":
        """Return what both together need."""
        cuda = tuple(dict.fromkeys([*self.cuda, *other.cuda]))
        ram = max(self.ram, other.ram)
        return Needs(self.gpu or other.gpu, self.net or other.net, ram, cuda)


@dataclass(frozen=True)
class Machine:
    """What a machine has of it."""

    gpus: tuple[str, ...] = ()
    """Their names."""
    cuda: str = ""
    """The version of CUDA that their driver knows, such as `12.8`."""
    ram: int = 0
    """Bytes of memory."""


def parse_needs(value: str) -> Needs:
    """
    Return what `needs=` asks for.

    Raises:
        ValueError: A word of it means nothing; its argument is that word.
    """
    needs = Needs()
    for word in value.replace(",", " ").split():
        if word in {"gpu", "net"}:
            needs |= Needs(gpu=word == "gpu", net=word == "net")
        elif (found := _RAM.fullmatch(word)) and int(found[1]):
            needs |= Needs(ram=int(found[1]) * _UNITS[found[2]])
        elif found := _CUDA.fullmatch(word):
            needs |= Needs(gpu=True, cuda=((found[1], found[2]),))
        else:
            raise ValueError(word)
    return needs


def lacking(needs: Needs, machine: Machine) -> str:
    """Return what *machine* has not of what is needed, such as `a GPU`; `""` if it has all."""
    gpu = needs.gpu and not machine.gpus
    cuda = tuple(
        (sign, version)
        for sign, version in needs.cuda
        if not (machine.cuda and _COMPARES[sign](_parts(machine.cuda), _parts(version)))
    )
    ram = needs.ram if needs.ram > machine.ram else 0
    return in_words(Needs(gpu=gpu or bool(cuda), ram=ram, cuda=cuda))


def in_words(needs: Needs) -> str:
    """Return what of *needs* not every machine has: `a GPU with CUDA >= 12 and 32 GiB of memory`.

    It is `""` where every machine has it.
    """
    parts = []
    if needs.gpu:
        versions = ", ".join(f"{sign} {version}" for sign, version in needs.cuda)
        parts.append(f"a GPU with CUDA {versions}" if versions else "a GPU")
    if needs.ram:
        parts.append(f"{needs.ram / 2**30:g} GiB of memory")
    return " and ".join(parts)


def _parts(version: str) -> tuple[int, ...]:
    """Return the numbers of *version*, as many as versions of CUDA have: two."""
    numbers = [int(part) for part in re.findall(r"\d+", version)]
    return tuple([*numbers, 0, 0][:2])
