"""Chooses the handler of each button, select and modal."""

from typing import Any

import discord

from bot.app.credits_side import CreditsSide
from bot.app.lists_side import ListsSide
from bot.app.ordering_side import OrderingSide
from bot.app.replies_side import RepliesSide
from bot.app.services import Services
from bot.chat.cards.card import Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.modals import custom_id_of
from bot.chat.discord.component_dispatch import ComponentHandlers
from bot.chat.replies.error_replies import ErrorReplies
from bot.chat.results.follow_up_handlers import STEPS
from bot.chat.results.job_button_handlers import JobButtons
from bot.chat.results.report_queue import MODALS


def build_components(
    core: Services, shared: RepliesSide, ordering: OrderingSide, lists: ListsSide, money: CreditsSide
) -> ComponentHandlers:
    """Choose the handler of each button, select and modal."""
    errors, jobs = ErrorReplies(shared.responder, core.troubles), JobButtons(core.jobs, shared.responder)
    moderation, follow_ups = shared.moderation, ordering.follow_ups

    async def submitted(interaction: discord.Interaction[Any]) -> None:
        about = CustomId.read(custom_id_of(interaction) or "")
        if about is not None and about.verb in MODALS:
            await moderation.queue.submitted(interaction, about)
        elif about is not None and about.verb is Verb.DENY_ORDER:
            await moderation.approvals.submitted(interaction, about)
        elif about is not None and about.verb is Verb.SET:
            await shared.setup.wizard.submitted(interaction, about)
        else:
            await follow_ups.submitted(interaction)

    return ComponentHandlers(
        buttons={
            Verb.CANCEL: jobs.cancel,
            Verb.NOTIFY: jobs.notify,
            **ordering.buttons,
            **lists.buttons,
            **money.buttons,
            **moderation.buttons,
            **shared.setup.buttons,
            **shared.privacy.buttons,
        },
        options=dict.fromkeys(STEPS, follow_ups.pressed),
        modal=submitted,
        return_text=follow_ups.return_text,
        outdated=errors.outdated,
        explain=errors.explain,
    )
