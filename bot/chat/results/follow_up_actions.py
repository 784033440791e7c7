"""Finds the follow-up actions that are possible with a result, with the price of each.

The price is for the model that the action's command would choose.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.plan import Plan, Quote
from bot.catalogue.refusals import disabled
from bot.chat.cards.card import Card, CardButton, CardSelect, CardSelectOption, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.interactions import uploaded_file
from bot.chat.discord.sent_data import Fields
from bot.chat.discord_limits import SELECT_OPTIONS
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.results.follow_up_prices import FollowUpPrices
from bot.chat.results.shown_pictures import SLOT
from bot.chat.results.sources import Source, of_job
from bot.chat.texts.texts import Speech
from bot.errors import (
    EaselError,
    FilesRemoved,
    NotFound,
    NotOurs,
    Retry,
    RunFailed,
    UnknownModel,
    UnusableFile,
)
from bot.jobs import recipe
from bot.jobs.records import Job, Relation, Snapshot
from bot.money import show
from bot.policy.policy_records import NOBODY, Circumstances, Requester

TASKS = {
    Relation.EDIT: Task.EDIT,
    Relation.UPSCALE: Task.UPSCALE,
    Relation.ANIMATE: Task.VIDEO,
    Relation.REMOVEBG: Task.REMOVEBG,
    Relation.LIPSYNC: Task.LIPSYNC,
}
"""Actions that work on one of the files of a result, with the task that each orders."""

MEDIUM = {Relation.LIPSYNC: "video"}
"""The media type that an action works on, if it is not a picture."""

NEED_TEXT = frozenset({Relation.EDIT, Relation.ANIMATE, Relation.LIPSYNC})
"""Actions that need text: an instruction, or the words to speak."""

UNUSABLE = UnusableFile().key

WITHOUT_CHANGE = frozenset({Relation.REROLL, Relation.AGAIN})
SENSELESS: Mapping[Task, frozenset[Relation]] = {
    Task.REMOVEBG: WITHOUT_CHANGE | {Relation.REMOVEBG},
    Task.UPSCALE: WITHOUT_CHANGE,
    Task.VECTORIZE: WITHOUT_CHANGE,
    Task.LIPSYNC: WITHOUT_CHANGE,
    Task.VIDEO: frozenset({Relation.EDIT, Relation.UPSCALE, Relation.ANIMATE, Relation.REMOVEBG}),
}
"""The actions that make no sense for the result of a task, such as removing the background of a cut-out, or a picture
action on an animation.
"""

SAMPLE = "…"
"""The text for orders that are only priced; no price depends on it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A possible action on a picture (0: on the whole result). `at_most` marks the price as a maximum.

    `seeded` marks an action that repeats a result with a new seed or the same one, if its model has a seed.
    """

    relation: Relation
    picture: int
    price_mcr: int
    at_most: bool
    seeded: bool = False

    def named(self, say: Speech) -> str:
        """Return the action's name with its price, and with its effect on the seed if the model has one."""
        return say(f"step-{self.relation}-seeded" if self.seeded else f"step-{self.relation}", price=self.priced(say))

    def priced(self, say: Speech) -> str:
        """Return the price in words."""
        return say("step-at-most" if self.at_most else "step-price", amount=show(self.price_mcr))


@dataclass(frozen=True, slots=True)
class StepInput:
    """The text typed for an action, and the chosen voice if the text is to be spoken."""

    text: str = ""
    voice: str | None = None


class FollowUpActions:
    """Finds, prices and orders follow-up actions."""

    def __init__(self, catalogue: Catalogue, models: ModelChoice, *, keep_days: int = 30) -> None:
        """`keep_days` is how long results are kept."""
        self._catalogue = catalogue
        self._models = models
        self._prices = FollowUpPrices(catalogue)
        self.keep_days = keep_days

    async def add_actions(self, card: Card, snapshot: Snapshot, say: Speech) -> Card:
        """Return a result's card with its possible actions, or a failed job's with a retry button if that may help."""
        try:
            if snapshot.job.has_paid_results:
                return await self._with_result_actions(card, of_job(snapshot), say)
            return await self._with_retry(card, of_job(snapshot), say)
        except EaselError as error:  # a result without buttons is better than no result
            log.warning("cannot add buttons to the result of job %s: %s", snapshot.job.id, error)
            return card

    async def _with_retry(self, card: Card, source: Source, say: Speech) -> Card:
        job = source.snapshot.job if source.snapshot else None
        if job is not None and job.failure is not None and job.failure.key == UNUSABLE:
            other = CardButton(Verb.REFILE, source.id, say("refile-button"))
            return replace(card, buttons=(*card.buttons, other))
        if job is None or job.failure is None or not is_temporary(job.failure.key):
            return card
        again = await self.steps(source, _everyone_at(job), (Relation.AGAIN,))
        return replace(card, buttons=(*card.buttons, *(step_button(step, source, say) for step in again)))

    async def _with_result_actions(self, card: Card, source: Source, say: Speech) -> Card:
        snapshot = source.snapshot
        if snapshot is None:
            return card
        job = snapshot.job
        rerolls = await self.steps(source, _everyone_at(job), (Relation.REROLL,))
        others = await self.steps(source, _everyone_at(job), tuple(TASKS))
        several = max(len(source.pictures), len(source.videos)) > 1
        direct = rerolls if several else (*rerolls, *others)
        more = CardButton(Verb.MORE, job.id, say("more-button"))
        buttons = (*card.buttons, *(step_button(step, source, say) for step in direct), more)
        return replace(card, buttons=buttons, selects=step_selects(others, source, say) if several else ())

    async def steps(self, source: Source, asker: Requester, relations: tuple[Relation, ...]) -> tuple[FollowUp, ...]:
        """Return those of these actions that this person can use, for each picture."""
        found: list[FollowUp] = []
        for relation in relations:
            if not self._makes_sense(source, relation):
                continue
            for number in range(1, len(_files(source, relation)) + 1) if relation in TASKS else (0,):
                quote = await self._quote(source, asker, relation, number)
                if quote is None:
                    continue
                seeded = relation in WITHOUT_CHANGE and self._has_seed(source)
                found.append(FollowUp(relation, number, quote.milli_credits, quote.upper_bound, seeded))
        return tuple(found)

    async def _quote(self, source: Source, asker: Requester, relation: Relation, number: int) -> Quote | None:
        """Return the price of the order from `planned`; None if that raises Refused."""
        allowed = await self._models.allowed(asker, TASKS.get(relation))
        if relation not in TASKS:
            order = self.rerun_order(source, relation)
            return self._prices.of(order) if order.model in allowed else None
        if source.snapshot is not None and not source.snapshot.artefacts:
            return None
        words = initial_text(source, relation) or SAMPLE
        return self._prices.of_usual(_order(source, relation, number, StepInput(words)), allowed)

    def _makes_sense(self, source: Source, relation: Relation) -> bool:
        """Return whether an action can produce anything other than the existing result."""
        job = source.snapshot.job if source.snapshot else None
        if job is None or not job.has_paid_results:
            return True
        if relation is Relation.AGAIN and not self._has_seed(source):
            return False  # without a known seed it would be a reroll
        return relation not in SENSELESS.get(job.order.task, frozenset())

    def _has_seed(self, source: Source) -> bool:
        """Return whether the seed of a result is known, so that it can be used again."""
        found = source.snapshot
        if found is None or not found.job.has_paid_results or not self._supports_seed(found.job.order.model):
            return False
        return any(seed is not None for seed in found.true_seeds)

    async def planned(self, source: Source, asker: Requester, relation: Relation, number: int) -> tuple[Order, Plan]:
        """Return the order for an action and its plan, with sample text if it needs any. Raises Refused."""
        order = await self.ordered(source, asker, relation, number)
        return order, self._catalogue.plan(order)

    async def ordered(
        self, source: Source, asker: Requester, relation: Relation, number: int, words: StepInput | None = None
    ) -> Order:
        """Return the order for an action, with sample text if none is given.

        Raises Refused if no model that is allowed here can do it, and FilesRemoved if its input was removed.
        """
        said = words or StepInput(initial_text(source, relation) or SAMPLE)
        allowed = await self._models.allowed(asker, TASKS.get(relation))
        if relation not in TASKS:
            order = self.rerun_order(source, relation)
            if order.model not in allowed:
                raise disabled(order.model, "no-longer-allowed")
            return order
        if source.snapshot is not None and not source.snapshot.artefacts:
            raise FilesRemoved(days=self.keep_days)
        hint = _order(source, relation, number, said)
        return replace(hint, model=self._catalogue.default(hint.task, hint, allowed=allowed).id)

    def with_other_file(self, source: Source, sent: Fields, copied: Collection[str]) -> Order:
        """Return the order of a job with the uploaded file in place of the one that could not be used.

        Other files whose slots are in `copied` are taken from Easel's store, because links expire; the job may have
        failed before the rest were copied. Raises NotOurs.
        """
        if source.snapshot is None:
            raise NotOurs
        job = source.snapshot.job
        attached = [file for file in job.order.files if not file.alpha_of]
        name = job.failure.facts.get("name") if job.failure else None
        wrong = next((file for file in attached if file.name == name), attached[0])
        other = uploaded_file(sent, wrong.slot, wrong.role)
        ours = {file.slot: recipe.stored_file(job.id, file) for file in attached if file.slot in copied}
        ours[wrong.slot] = other
        return replace(job.order, files=tuple(ours.get(file.slot, file) for file in job.order.files))

    def voices(self, order: Order) -> tuple[str, ...]:
        """Return the voices of the order's model."""
        return tuple(str(voice) for voice in self._catalogue.get(order.model).choices("voice"))

    def rerun_order(self, source: Source, relation: Relation) -> Order:
        """Return the order that runs a job again, with its actual seed or a new one. Raises NotOurs for pictures."""
        if source.snapshot is None:
            raise NotOurs
        if relation is Relation.REROLL:
            return recipe.reroll(source.snapshot)
        return recipe.again(source.snapshot, seeded=self._supports_seed(source.snapshot.job.order.model))

    def _supports_seed(self, model: str) -> bool:
        try:
            return self._catalogue.get(model).filled_by("seed") is not None
        except UnknownModel:
            return False


@cache
def is_temporary(key: str) -> bool:
    """Return whether a run with this failure may succeed if it is repeated unchanged."""
    return any(kind().key == key and kind.retry is Retry.LATER for kind in RunFailed.family())


def initial_text(source: Source, relation: Relation) -> str:
    """Return the modal's initial text: the prompt or the text with which the result was ordered."""
    return source.speech if relation is Relation.LIPSYNC else source.prompt


def step_button(step: FollowUp, source: Source, say: Speech) -> CardButton:
    """Return the button for an action."""
    return CardButton(Verb(step.relation), source.id, step.named(say), step.picture, step.price_mcr)


def step_selects(steps: tuple[FollowUp, ...], source: Source, say: Speech) -> tuple[CardSelect, ...]:
    """Return a select of actions, ordered by picture; empty if there are no actions."""
    ordered = sorted(steps, key=lambda step: step.picture)[:SELECT_OPTIONS]
    options = tuple(
        CardSelectOption(
            CustomId(Verb(step.relation), source.id, step.picture, step.price_mcr).option(),
            say("use-option", number=step.picture, step=say(f"verb-{step.relation}")),
            step.priced(say),
        )
        for step in ordered
    )
    return (CardSelect(source.id, say("use-placeholder"), options),) if options else ()


def _files(source: Source, relation: Relation) -> tuple[InputFile, ...]:
    return source.videos if relation is Relation.LIPSYNC else source.pictures


def _order(source: Source, relation: Relation, number: int, words: StepInput) -> Order:
    files = _files(source, relation)
    if not 1 <= number <= len(files):
        raise NotFound(what=MEDIUM.get(relation, "picture"), name=str(number))
    file = files[number - 1]
    if relation is Relation.LIPSYNC:
        return Order(Task.LIPSYNC, "", text=words.text, voice=words.voice, files=(file,))
    role = FileRole.FIRST_FRAME if relation is Relation.ANIMATE else FileRole.IMAGE
    picture = replace(file, slot=SLOT, role=role)
    return Order(TASKS[relation], "", prompt=words.text if relation in NEED_TEXT else None, files=(picture,))


def _everyone_at(job: Job) -> Requester:
    """Return a stand-in for all who may press a result's buttons: all who see its channel, whatever their roles are."""
    return Requester(job.guild, NOBODY, Circumstances(channel=job.channel))
