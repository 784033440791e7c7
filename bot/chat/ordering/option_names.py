"""What commands call the parts of an order: a refusal speaks of the options that its reader sees."""

from collections.abc import Sequence

from bot.catalogue.refusals import invalid
from bot.errors import InvalidOrder

FILLS = {
    "job": "image", "image2": "image", "image3": "image", "instruction": "prompt", "fill": "prompt", "mode": "style",
    "prompt2": "prompt_end", "reference2": "reference", "reference3": "reference", "reference4": "reference",
}  # fmt: skip
"""What the options of commands fill in an order, where it has another name there."""

INSTEAD = {"first_frame": "image", "image": "reference"}
"""The option that a file of a role is attached to where a command has none of the role's own name."""

NAMING = frozenset({"not-taken", "no-place", "needed-or", "needs", "unless", "exactly-one", "together"})
"""The reasons that name options; all others name values."""

NAMELESS = {"not-taken": "not-taken-at-all", "no-place": "no-files", "needed-or": "needed"}
"""What is said instead where none of those options is the command's."""


def in_words_of(options: Sequence[str], error: InvalidOrder) -> InvalidOrder:
    """The same refusal in the words of a command with these options; what it lacks is not named."""
    facts = {name: str(error.facts.get(name, "")) for name in ("model", "option", "reason", "takes", "has")}
    option, reason, takes = facts["option"], facts["reason"], facts["takes"]
    if not reason:
        return error
    if reason in NAMING:
        named = dict.fromkeys(filter(None, (_called(name, options) for name in takes.split(", "))))
        reason, takes = (reason if named else NAMELESS.get(reason, reason)), ", ".join(named)
    return invalid(facts["model"], _called(option, options) or option, reason, takes, facts["has"])


def _called(field: str, options: Sequence[str]) -> str | None:
    """What a command calls a field of an order, or a role of its files; None where it has no option for it."""
    if field in options:
        return field
    instead = INSTEAD.get(field)
    return next((option for option in options if FILLS.get(option) == field), instead if instead in options else None)
