"""Every error that a person may meet, in one tree.

    EaselError
    ├── SettingsError              a setting is wrong: the start is refused
    ├── Refused                    said before anything was held: nothing was charged
    │   ├── InvalidOrder           an option has a value that the model does not take
    │   ├── UnknownModel
    │   ├── ModelDisabled          switched off, or not switched on, by the operator
    │   ├── NoModel                nothing that may be used here does this task
    │   ├── Unpriced               this combination has no list price, so it is not guessed
    │   ├── UnusableFile           wrong kind, too big, too long, unreadable
    │   ├── NotAllowed             the policy says no, and which rule said it
    │   ├── MissingPermission      the bot may not attach files or embed links here
    │   ├── InsufficientCredit
    │   ├── TooLate                Discord's 3 seconds were over before we could answer
    │   ├── NoPicture              a message shows no picture
    │   └── NotFound               no such job, member, guild
    │       ├── RecordGone         what a button belongs to was deleted
    │       ├── FilesRemoved       a result was kept for its days
    │       └── NotOurs            a message is no result of ours
    ├── LedgerError
    │   ├── KeyConflict            the same key with other content
    │   └── AlreadyResolved        a hold that ended the other way
    ├── StorageError               the database cannot be used: what to do stands in the message
    ├── RunFailed                  the provider ran (or refused) the job and it failed: the hold is released
    │   ├── ContentFiltered        a safety filter refused the prompt or the result
    │   ├── ModelFailed            the model's own error
    │   ├── InputRejected          the provider's validation refused the inputs (422)
    │   ├── ProviderBusy           429, or no channel: later
    │   ├── ProviderDown           5xx, HTML, no connection
    │   ├── ProviderOutOfFunds     402 and its disguises: the operator must act
    │   ├── ProviderUnauthorized   the key is refused: the operator must act
    │   ├── ModelUnavailable       the provider does not know the model or version
    │   ├── OutcomeUnknown         a create whose answer was lost: never repeated by itself
    │   ├── RunLost                it ran, and the provider does not know it any more
    │   ├── ResultExpired          finished, but its files are gone
    │   ├── ResultUnusable         the file is too big, empty, or not what it says
    │   ├── DeadlinePassed         no result in time
    │   └── CancelledByMember
    └── InternalError              a fault of ours, with a reference to look up

Each class says, in `message`, what a log or a command line shows (chat translates by `key` instead), whether a retry
helps, and what happened to the money. Facts go in as keywords, so that a message can be made again in any language
and from the database: `Failure` is the form in which an error is stored. So a fact is data (a name, a number), or the
key of a text (`rule`, `what`, `permission`, `task`), or it comes with the key that says it elsewhere: `problem` and
`detail` are English for logs, and `reason` names their text (bot/catalogue/refusals.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.money import show

Fact = str | int | float
"""What an error knows. Names that end in `_mcr` are milli-credits, `_ms` milliseconds, `_s` seconds, `_bytes` bytes."""


class Retry(StrEnum):
    """Whether doing the same again can help."""

    NEVER = "never"
    CHANGED = "changed"
    LATER = "later"


class Money(StrEnum):
    """What happened to the member's credits."""

    UNTOUCHED = "untouched"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is stored with a job: the key of its text and its facts."""

    key: str
    facts: Mapping[str, Fact]


class EaselError(Exception):
    """The root. `facts` fill the placeholders of `message` and of the translated texts."""

    message: ClassVar[str] = "something broke"
    retry: ClassVar[Retry] = Retry.NEVER
    money: ClassVar[Money] = Money.UNTOUCHED

    def __init__(self, **facts: Fact) -> None:
        super().__init__(facts)
        self.facts: Mapping[str, Fact] = facts

    @property
    def key(self) -> str:
        """The name of this error's text: `InsufficientCredit` is `insufficient-credit`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def failure(self) -> Failure:
        """This error in its stored form."""
        return Failure(self.key, dict(self.facts))

    def __str__(self) -> str:
        shown = {
            name: show(value) if name.endswith("_mcr") and isinstance(value, int) else value
            for name, value in self.facts.items()
        }
        try:
            return self.message.format_map(shown)
        except KeyError:
            return f"{self.message} {shown}"


class SettingsError(EaselError):
    """A setting is wrong. Facts: `name`, `problem`, `fix`; the value only where it is no secret."""

    message = "{name}: {problem}. {fix}"


class Refused(EaselError):
    """An order or command that was not accepted: nothing was held."""

    message = "refused"
    retry = Retry.CHANGED


class InvalidOrder(Refused):
    """An option has a value that the model does not take. Facts: `model`, `option`, `problem`."""

    message = "{model}: {option} {problem}"


class UnknownModel(Refused):
    """No model of that name. Facts: `model`."""

    message = "there is no model {model}"


class ModelDisabled(Refused):
    """The operator has switched this model off, or not on. Facts: `model`, `problem`."""

    message = "{model} is switched off: {problem}"


class NoModel(Refused):
    """Nothing that may be used here does this. Facts: `task`."""

    message = "no model for {task} can be used here"


class Unpriced(Refused):
    """This combination has no list price, so it is refused and not guessed. Facts: `model`, `combination`, `priced`."""

    message = "{model} has no price for {combination}; priced: {priced}"


class UnusableFile(Refused):
    """A file that cannot be used. Facts: `name`, `problem`."""

    message = "{name}: {problem}"


class NotAllowed(Refused):
    """The guild's policy says no. Facts: `model`, `rule` (which rule decided)."""

    message = "{model} is not allowed here ({rule})"


class MissingPermission(Refused):
    """The bot lacks a permission in this place. Facts: `permission` (its name in Discord's API, with hyphens)."""

    message = "the bot lacks the permission {permission} here"


class InsufficientCredit(Refused):
    """Not enough credits. Facts: `needed_mcr`, `available_mcr`, `held_mcr`."""

    message = "this needs {needed_mcr} credits; {available_mcr} are available and {held_mcr} held"
    retry = Retry.LATER


class TooLate(Refused):
    """The interaction was too old to be answered. Facts: `age_ms`."""

    message = "the interaction was {age_ms} ms old"
    retry = Retry.LATER


class NotFound(Refused):
    """No such thing. Facts: `what` (job, picture, …) and `name`, what it was called."""

    message = "there is no {what} {name}"


class RecordGone(NotFound):
    """What a button or a modal belongs to is gone, or is not for this person to see."""

    message = "the record of this result was deleted"


class FilesRemoved(NotFound):
    """A result's files were kept for their days and are gone. Facts: `days`."""

    message = "the files of this result were removed after {days} days"


class NotOurs(NotFound):
    """A message is no result of ours."""

    message = "this message is no result of Easel's"


class NoPicture(Refused):
    """A message shows no picture that a model could read."""

    message = "this message shows no picture"
    retry = Retry.CHANGED


class LedgerError(EaselError):
    """The ledger refused a transfer that its caller should never have asked for."""

    message = "the ledger refused"


class KeyConflict(LedgerError):
    """The same key with other content. Facts: `transfer_key`."""

    message = "the key {transfer_key} was used with other content"


class AlreadyResolved(LedgerError):
    """This hold has already ended in another way. Facts: `transfer_key`, `resolution`."""

    message = "the hold {transfer_key} has already ended: {resolution}"


class StorageError(EaselError):
    """The database cannot be used. Facts: `problem`, `fix`."""

    message = "{problem}. {fix}"


class RunFailed(EaselError):
    """The provider ran or refused the job and it failed; the hold is released. Facts: `detail`."""

    message = "the run failed: {detail}"
    money = Money.RELEASED


class ContentFiltered(RunFailed):
    """A safety filter refused the prompt, the picture or the result. Facts: `detail`."""

    message = "refused by the model's safety filter: {detail}"
    retry = Retry.CHANGED


class ModelFailed(RunFailed):
    """The model's own error. Facts: `detail`; `transient` is 1 where a new run may well work."""

    message = "the model failed: {detail}"
    retry = Retry.LATER


class InputRejected(RunFailed):
    """The provider's validation refused the inputs. Facts: `detail`."""

    message = "the provider refused the inputs: {detail}"
    retry = Retry.CHANGED


class ProviderBusy(RunFailed):
    """The provider is busy and did not run this. Facts: `detail`, `retry_after_s`."""

    message = "the provider is busy: {detail}"
    retry = Retry.LATER


class ProviderDown(RunFailed):
    """The provider cannot be reached or answers nonsense. Facts: `detail`."""

    message = "the provider is down: {detail}"
    retry = Retry.LATER


class ProviderOutOfFunds(RunFailed):
    """The operator's account at the provider is empty. Facts: `detail` (for the operator, never for members)."""

    message = "the provider account is out of funds: {detail}"
    retry = Retry.LATER


class ProviderUnauthorized(RunFailed):
    """The provider refused the key. Facts: `detail` (for the operator, never for members)."""

    message = "the provider refused PROVIDER_KEY: {detail}"
    retry = Retry.LATER


class ModelUnavailable(RunFailed):
    """The provider does not offer this model or version. Facts: `detail`."""

    message = "the provider does not offer this model: {detail}"
    retry = Retry.CHANGED


class OutcomeUnknown(RunFailed):
    """A create whose answer was lost: it may be running, and is never repeated by itself. Facts: `detail`."""

    message = "the outcome of the request is unknown: {detail}"
    retry = Retry.LATER


class RunLost(RunFailed):
    """A run that was under way, and that the provider does not know any more. Facts: none."""

    message = "the provider does not know the run any more"
    retry = Retry.LATER


class ResultExpired(RunFailed):
    """The run succeeded, but its files were gone. Facts: `detail`."""

    message = "the result had expired: {detail}"
    retry = Retry.LATER


class ResultUnusable(RunFailed):
    """The result's file is too big, empty, or not what it says. Facts: `detail`."""

    message = "the result cannot be used: {detail}"
    retry = Retry.LATER


class DeadlinePassed(RunFailed):
    """No result in time. Facts: `waited_s`."""

    message = "no result after {waited_s} s"
    retry = Retry.LATER


class CancelledByMember(RunFailed):
    """Cancelled on request. Facts: none."""

    message = "cancelled"


class InternalError(EaselError):
    """A fault of ours. Facts: `reference`, which also stands in the log."""

    message = "a fault of our own ({reference})"
    money = Money.RELEASED
    retry = Retry.LATER
