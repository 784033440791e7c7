"""Builds the parts for what guilds and their members decide: preferences, settings, and the policy for orders."""

from dataclasses import dataclass

from bot.app.foundation import Foundation
from bot.app.shutdown import BoundedShutdown
from bot.guilds.guilds import Guilds
from bot.policy.policy import Policy
from bot.policy.prompts.guild_prompts import PromptRuleBook
from bot.preferences.preferences import Preferences
from bot.processes.duty_wakeup import DutyWakeUp


@dataclass(frozen=True, slots=True)
class GuildsSide:
    """The parts for what guilds and their members decide."""

    preferences: Preferences
    guilds: Guilds
    prompts: PromptRuleBook
    policy: Policy


async def build_guilds_side(base: Foundation, stack: BoundedShutdown) -> GuildsSide:
    """Build these parts; `stack` stops the ones that follow other processes' changes."""
    database, clock, news = base.database, base.clock, base.news
    preferences = Preferences(database, clock, news)
    await preferences.load()
    prompts = PromptRuleBook(database, clock, news)
    side = GuildsSide(
        preferences,
        Guilds(database, clock, news, DutyWakeUp("log", base.notices)),
        prompts,
        Policy(database, base.catalogue, clock, prompts, news),
    )
    if base.settings.role.is_shared:
        news.start(clock)
        stack.push_async_callback(news.stop)
    return side
