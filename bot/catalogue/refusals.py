"""The reasons why Easel itself refuses or fails an order, with the facts to phrase them in any language.

`takes` (what would be accepted) and `has` (what was given) are names and numbers, the same in every language.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import InvalidOrder, ModelDisabled, UnusableFile

REASONS: Mapping[str, str] = {
    "takes": "must be one of: {takes}",
    "takes-here": "must be one of: {takes} (with the models that are enabled here)",
    "not-taken-here": "is not possible with the models that are enabled here",
    "takes-range": "must be from {takes}",
    "takes-at-most": "must be at most {takes}",
    "takes-at-least": "must be at least {takes}",
    "takes-number": "must be a number",
    "takes-integer": "must be a whole number",
    "takes-boolean": "must be true or false",
    "takes-string": "must be text",
    "takes-uri": "must be a link (https:// or data:)",
    "takes-uris": "must be a list of links (https:// or data:)",
    "takes-colour": "must be transparent, a colour name such as red, or a code such as #ffffff",
    "takes-files": "accepts at most {takes} files",
    "seed": "must be {takes} or more; leave it out for a random one",
    "task": "is {has}, but this model does {takes}",
    "unknown-input": "is not an input of this model; its inputs are {takes}",
    "not-taken": "is not supported by this model; it supports {takes}",
    "not-taken-at-all": "is not supported by this model",
    "no-place": "is not supported by this model; it accepts {takes}",
    "no-files": "is not supported by this model; it accepts no files",
    "too-many": "is one file too many",
    "fixed": "can't be changed: it is always {takes}",
    "needed": "is required",
    "needed-or": "is required (or {takes})",
    "needed-for": "is required for {takes}",
    "needs": "only works together with {takes}",
    "unless": "is ignored by this model when {takes} is given",
    "exactly-one": "needs exactly one of: {takes}",
    "together": "only works together with {takes}",
    "secret": "is a secret: set {takes} instead",
    "count-twice": "is {has}, but the count is {takes}: give only one of them",
    "twice": "was given twice",
    "pairs": "must be written as name=value, separated by spaces; “{has}” can't be read",
    "own-option": "has its own option: use {takes}",
    "closed": "can't be changed",
    "closed-safety": "can't be changed: it is a safety setting",
    "closed-size": "can't be changed: choose an aspect ratio or a resolution instead",
    "unreadable": "must be of type {takes}, not “{has}”",
    "file-kind": "is {has}, but the model accepts {takes} here",
    "file-ending": "is .{has}, but the model accepts {takes}",
    "file-bytes": "is {has} bytes, but the model accepts at most {takes}",
    "file-pixels": "is {has} pixels, but the model accepts at most {takes} in total",
    "file-side-least": "is {has} pixels, but the model needs at least {takes} on each side",
    "file-side-most": "is {has} pixels, but the model accepts at most {takes} on each side",
    "file-length": "is {has} s long, but the model accepts {takes} s",
    "file-link": "must be attached to the command again: this model needs a link, and the old link no longer works",
    "file-opaque": "has no transparent area: attach a mask as well, or say what to erase",
    "file-larger": "is larger than {takes} MB",
    "file-longer": "is longer than {takes} s",
    "file-frames": "has too many frames",
    "file-megapixels": "has more than {takes} million pixels",
    "file-sides": "is more than {takes} pixels wide or high",
    "file-heavy": "needs too much time or memory to read",
    "file-unreadable": "can't be read",
    "file-mask-size": "is {has} pixels, but the picture is {takes}: a mask must be the same size as its picture",
    "file-mask-empty": "selects nothing: paint the parts that should change in white",
    "file-damaged": "is incomplete or damaged",
    "file-no-picture": "is not a readable picture",
    "file-unknown": "is not a supported file type",
    "file-undrawable": "can't be rendered",
    "file-gone": "no longer exists",
    "file-not-kept": "is no longer stored",
    "file-not-fetched": "can't be downloaded",
    "file-no-link": "is too big to send with the request, and there is no link that the model could download it from",
    "empty": "is empty",
    "blank": "has no visible characters",
    "unusable": "can't be used",
    "two-sources": "and {takes} can't be combined: give only one of them",
    "model-for-task": "is required too: a preferred model always belongs to a task",
    "too-many-kept": "is one too many: you can keep at most {takes}",
    "invoice-no-text": "can't be read as a table: save it as CSV",
    "invoice-no-columns": "has no columns for a cost and a run: name them `cost` and `id`, for example",
    "invoice-rows": "has more than {takes} lines: split it into several files",
    "takes-date": "must be a date such as {takes}",
    "period-from-after-to": "is after the last day",
    "period-too-long": "is too early: a period can be at most {takes} days long",
    "period-in-the-future": "is in the future",
    "too-fine": "is {has}, but amounts can have at most 3 decimal places",
    "not-switched-on": "the bot's operator has not turned it on",
    "no-key": "it needs OPENAI_API_KEY, which is not set",
    "no-longer-allowed": "it is no longer allowed here",
    "stopped": "the provider stopped the run",
    "made-nothing": "it produced no result",
    "technical": "technical details for the bot's operator",
    "gave-no-reason": "the provider gave no reason",
}
"""The English texts of the reasons. `bot/chat/texts` translates them into other languages as `reason-<key>`."""


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """The problem with one value: a key of REASONS and the values of its placeholders."""

    reason: str
    takes: str = ""
    has: str = ""

    def __str__(self) -> str:
        return REASONS[self.reason].format(takes=self.takes, has=self.has)

    @property
    def facts(self) -> Mapping[str, str]:
        """The facts with which an error can be rendered in any language."""
        return {"problem": str(self), "reason": self.reason, "takes": self.takes, "has": self.has}


def invalid(
    model_id: str, option: str, reason: str | RefusalReason, takes: object = "", has: object = ""
) -> InvalidOrder:
    """Return the error that refuses an option, from the name of a reason or from a complete one."""
    problem = reason if isinstance(reason, RefusalReason) else RefusalReason(reason, str(takes), str(has))
    return InvalidOrder(model=model_id, option=option, **problem.facts)


def unusable(name: str, reason: str | RefusalReason, takes: object = "") -> UnusableFile:
    """Return the error that refuses a file."""
    problem = reason if isinstance(reason, RefusalReason) else RefusalReason(reason, str(takes))
    return UnusableFile(name=name, **problem.facts)


def disabled(model_id: str, reason: str) -> ModelDisabled:
    """Return the error that refuses a model which exists but cannot be used."""
    return ModelDisabled(model=model_id, **RefusalReason(reason).facts)


def listed(values: tuple[object, ...], most: int = 25) -> str:
    """Join values for a sentence: `5, 10`. Long lists are cut and end with the number of values left out."""
    words = [str(value) for value in values]
    more = f" … (+{len(words) - most})" if len(words) > most else ""
    return ", ".join(words[:most]) + more
