"""Orders awaiting a moderator: their cards in the log channel, their buttons, and `/easel-mod approvals`."""

from typing import Any

import discord

from bot.chat.cards import modals
from bot.chat.cards.card import GREY, Card, CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.mention_names import MentionNames
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.moderation.rule_replies import RuleReplies, TargetOptions
from bot.chat.results.case_messages import CaseMessages
from bot.chat.texts import wording
from bot.chat.texts.escaping import fenced, plain, quoted
from bot.chat.texts.texts import Speech
from bot.errors import Fact
from bot.guilds.guilds import Guilds
from bot.guilds.log_entries import LogEntry
from bot.jobs.records import ApprovalState
from bot.moderation.moderation import Act, Moderation
from bot.moderation.order_decisions import OrderDecisions
from bot.money import show
from bot.policy.approval_rules import approval_facts
from bot.policy.policy import Policy
from bot.policy.policy_records import ApprovalRule
from bot.policy.rule_book import RuleBook

REASON_CHARACTERS = 300
PROMPT_CHARACTERS = 3_800


class OrderApprovals:
    """Handles the buttons "Approve", "Deny" and "Always for this member", and the command that ends an exemption."""

    def __init__(
        self,
        approvals: OrderDecisions,
        moderation: Moderation,
        responder: Responder,
        server_log: ServerLog,
        direct_messages: CaseMessages,
    ) -> None:
        self._approvals = approvals
        self._moderation = moderation
        self._direct_messages = direct_messages
        self._responder = responder
        self._server_log = server_log

    async def pressed(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Approve an order. Raises NotAllowed, NotFound, ApprovalDecided and ApprovalForbidden."""
        require_moderator(interaction)
        await self._responder.privately(
            interaction, self._approved(interaction, pressed.source, always=pressed.verb is Verb.ALWAYS)
        )

    async def ask_to_deny(self, interaction: discord.Interaction[Any], pressed: CustomId) -> None:
        """Ask a moderator for a reason. Raises NotAllowed, NotFound and ApprovalDecided."""
        require_moderator(interaction)
        say, job = self._responder.speech(interaction), await self._approvals.job(guild_of(interaction), pressed.source)
        title, label = say("deny-order-title", id=job.short_id), say("deny-order-label")
        about = CustomId(Verb.DENY_ORDER, job.id)
        await interaction.response.send_modal(modals.modal(about, title=title, label=label, text="", required=False))

    async def submitted(self, interaction: discord.Interaction[Any], about: CustomId) -> None:
        """Deny an order. Raises NotAllowed, NotFound and ApprovalDecided."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._denied(interaction, about.source))

    async def waiting(self, interaction: discord.Interaction[Any]) -> Card:
        """List the waiting orders, with their buttons."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        found = [await self._approvals.entry(guild, one.job.id) for one in await self._approvals.waiting(guild)]
        entries = [entry for entry in found if entry is not None]
        if not entries:
            return Card(say("approvals-nothing-waits"))
        cards = [approval_card(entry, say, named=True) for entry in entries]
        lines = [
            f"{card.content}\n{quoted(str(entry.facts['prompt']))}" for card, entry in zip(cards, entries, strict=True)
        ]
        buttons = tuple(button for card in cards for button in card.buttons)
        return Card(say("approvals-waiting"), line_embed(lines, say), buttons=buttons)

    async def revoke(self, interaction: discord.Interaction[Any], member: int) -> Card:
        """End a member's exemption, so that all rules apply to their orders again, and tell the member."""
        say, act = self._responder.speech(interaction), Act(guild_of(interaction), interaction.user.id, "")
        rules, case = await self._moderation.end_exemptions(act, member)
        self._direct_messages.wake()
        self._server_log.wake()
        return Card(say("approval-revoked", rules=rules, member=str(member), case=str(case)))

    async def _approved(self, interaction: discord.Interaction[Any], name: str, *, always: bool) -> Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        is_admin = interaction.permissions.manage_guild
        job = await self._approvals.approve(guild, name, interaction.user.id, is_admin=is_admin, always=always)
        await self._redraw(guild, job.id)
        return Card(say("order-approved-always" if always else "order-approved", id=job.short_id))

    async def _denied(self, interaction: discord.Interaction[Any], name: str) -> Card:
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        because = modals.text_of(interaction)[:REASON_CHARACTERS]
        job = await self._approvals.deny(guild, name, interaction.user.id, because)
        await self._redraw(guild, job.id)
        return Card(say("order-denied-now", id=job.short_id))

    async def _redraw(self, guild: int, job: str) -> None:
        entry = await self._approvals.entry(guild, job)
        if entry is not None:
            await self._server_log.redraw_entry(entry)


class ApprovalReplies:
    """Builds the replies to the commands that show and change the approval rules."""

    def __init__(
        self,
        rule_book: RuleBook,
        policy: Policy,
        guilds: Guilds,
        rules: RuleReplies,
        responder: Responder,
        names: MentionNames,
    ) -> None:
        self._rule_book = rule_book
        self._policy = policy
        self._guilds = guilds
        self._rules = rules
        self._responder = responder
        self._names = names

    async def add(self, interaction: discord.Interaction[Any], about: TargetOptions, rule: ApprovalRule) -> Card:
        """Add a rule for the orders that the options describe. Raises InvalidSetting, UnknownModel and NotFound."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        target = self._rules.target(about)
        rule = ApprovalRule(target, rule.above_mcr, rule.newer_than_days, rule.fewer_than_jobs, rule.flagged)
        number = await self._rule_book.add_approval(guild, rule, by=interaction.user.id)
        found = [one for one in (await self._policy.of_guild(guild)).approvals if one.number == number]
        text = "\n".join(say("approval-added", rule=approval_text(approval_facts(one), say)) for one in found)
        no_log = (await self._guilds.settings(guild)).log_channel is None
        return Card("\n".join((text, say("approval-no-log"))) if no_log else text)

    async def rules(self, interaction: discord.Interaction[Any]) -> Card:
        """List the rules, and the members who are exempt from them."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        policy = await self._policy.of_guild(guild)
        lines = [wording.sentence(approval_text(approval_facts(rule), say)) for rule in policy.approvals]
        for one in await self._rule_book.exemptions(guild):
            facts = {"number": one.rule, "member": str(one.member), "by": str(one.actor)}
            lines.append(say("approval-exempt", when=wording.relative(one.at_ms), **facts))
        return Card(say("approvals-head"), line_embed(lines, say)) if lines else Card(say("approvals-none"))

    async def remove(self, interaction: discord.Interaction[Any], number: int) -> Card:
        """Remove a rule. Raises NotFound."""
        say = self._responder.speech(interaction)
        rule = await self._rule_book.remove_approval(guild_of(interaction), number, by=interaction.user.id)
        return Card(say("approval-removed", rule=approval_text(approval_facts(rule), say)))

    async def known(self, interaction: discord.Interaction[Any], typed: str) -> list[tuple[str, int]]:
        """Return the rules that contain what was typed, for suggestions."""
        say, policy = self._responder.speech(interaction), await self._policy.of_guild(guild_of(interaction))
        numbered = [(approval_text(approval_facts(one), say), one.number) for one in policy.approvals]
        return await self._names.suggestions(interaction, numbered, typed)


def approval_text(facts: dict[str, Fact], say: Speech) -> str:
    """Return an approval rule in words, without a full stop."""
    return say("approval-rule", **wording.translated_parameters(facts, say))


def approval_card(entry: LogEntry, say: Speech, *, named: bool = False) -> Card:
    """Return the card of an order that is or was awaiting approval; `named` buttons say which order they are about."""
    facts = entry.facts
    names = ("number", "target", "name", "above", "above_mcr", "days", "jobs", "flagged")
    head = say(
        "log-approval",
        member=str(facts["member"]),
        channel=str(facts["channel"]),
        model=plain(str(facts["model"]).rpartition("/")[2]),
        task=wording.task(str(facts["task"]), say),
        price=show(int(facts["price_mcr"])),
        id=str(facts["id"]),
    )
    state = say(
        "log-approval-state",
        state=str(facts["state"]),
        by=str(facts["by"]),
        because=plain(str(facts["because"]), REASON_CHARACTERS) or wording.NONE,
        expires=str(facts["expires_at"]),
        rule=approval_text({name: facts[name] for name in names if name in facts}, say),
    )
    files = say("log-approval-files", files=int(facts["files"])) if facts["files"] else ""
    text = "\n".join(filter(None, (head, files, state)))
    typed = str(facts["prompt"])[:PROMPT_CHARACTERS]
    embed = discord.Embed(description=fenced(typed) if typed else None, colour=GREY)
    if facts["picture"]:
        embed.set_thumbnail(url=str(facts["picture"]))
    waits = facts["state"] == ApprovalState.WAITING
    suffix = f" {facts['id']}" if named else ""
    labels = (
        (Verb.APPROVE_ORDER, "approve-button"),
        (Verb.DENY_ORDER, "deny-button"),
        (Verb.ALWAYS, "always-button"),
    )
    buttons = tuple(CardButton(verb, entry.subject, say(key) + suffix) for verb, key in labels) if waits else ()
    return Card(text, embed if typed or facts["picture"] else None, buttons=buttons)
