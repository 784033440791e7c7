"""Rephrases refusals of orders with the option names of the command that the reader used."""

from bot.catalogue.advanced import OPTION
from bot.catalogue.options import OPTIONS
from bot.catalogue.refusals import invalid
from bot.chat.discord.command_facts import ROLES, CommandOptions
from bot.chat.texts.wording import ADVICE, OR_MODEL
from bot.errors import InvalidOrder

KNOWN = frozenset(OPTIONS) | ROLES | {"count"}

NAMING = frozenset({"not-taken", "no-place", "needed-or", "needs", "unless", "exactly-one", "together", "own-option"})
"""The reasons whose facts are names of options; the facts of all others are values."""

WITH_INPUTS = frozenset({"needed-or", "needs", "unless"})
"""The reasons whose facts may also be advanced inputs, which members know by the names that the model uses."""

NAMELESS = {
    "not-taken": "not-taken-at-all",
    "no-place": "no-files",
    "needed-or": "needed",
    "own-option": "closed",
    "needs": "not-taken-at-all",
}
"""The reason to give instead if the command has none of the options that the facts name."""

NO_ENABLED_MODEL = "not-taken-here"
"""The reason that choosing another model does not fix."""


def with_option_names_of(options: CommandOptions, error: InvalidOrder) -> InvalidOrder:
    """Return the same refusal in the words of a command with these options, naming no option that it lacks."""
    facts = {name: str(error.facts.get(name, "")) for name in ("model", "option", "reason", "takes", "has")}
    option, reason, takes = facts["option"], facts["reason"], facts["takes"]
    if not reason:
        return error
    if reason in NAMING:
        named = dict.fromkeys(filter(None, (_name(options, name, reason) for name in takes.split(", "))))
        reason, takes = (reason if named else NAMELESS.get(reason, reason)), ", ".join(named)
    named = invalid(facts["model"], options.option(option) or option, reason, takes, facts["has"])
    if ADVICE.get(reason) == "leave-out" and reason != NO_ENABLED_MODEL and "model" in options.names:
        return InvalidOrder(**named.facts, advice=OR_MODEL)
    return named


def _name(options: CommandOptions, name: str, reason: str) -> str | None:
    """Return the option for a name in a reason, or the name itself if the command can set it as an advanced input."""
    named = options.option(name)
    is_input = name not in KNOWN and reason in WITH_INPUTS and OPTION in options.names
    return name if named is None and is_input else named
