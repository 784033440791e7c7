"""Why an order is refused or failed by our own account: each reason once, and the facts to say it in any language.

`takes` and `has` are what stands in the words: names and numbers, the same in every language.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import InvalidOrder, ModelDisabled, UnusableFile

REASONS: Mapping[str, str] = {
    "takes": "takes {takes}",
    "takes-range": "takes {takes}",
    "takes-at-most": "takes at most {takes}",
    "takes-at-least": "takes at least {takes}",
    "takes-number": "takes a number",
    "takes-integer": "takes a whole number",
    "takes-boolean": "takes true or false",
    "takes-string": "takes text",
    "takes-uri": "takes a link (https:// or data:)",
    "takes-uris": "takes a list of links (https:// or data:)",
    "takes-colour": "takes transparent or a colour such as #ffffff",
    "takes-files": "takes at most {takes} files",
    "seed": "takes {takes} or more; leave it out for a random one",
    "task": "is {has}, but this model does {takes}",
    "unknown-input": "is no input of this model; it takes {takes}",
    "not-taken": "is not taken by this model; it takes {takes}",
    "not-taken-at-all": "is not taken by this model",
    "no-place": "is not taken; this model takes {takes}",
    "no-files": "is not taken; this model takes no files",
    "too-many": "is one file too many",
    "fixed": "cannot be chosen: it is always {takes}",
    "needed": "is needed",
    "needed-or": "is needed (or {takes})",
    "needed-for": "is needed for {takes}",
    "needs": "means something only together with {takes}",
    "unless": "is ignored by this model when {takes} is given",
    "exactly-one": "takes exactly one of {takes}",
    "together": "goes only with {takes}",
    "secret": "is a secret: set {takes} instead",
    "count-twice": "is {has}, but the count is {takes}: give one of them",
    "twice": "was given twice",
    "unreadable": "is {has!r}, which is no {takes}",
    "file-kind": "is {has}, but the model takes {takes} here",
    "file-ending": "is .{has}, but the model takes {takes}",
    "file-bytes": "is {has} bytes, but the model takes at most {takes}",
    "file-pixels": "is {has} pixels, but the model takes at most {takes} in all",
    "file-side-least": "is {has} pixels, but the model takes sides of at least {takes}",
    "file-side-most": "is {has} pixels, but the model takes sides of at most {takes}",
    "file-length": "is {has} s long, but the model takes {takes} s",
    "file-link": "has to be attached to the command again: the model takes a link, and there is none to it any more",
    "file-opaque": "has no transparent part: attach a mask as well, or say what to erase",
    "file-larger": "is larger than {takes} MB",
    "file-longer": "is longer than {takes} s",
    "file-frames": "has too many frames",
    "file-megapixels": "has more than {takes} million pixels",
    "file-damaged": "is cut off or damaged",
    "file-no-picture": "is not a picture that can be read",
    "file-unknown": "is not a kind of file that works here",
    "file-undrawable": "cannot be drawn",
    "file-gone": "is no longer there",
    "file-not-kept": "is no longer kept",
    "file-not-fetched": "cannot be fetched",
    "file-no-link": "is too big for the request itself, and there is no link by which the model could fetch it",
    "empty": "is empty",
    "unusable": "is not usable",
    "two-sources": "and {takes} are two: give one of them",
    "model-for-task": "is needed too: a model is preferred for a task",
    "too-many-kept": "is one too many: {takes} are kept",
    "too-fine": "is {has}: amounts have at most 3 decimals",
    "not-switched-on": "the operator has not switched it on",
    "no-key": "it needs OPENAI_API_KEY, which is not set",
    "no-longer-allowed": "it is not allowed here any more",
    "stopped": "the provider stopped the run",
    "made-nothing": "it made nothing",
    "gave-no-reason": "the provider gave no reason",
}
"""The reasons by name. Members see the translated texts of the same names."""


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """What is wrong with one value: a name of REASONS and what stands in its words."""

    reason: str
    takes: str = ""
    has: str = ""

    def __str__(self) -> str:
        return REASONS[self.reason].format(takes=self.takes, has=self.has)

    @property
    def facts(self) -> Mapping[str, str]:
        """What an error needs to be said again in another language."""
        return {"problem": str(self), "reason": self.reason, "takes": self.takes, "has": self.has}


def invalid(
    model_id: str, option: str, reason: str | RefusalReason, takes: object = "", has: object = ""
) -> InvalidOrder:
    """The refusal of an option, by a reason or by a problem that was found."""
    problem = reason if isinstance(reason, RefusalReason) else RefusalReason(reason, str(takes), str(has))
    return InvalidOrder(model=model_id, option=option, **problem.facts)


def unusable(name: str, reason: str | RefusalReason, takes: object = "") -> UnusableFile:
    """The refusal of a file."""
    problem = reason if isinstance(reason, RefusalReason) else RefusalReason(reason, str(takes))
    return UnusableFile(name=name, **problem.facts)


def disabled(model_id: str, reason: str) -> ModelDisabled:
    """The refusal of a model that is there and cannot be used."""
    return ModelDisabled(model=model_id, **RefusalReason(reason).facts)


def listed(values: tuple[object, ...], most: int = 25) -> str:
    """Name values as a sentence does: `5, 10`. Long lists end in how many more there are."""
    words = [str(value) for value in values]
    more = f" … (+{len(words) - most})" if len(words) > most else ""
    return ", ".join(words[:most]) + more
