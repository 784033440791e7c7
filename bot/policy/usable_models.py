"""The models that someone may use in a place."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Self, TypeVar

from bot.catalogue.model import Model

T = TypeVar("T")


class UsableModels(AbstractSet[str]):
    """The ids of the models that someone may use in a place.

    Each model is judged on first use, because most orders need only one of many.
    """

    def __init__(self, models: Iterable[Model], may_use: Callable[[Model], bool]) -> None:
        self._models = {model.id: model for model in models}
        self._may_use = may_use
        self._judged: dict[str, bool] = {}

    @classmethod
    def none(cls) -> Self:
        """Return a set without models."""
        return cls((), lambda _: False)

    def __contains__(self, model: object) -> bool:
        """Return whether the model with this id may be used."""
        found = self._models.get(model) if isinstance(model, str) else None
        if found is None:
            return False
        if found.id not in self._judged:
            self._judged[found.id] = self._may_use(found)
        return self._judged[found.id]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids in the order of the models."""
        return (model for model in self._models if model in self)

    @classmethod
    def _from_iterable(cls, it: Iterable[T]) -> AbstractSet[T]:
        """Return the result of a set operation."""
        return frozenset(it)

    def __len__(self) -> int:
        """Return the number of models that may be used."""
        return sum(1 for _ in self)
