"""Finds display names for the catalogue's ids of voices, styles and colours, and a one-line description of each model.

The texts are in `names.<locale>.ftl`. A value without a name, such as that of a model added by the operator, is shown
as it is.
"""

from dataclasses import replace

from bot.catalogue.colours import css_name
from bot.catalogue.model import Model
from bot.catalogue.order import Order
from bot.chat.texts.texts import Speech, Texts

NAMED = ("voice", "style")
"""The options whose values have names."""

COLOUR = "background"
"""The option whose value is a colour. The common ones have names; others keep their CSS names, or their codes."""

TYPED = (*NAMED, "lora", "resolution")
"""The options whose values are found whatever case they are typed in."""

_KEY = str.maketrans({"/": "__", " ": "_", ".": "_"})


def name_of(option: str, value: str, say: Speech) -> str:
    """Return the display name of an option's value."""
    if option == COLOUR:
        value = css_name(value)
    key = f"{option}-{value.translate(_KEY)}"
    return say(key) if option in (*NAMED, COLOUR) and say.has(key) else value


def about(model: Model, say: Speech) -> str:
    """Return the one-line description of a model; empty if there is none."""
    key = f"about-{model.id.translate(_KEY)}"
    return say(key) if say.has(key) else ""


class TypedNames:
    """Finds values by the names that people type instead of picking a suggestion, in any language."""

    def __init__(self, texts: Texts) -> None:
        self._speeches = texts.every()

    def resolved(self, order: Order, models: tuple[Model, ...]) -> Order:
        """Return the order with its voice, style and so on in the form that one of these models knows."""
        found = {option: self._value(option, typed, models) for option in TYPED if (typed := getattr(order, option))}
        return replace(order, **found) if found else order

    def _value(self, option: str, typed: str, models: tuple[Model, ...]) -> str:
        wanted = typed.strip().casefold()
        values = dict.fromkeys(str(value) for model in models for value in model.values(option))
        return next((value for value in values if wanted in self._names(option, value)), typed)

    def _names(self, option: str, value: str) -> set[str]:
        return {value.casefold(), *(name_of(option, value, say).casefold() for say in self._speeches)}
