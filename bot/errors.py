"""The tree of all errors that can reach a member, an operator or a log.

    EaselError
    ├── SettingsError              a setting is missing or invalid, so the bot does not start
    ├── Refused                    rejected before credits were held: nothing was charged
    │   ├── InvalidOrder           the model does not support an option or its value
    │   ├── UnknownModel
    │   ├── ModelDisabled          switched off, or not switched on, by the operator
    │   ├── NoModel                no usable model does this task here
    │   ├── OtherModelNeeded       only a model that is off here can do it
    │   ├── Unpriced               this combination has no list price, and prices are never guessed
    │   ├── UnusableFile           wrong kind, too big, too long, unreadable
    │   ├── NotAllowed             denied by the guild's policy, with the rule that decided
    │   ├── ExportTooSoon          the member exported their data a moment ago
    │   ├── InvalidSetting         a value that a setting or a rule cannot have
    │   ├── GuildSuspended         the operator has suspended the whole guild
    │   ├── OrdersPaused           moderators have paused a task, or all of them
    │   ├── Draining               this process is about to be stopped, and accepts no new orders
    │   ├── MemberBlocked          moderators have blocked the member
    │   ├── PromptRefused          a rule for prompts matched text in the order
    │   ├── LimitReached           a limit of the guild is reached; says when the order becomes possible
    │   ├── AutomodUnknown         the server's AutoMod rules cannot be read now
    │   ├── MissingPermission      the bot may not attach files or embed links here
    │   ├── BotAbsent              the guild added the commands without the bot
    │   ├── DiscordRefused         Discord refused the bot's own message or file
    │   ├── DiscordBusy            Discord failed, was too slow, or limits the bot's calls
    │   ├── InsufficientCredit
    │   │   └── PoolInsufficient   the guild's pool pays, and has too few credits
    │   ├── GivingLimitReached     more than a member or moderator may give away in this period
    │   ├── PayerChanged           the member would have to pay what the pool was to pay
    │   ├── TooLate                Discord's 3 seconds to answer had already passed
    │   ├── NoPicture              the message shows no picture
    │   ├── PictureBanned          an attached picture looks like one that a moderator took down
    │   ├── ReportDecided          another moderator was faster
    │   ├── ApprovalDecided        the order was already decided
    │   ├── ApprovalForbidden      an order cannot be approved while something forbids it
    │   ├── UnreadableRequest      what Discord sent is not what it documents
    │   └── NotFound               no such job, member, guild
    │       ├── RecordGone         the job behind a button was deleted
    │       ├── FilesRemoved       the result's files passed their retention period
    │       ├── SourceHidden       the order uses a result that this person may not use
    │       ├── ResultTakenDown    a moderator took the result down
    │       └── NotOurs            the message is not one of Easel's results
    ├── LedgerError
    │   ├── KeyConflict            an idempotency key was reused with different content
    │   └── AlreadyResolved        the hold has already ended the other way
    ├── StorageError               the database cannot be used; the message says what to do
    │   ├── OlderSchema            this version has to upgrade the schema first
    │   ├── CommitUnconfirmed      it is unknown whether data was stored: check before repeating it
    │   ├── Fenced                 another process took over from this one, which may no longer write
    │   └── FilesUnreachable       the file store does not answer or refuses a call: Easel tries again
    ├── RunFailed                  the provider refused the run or it failed: the hold is released
    │   ├── ContentFiltered        a safety filter refused the prompt or the result
    │   ├── ModelFailed            the model reported an error
    │   ├── InputRejected          the provider's validation refused the inputs (422)
    │   ├── ProviderBusy           429 or no free channel: try again later
    │   ├── ProviderDown           5xx, HTML instead of JSON, or no connection
    │   ├── ProviderOutOfFunds     402, or the same in other words: the operator must act
    │   ├── ProviderUnauthorized   the key was refused: the operator must act
    │   ├── ProviderMisconfigured  the address is not that of the API: the operator must act
    │   ├── ModelUnavailable       the provider does not know the model or version
    │   ├── OutcomeUnknown         the answer to a create was lost: never repeated automatically
    │   ├── RunLost                the provider no longer knows a run that it had accepted
    │   ├── ResultExpired          finished, but its files are gone
    │   ├── ResultUnusable         the file is too big, empty, or not of the kind it claims
    │   │   ├── ResultNotYetThere  the file's host does not have all of it yet: the download is tried again
    │   │   └── ResultReplaced     the file's host sent a page or text instead: the download is tried again
    │   ├── DeadlinePassed         no result in time
    │   ├── CancelledByMember
    │   ├── TakenDown              a moderator took down the job, or the result that it is made from
    │   ├── ResultBanned           the result looks like one that a moderator took down
    │   ├── CancelledByModerator   with the reason
    │   ├── OrderDenied            a moderator did not approve the order
    │   ├── ApprovalExpired        no moderator decided on the order in time
    │   ├── BlockedWhileWaiting    the member was blocked while the order waited for a moderator
    │   ├── BotRemoved             the server removed the bot before the job ended
    │   ├── Erased                 the error was erased with its member's data
    │   └── EndedUnrecorded        the job's end was not in the backup that was restored
    └── InternalError              a bug in Easel, with a reference to look up

Each class defines the `message` for logs and the command line (chat translates `key` instead), whether a retry can
help, and what happened to the money. Facts are passed as keywords, so a message can be rendered again from the
database in any language; `Failure` is the stored form of an error. A fact is therefore data (a name, a number), the
key of a text (`rule`, `what`, `permission`, `task`), or English for logs (`problem`, `detail`) that comes with a
`reason`, the key of its translation (bot/catalogue/refusals.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from bot.money import show

Fact = str | int | float
"""A fact about an error. Its name gives the unit: `_mcr` milli-credits, `_ms` milliseconds, `_s` seconds, `_bytes`, and
`_at` a moment, in seconds since 1970."""


class Retry(StrEnum):
    """Whether it helps to try again."""

    NEVER = "never"
    CHANGED = "changed"
    LATER = "later"


class Money(StrEnum):
    """What happened to the member's credits."""

    UNTOUCHED = "untouched"
    RELEASED = "released"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is stored with a job: the key of its text and its facts."""

    key: str
    facts: Mapping[str, Fact]


class EaselError(Exception):
    """The base of all errors. `facts` fill the placeholders of `message` and of the translated texts."""

    message: ClassVar[str] = "something broke"
    retry: ClassVar[Retry] = Retry.NEVER
    money: ClassVar[Money] = Money.UNTOUCHED

    def __init__(self, **facts: Fact) -> None:
        super().__init__(facts)
        self.facts: Mapping[str, Fact] = facts

    @classmethod
    def family(cls) -> list[type[Self]]:
        """Return this class and every class below it."""
        return [cls, *(deeper for child in cls.__subclasses__() for deeper in child.family())]

    @property
    def key(self) -> str:
        """The key of this error's text: `insufficient-credit` for `InsufficientCredit`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def failure(self) -> Failure:
        """The error in its stored form."""
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
    """A setting is missing or invalid. Facts: `name`, `problem` (with the value unless it is secret), `fix`."""

    message = "{name}: {problem}. {fix}"


class Refused(EaselError):
    """An order or command was rejected before any credits were held."""

    message = "refused"
    retry = Retry.CHANGED


class InvalidOrder(Refused):
    """The model does not support an option or its value. Facts: `model`, `option`, `problem`."""

    message = "{model}: {option} {problem}"


class UnknownModel(Refused):
    """There is no model with that name. Facts: `model`."""

    message = "there is no model {model}"


class ModelDisabled(Refused):
    """The operator has switched this model off, or has not switched it on. Facts: `model`, `problem`."""

    message = "{model} is switched off: {problem}"


class NoModel(Refused):
    """No model that may be used here does this task. Facts: `task`."""

    message = "no model for {task} can be used here"


class OtherModelNeeded(Refused):
    """No model that may be used here can do this order, which names no model itself. Facts: `model`, one that can."""

    message = "none of the models that may be used here can do that; {model} could"


class Unpriced(Refused):
    """This combination has no list price, and prices are never guessed. Facts: `model`, `combination`, `priced`."""

    message = "{model} has no price for {combination}; priced: {priced}"


class UnusableFile(Refused):
    """A file cannot be used. Facts: `name`, `problem`."""

    message = "{name}: {problem}"


class NotAllowed(Refused):
    """The guild's policy denies this. Facts: `model`, `rule` (the rule that decided)."""

    message = "{model} is not allowed here ({rule})"


class ExportTooSoon(Refused):
    """The member exported their data a moment ago. Facts: `wait_ms`."""

    message = "the next export is possible in {wait_ms} ms"
    retry = Retry.LATER


class InvalidSetting(Refused):
    """A setting or a rule cannot have this value. Facts: `wrong`, the fault (a key); `most`, the limit if exceeded."""

    message = "the value is wrong: {wrong}"


class GuildSuspended(Refused):
    """The operator has suspended the guild. Facts: `because`, the operator's reason; empty for members."""

    message = "the operator has suspended this server: {because}"


class OrdersPaused(Refused):
    """Moderators have paused orders. Facts: `because`, their reason; `paused`, a task or `everything`."""

    message = "orders are paused ({paused}): {because}"
    retry = Retry.LATER


class Draining(Refused):
    """The operator is about to stop this process, so it accepts no new orders (`easel drain`)."""

    message = "no new orders are accepted, because the bot is about to be restarted"
    retry = Retry.LATER


class MemberBlocked(Refused):
    """Moderators have blocked the member. Facts: `because`; `case`, or 0; `until_at` in seconds, or 0 for good."""

    message = "this member is blocked until {until_at}: {because}"


class PromptRefused(Refused):
    """A rule for prompts matched text in the order. Facts: `source` (`automod` or `words`), `name` of the rule."""

    message = "the rule {name} ({source}) refuses the prompt"


class LimitReached(Refused):
    """The order would exceed a limit of the guild.

    Facts: its `number`, kind (`limit`), `owner` and `subject`; its amount as `jobs`, `most_mcr` or `apart_s`; how
    the order compares with it as `running`, `left_mcr` and `needed_mcr`; `again_at`, when the order becomes possible.
    """

    message = (
        "limit {number} ({limit}, {owner} {subject}) is reached: at most {jobs} jobs or {most_mcr} credits, {apart_s} s"
        " apart; {running} running, {left_mcr} left, {needed_mcr} needed; again at {again_at}"
    )
    retry = Retry.LATER


class AutomodUnknown(Refused):
    """The server's AutoMod rules have never been read, and Discord does not return them now."""

    message = "the server's AutoMod rules cannot be read now"
    retry = Retry.LATER


class MissingPermission(Refused):
    """The bot lacks a permission in this channel. Facts: `permission` (its name in Discord's API, with hyphens)."""

    message = "the bot lacks the permission {permission} here"


class BotAbsent(Refused):
    """The guild added Easel's commands but not the bot, which therefore cannot post results there."""

    message = "the bot is not in this guild"


class DiscordRefused(Refused):
    """Discord refused one of the bot's messages or files. Facts: `code`, Discord's error code or the HTTP status."""

    message = "Discord refused the bot's message ({code})"


class DiscordBusy(Refused):
    """Discord failed, did not answer in time, or limits how often the bot may call it."""

    message = "Discord is too busy for the bot's message"
    retry = Retry.LATER


class InsufficientCredit(Refused):
    """The payer has too few credits. Facts: `needed_mcr`, `available_mcr`, `held_mcr`."""

    message = "this needs {needed_mcr} credits; {available_mcr} are available and {held_mcr} held"
    retry = Retry.LATER


class PoolInsufficient(InsufficientCredit):
    """The guild's pool pays, and it has too few credits. Facts as above; members do not see its balance."""

    message = "this needs {needed_mcr} credits, which the server's pool does not have"


class PayerChanged(Refused):
    """The guild's pool was to pay for the order when it was offered, and now the member would have to."""

    message = "the member would have to pay for this now"
    retry = Retry.LATER


class GivingLimitReached(Refused):
    """A person may not give away that much in this period. Facts: `budget` (gifts, purse), `left_mcr`."""

    message = "only {left_mcr} credits are left of the {budget}"
    retry = Retry.LATER


class TooLate(Refused):
    """The interaction was too old to be answered. Facts: `age_ms`."""

    message = "the interaction was {age_ms} ms old"
    retry = Retry.LATER


class NotFound(Refused):
    """Something does not exist. Facts: `what` (job, picture, …) and the `name` that was looked up."""

    message = "there is no {what} {name}"


class RecordGone(NotFound):
    """The job behind a button or modal was deleted, or this person may not see it."""

    message = "the record of this result was deleted"


class FilesRemoved(NotFound):
    """A result's files were deleted at the end of their retention period. Facts: `days`, its length."""

    message = "the files of this result were removed after {days} days"


class SourceHidden(NotFound):
    """An order uses an earlier result that this person cannot see, or that a moderator removed."""

    message = "the order uses a result that its member may not use"


class ResultTakenDown(NotFound):
    """A moderator took a result down. Facts: `case`, its number."""

    message = "a moderator took this result down (case {case})"


class NotOurs(NotFound):
    """The message is not one of Easel's results."""

    message = "this message is not one of Easel's results"


class NoPicture(Refused):
    """The message shows no picture that a model could read."""

    message = "this message shows no picture"
    retry = Retry.CHANGED


class PictureBanned(Refused):
    """An attached picture looks like one that this guild's moderators took down. Facts: `name`."""

    message = "{name} looks like a result that a moderator took down"


class ReportDecided(Refused):
    """Another moderator has already decided on the report. Facts: `by`, their id as text."""

    message = "moderator {by} has already decided"


class ApprovalDecided(Refused):
    """An order has already been decided. Facts: `state`, the outcome, and `by`: who decided, as text, or 0."""

    message = "the order is already {state} by {by}"


class ApprovalForbidden(Refused):
    """An order cannot be approved now. Facts: `hindrance`, the key of the policy's reason."""

    message = "the order cannot be approved now: {hindrance}"
    retry = Retry.LATER


class UnreadableRequest(Refused):
    """The data that Discord sent about a command or a click cannot be read."""

    message = "Discord's interaction cannot be read"
    retry = Retry.LATER


class LedgerError(EaselError):
    """The ledger rejected a transfer that a correct caller would never request."""

    message = "the ledger rejected the transfer"


class KeyConflict(LedgerError):
    """An idempotency key was used again with different content. Facts: `transfer_key`."""

    message = "the key {transfer_key} was already used with different content"


class AlreadyResolved(LedgerError):
    """The hold was already captured or released. Facts: `transfer_key`, `resolution` (how it ended)."""

    message = "the hold {transfer_key} has already ended: {resolution}"


class StorageError(EaselError):
    """The database cannot be used. Facts: `problem`, `fix`."""

    message = "{problem}. {fix}"


class OlderSchema(StorageError):
    """The database has the schema of an earlier version, so this one can only upgrade it. Facts: `problem`, `fix`."""


class CommitUnconfirmed(StorageError):
    """The database was lost while storing something, so the outcome is unknown. Facts: `problem`, `fix`."""

    message = "{problem}. {fix}"
    money = Money.UNKNOWN


class Fenced(StorageError):
    """Others have taken over the work of this process, which was silent for too long. Facts: `problem`, `fix`."""

    message = "{problem}. {fix}"
    retry = Retry.LATER


class FilesUnreachable(StorageError):
    """The store of result and input files cannot be used now. Facts: `problem`, `fix`, `setting` if one is at fault."""

    message = "{problem}. {fix}"
    retry = Retry.LATER


class RunFailed(EaselError):
    """The provider refused the run or it failed; the hold is released. Facts: `detail`."""

    message = "the run failed: {detail}"
    money = Money.RELEASED


class ContentFiltered(RunFailed):
    """A safety filter refused the prompt, the picture or the result. Facts: `detail`."""

    message = "refused by the model's safety filter: {detail}"
    retry = Retry.CHANGED


class ModelFailed(RunFailed):
    """The model reported an error. Facts: `detail`; `transient` is 1 if a new run is likely to work."""

    message = "the model failed: {detail}"
    retry = Retry.LATER


class InputRejected(RunFailed):
    """The provider's validation refused the inputs. Facts: `detail`."""

    message = "the provider refused the inputs: {detail}"
    retry = Retry.CHANGED


class ProviderBusy(RunFailed):
    """The provider is busy and did not start the run. Facts: `detail`, `retry_after_s`."""

    message = "the provider is busy: {detail}"
    retry = Retry.LATER


class ProviderDown(RunFailed):
    """The provider cannot be reached, or its answer cannot be understood. Facts: `detail`."""

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


class ProviderMisconfigured(RunFailed):
    """PROVIDER_URL does not lead to the provider's API. Facts: `detail` (for the operator, never for members)."""

    message = "PROVIDER_URL does not lead to the provider's API: {detail}"
    retry = Retry.LATER


class ModelUnavailable(RunFailed):
    """The provider does not offer this model or version. Facts: `detail`."""

    message = "the provider does not offer this model: {detail}"
    retry = Retry.CHANGED


class OutcomeUnknown(RunFailed):
    """The answer to a create was lost: the run may exist, so it is never repeated automatically. Facts: `detail`."""

    message = "the outcome of the request is unknown: {detail}"
    retry = Retry.LATER


class RunLost(RunFailed):
    """The provider no longer knows a run that it had accepted. No facts."""

    message = "the provider no longer knows the run"
    retry = Retry.LATER


class ResultExpired(RunFailed):
    """The run succeeded, but its files are gone. Facts: `detail`."""

    message = "the result had expired: {detail}"
    retry = Retry.LATER


class ResultUnusable(RunFailed):
    """The result file is too big, empty, or not of the kind it claims to be. Facts: `detail`."""

    message = "the result cannot be used: {detail}"
    retry = Retry.LATER


class ResultNotYetThere(ResultUnusable):
    """The file's host does not have the whole file yet (202, 206, empty): it is downloaded again. Facts: `detail`."""

    message = "the result is not there yet: {detail}"
    retry = Retry.LATER


class ResultReplaced(ResultUnusable):
    """The file's host sent a page, an error or text instead, as some hosts do at first. Facts: `detail`."""

    message = "something else than the result was sent: {detail}"
    retry = Retry.LATER


class DeadlinePassed(RunFailed):
    """The run had no result before its deadline. Facts: `waited_s`."""

    message = "no result after {waited_s} s"
    retry = Retry.LATER


class CancelledByMember(RunFailed):
    """A member cancelled the job. No facts."""

    message = "cancelled"


class TakenDown(RunFailed):
    """A moderator took down the job, or a result that it is made from. Facts: `case`, its number."""

    message = "taken down by a moderator (case {case})"


class ResultBanned(RunFailed):
    """The result looks like one that this guild's moderators took down, so it is not shown."""

    message = "the result looks like one that a moderator took down"
    retry = Retry.CHANGED


class CancelledByModerator(RunFailed):
    """A moderator cancelled the job. Facts: `because`, their reason."""

    message = "cancelled by a moderator: {because}"


class OrderDenied(RunFailed):
    """A moderator did not approve the order. Facts: `because`, their reason; empty if they gave none."""

    message = "a moderator did not approve the order: {because}"


class ApprovalExpired(RunFailed):
    """No moderator decided on the order in time. No facts."""

    message = "no moderator decided in time"
    retry = Retry.LATER


class BlockedWhileWaiting(RunFailed):
    """Moderators blocked the member while the order waited for them. Facts: `because`, their reason."""

    message = "the member was blocked: {because}"


class BotRemoved(RunFailed):
    """The server removed the bot before the job ended. No facts."""

    message = "the server removed the bot"


class Erased(RunFailed):
    """The error of a failed job has been erased with its member's data. No facts."""

    message = "its member's data was erased"


class EndedUnrecorded(RunFailed):
    """The job's message shows an end that is not in the restored backup. No facts."""

    message = "it ended after the backup that was restored"


class InternalError(EaselError):
    """A bug in Easel. Facts: `reference`, which also appears in the log."""

    message = "internal error ({reference})"
    money = Money.RELEASED
    retry = Retry.LATER
