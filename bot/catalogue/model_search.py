"""Finds models by their names, and ranks them by how well they match the typed text."""

from collections.abc import Iterable, Mapping
from functools import cache

from bot.catalogue.model import Model

NO_MATCH = 9


def ranked(words: str, models: Iterable[Model], price: Mapping[str, int]) -> tuple[Model, ...]:
    """Return the models that match these plain words, best match first, then cheapest, then by name."""
    scored = ((_score(words, model), price[model.id], model.id, model) for model in models)
    return tuple(model for score, *_, model in sorted(scored, key=lambda row: row[:3]) if score < NO_MATCH)


def named(text: str, models: Iterable[Model]) -> tuple[Model, ...]:
    """Return the models of this name: the whole id, the part after its owner, or the label."""
    wanted = plain_words(text)
    return tuple(one for one in models if wanted in map(plain_words, (one.id, one.id.partition("/")[2], one.label)))


def plain_words(text: str) -> str:
    """Return a name as it is compared: in lower case, with single spaces between its words."""
    return " ".join(text.lower().replace("-", " ").replace("/", " ").replace("_", " ").split())


@cache
def _name(text: str) -> str:
    return plain_words(text)


def _score(words: str, model: Model) -> int:
    """Return how far the words are from the model's name: 0 for the name itself, NO_MATCH for no match."""
    label, whole = _name(model.label), _name(model.id)
    if words in {label, whole}:
        return 0
    for score, hit in enumerate(
        (
            label.startswith(words),
            f" {words}" in f" {label}",
            words in label,
            words in whole,
            all(word in whole for word in words.split()),
            _in_order(words.replace(" ", ""), label),
        ),
        start=1,
    ):
        if hit:
            return score
    return NO_MATCH


def _in_order(letters: str, label: str) -> bool:
    """Return whether the letters occur in the label in this order (`flxsch` in `flux schnell`)."""
    rest = iter(label)
    return all(letter in rest for letter in letters)
