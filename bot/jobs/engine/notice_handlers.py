"""Acts on notices from other processes, apart from those about due jobs (`job_claims`)."""

from bot.jobs.engine.card_repair import CardRepair
from bot.jobs.engine.context import EngineContext
from bot.processes.notices import CARDS, JOINED, LEFT, RUN


class NoticeHandlers:
    """Passes on news from the processes that are connected to Discord or receive webhooks."""

    def __init__(self, context: EngineContext, card_repair: CardRepair) -> None:
        self._told = context.told
        self._trust = context.webhook_trust
        self._wakeups = context.wakeups
        self._left_guilds = context.left_guilds
        self._card_repair = card_repair
        for topic, handler in (
            (RUN, self._run_ended),
            (LEFT, self._guild_left),
            (JOINED, self._guild_joined),
            (CARDS, self._cards_may_work),
        ):
            context.notices.listen(topic, handler)

    def _run_ended(self, run: str) -> None:
        if run:  # a missed notice is like a lost webhook
            self._trust.arrived()
            self._told.append(run)
            self._wakeups.poll.set()

    def _guild_left(self, guild: str) -> None:
        if guild:  # a missed notice only costs runs whose results nobody sees
            self._left_guilds.add(int(guild))

    def _guild_joined(self, guild: str) -> None:
        if guild:
            self._left_guilds.discard(int(guild))
        else:  # better a run for nobody than a guild that can order nothing
            self._left_guilds.clear()

    def _cards_may_work(self, where: str) -> None:
        if where:  # a missed notice costs only time: every card is tried again after a while
            guild, channel = map(int, where.split())
            self._card_repair.may_work(guild, channel or None)
