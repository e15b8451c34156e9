"""A vector as named blocks in a row: written once, read by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from footstrike.brief import brief


@dataclass(frozen=True)
class Blocks:
    """Sizes of the blocks of a vector, in their order."""

    __repr__ = brief

    sizes: Mapping[Any, int]

    def __getitem__(self, name: Any) -> slice:
        """Where a block lies."""
        start = 0
        for known, size in self.sizes.items():
            if known == name:
                return slice(start, start + size)
            start += size
        raise KeyError(name)

    def split(self, vector: Any) -> dict[Any, Any]:
        """The blocks of a vector (symbols or numbers) by name."""
        return {name: vector[self[name]] for name in self.sizes}

    @property
    def total(self) -> int:
        """Length of the vector."""
        return sum(self.sizes.values())
