"""Describes an order before it starts: what its result will be like, and what a cheaper one lacks in comparison."""

from bot.catalogue.model import Model
from bot.catalogue.order import Order
from bot.catalogue.traits import Traits
from bot.chat.cards.job_card import subject
from bot.chat.ordering.cheaper_models import Alternative
from bot.chat.texts import wording
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.value_names import about, name_of
from bot.jobs.recipe import options
from bot.money import show

VALUE_CHARACTERS = 100
FILES_SHOWN = 4

SHOWN_OTHERWISE = frozenset({
    "prompt", "prompt_end", "text", "what", "count", "seconds", "resolution", "aspect",
})  # fmt: skip
"""The options that an order's subject or traits already show."""


def summary(order: Order, made: Traits, say: Speech) -> str:
    """Return lines about what determines an order's price and result, besides the model."""
    names = [plain(file.name, VALUE_CHARACTERS) for file in order.files if not file.alpha_of][:FILES_SHOWN]
    files = f"📎 {', '.join(names)}" if names else ""
    lines = (" · ".join((*_traits(made, say), *_options(order, say))), subject(order), files)
    return "\n".join(dict.fromkeys(line for line in lines if line))


def cheaper_line(wanted: Order, made: Traits, price_mcr: int, offered: Alternative, say: Speech) -> str:
    """Return a line about a cheaper order: what it lacks in comparison with the wanted one, and how much it saves.

    If nothing is known to be missing, it describes the other model.
    """
    lost = _lacking(made, offered.made, say)
    if not lost and offered.model.id != wanted.model:
        lost = _other_model(offered.model, say)
    change = say("comma").join((*lost, say("saves", percent=_saved(price_mcr, offered.mcr))))
    return say("cheaper-line", model=f"**{plain(offered.model.label)}**", amount=show(offered.mcr), change=change)


def _other_model(model: Model, say: Speech) -> list[str]:
    described = about(model, say)
    return [say("other-model", about=described)] if described else []


def _saved(wanted_mcr: int, offered_mcr: int) -> str:
    return str((wanted_mcr - offered_mcr) * 100 // wanted_mcr)


def _traits(made: Traits, say: Speech) -> list[str]:
    parts = [say("results", count=made.outputs)] if made.outputs > 1 else []
    if made.seconds is not None:
        parts.append(wording.duration(float(made.seconds), say))
    parts += [plain(part, VALUE_CHARACTERS) for part in (made.resolution, made.aspect) if part]
    if made.sound is not None:
        parts.append(say("with-sound" if made.sound else "no-sound"))
    return parts


def _options(order: Order, say: Speech) -> list[str]:
    given = {name: value for name, value in options(order).items() if name not in SHOWN_OTHERWISE}
    if order.seed is not None:
        given["seed"] = str(order.seed)
    given |= dict(order.advanced or ())
    return [
        f"{wording.option(name, say)} {plain(name_of(name, value, say), VALUE_CHARACTERS)}"
        for name, value in given.items()
    ]


def _lacking(wanted: Traits, offered: Traits, say: Speech) -> list[str]:
    lost: list[str] = []
    if wanted.seconds is not None and offered.seconds is not None and offered.seconds != wanted.seconds:
        less, more = (wording.duration(float(one), say) for one in (offered.seconds, wanted.seconds))
        lost.append(say("in-place-of", less=less, more=more))
    if offered.outputs < wanted.outputs:
        lost.append(say("in-place-of", less=say("results", count=offered.outputs), more=str(wanted.outputs)))
    if wanted.sound and not offered.sound:
        lost.append(say("no-sound"))
    both = wanted.resolution and offered.resolution
    if both and offered.resolution != wanted.resolution:
        lost.append(say("in-place-of", less=str(offered.resolution), more=str(wanted.resolution)))
    return lost
