"""How the machine chooses its next step: by weights, among what is possible.

Hypothesis' own choice switches half of all rules off in each example: a protocol that needs most of them to get
anywhere would mostly stand still.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hypothesis import strategies as st

M = TypeVar("M")


@dataclass(frozen=True)
class Step(Generic[M]):
    """A step with its arguments; Hypothesis prints it as a call."""

    take: Callable[..., None]
    arguments: dict[str, Any]

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.take.__name__}({arguments})"


class Choices(Generic[M]):
    """The steps that a machine knows."""

    def __init__(self) -> None:
        self._steps: list[tuple[int, Callable[[M], object], st.SearchStrategy[Step[M]]]] = []

    def step(
        self, weight: int, when: Callable[[M], object] = lambda _: True, **arguments: st.SearchStrategy[Any]
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Decorate a step with its weight among those that are possible, and with its arguments."""

        def known(take: Callable[..., None]) -> Callable[..., None]:
            step = st.fixed_dictionaries(arguments).map(lambda drawn: Step[M](take, drawn))
            self._steps.append((weight, when, step))
            return take

        return known

    def possible(self, machine: M) -> st.SearchStrategy[Step[M]]:
        """One of the steps that the machine can take now."""
        weighted = [step for weight, when, step in self._steps if when(machine) for _ in range(weight)]
        return st.sampled_from(weighted).flatmap(lambda step: step)
