"""Chance without order: a number that follows from seed, year, stream and person alone.

The mixing function is that of SplitMix64 (Steele, Lea and Flood, 2014). A person has the same numbers in
whatever part of a population, and under every proposal: common random numbers.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MASK = 2**64 - 1
GAMMA = 0x9E3779B97F4A7C15
FIRST_FACTOR = 0xBF58476D1CE4E5B9
SECOND_FACTOR = 0x94D049BB133111EB

Draws = NDArray[np.uint64]


def mixed(number: int) -> int:
    """Return 64 bits of which each depends on every bit of `number`."""
    number = (number ^ (number >> 30)) * FIRST_FACTOR & MASK
    number = (number ^ (number >> 27)) * SECOND_FACTOR & MASK
    return number ^ (number >> 31)


@lru_cache(maxsize=1024)
def key(seed: int, year: int, stream: int) -> int:
    """Return the number that tells one use of chance from all others."""
    found = mixed((seed + GAMMA) & MASK)
    found = mixed((found + year * GAMMA) & MASK)
    return mixed((found + (stream + 1) * GAMMA) & MASK)


def draws(seed: int, year: int, stream: int, first: int, last: int) -> Draws:
    """Return 64 bits for each of the persons `first` up to and including `last`."""
    number = np.arange(first, last + 1, dtype=np.uint64)
    number = number * np.uint64(GAMMA) + np.uint64(key(seed, year, stream))
    number = (number ^ (number >> np.uint64(30))) * np.uint64(FIRST_FACTOR)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(SECOND_FACTOR)
    return number ^ (number >> np.uint64(31))


def part(numbers: Draws, place: int) -> NDArray[np.int64]:
    """Return the 16 bits at `place` (0 to 3), from 0 to 65,535."""
    return ((numbers >> np.uint64(16 * place)) & np.uint64(0xFFFF)).astype(np.int64)
