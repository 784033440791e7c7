"""The pages of `/easel-admin setup`: each step's question, its current answer, and how to continue. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass

import discord

from bot.chat.cards.card import BLUE, Card, CardButton, CardMenu, CardSelectOption, MenuKind, Verb
from bot.chat.credits.funding_replies import allowance_text
from bot.chat.moderation.rule_replies import places_text
from bot.chat.texts.languages import OWN_NAMES
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import NONE
from bot.funding.allowances import Allowance
from bot.guilds.guild_settings import GuildSettings, Payer
from bot.guilds.setup_steps import QUESTIONS, SetupStep
from bot.money import show
from bot.policy.policy_records import PERIODS, GuildPolicy, Limit, RuleScope
from bot.policy.rule_book import MOST_PLACES
from bot.preferences.preference_records import SAME_AS_DISCORD

SHOWN = 10
"""How many allowances or budgets a page lists."""

COMMANDS = (
    "easel-admin credits grant", "easel-admin allowance list", "easel-mod limits list", "easel-admin settings",
    "easel-mod allow add", "imagine", "balance", "why", "help",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """A guild's answers to the steps. `language` is a locale; None for the guild's Discord language."""

    policy: GuildPolicy
    settings: GuildSettings
    allowances: tuple[Allowance, ...]
    language: str | None
    pool_mcr: int

    @property
    def budgets(self) -> tuple[Limit, ...]:
        """The limits on everyone's combined use in a day, week or month."""
        return tuple(one for one in self.policy.limits if is_budget(one))

    def is_set(self, step: SetupStep) -> bool:
        """Return whether a step's answer differs from the default."""
        return {
            SetupStep.CHANNELS: bool(self.policy.places),
            SetupStep.PAYER: self.settings.payer is not Payer.MEMBER,
            SetupStep.ALLOWANCE: bool(self.allowances),
            SetupStep.BUDGET: bool(self.budgets),
            SetupStep.LOG: self.settings.log_channel is not None,
            SetupStep.LANGUAGE: self.language is not None,
            SetupStep.SUMMARY: False,
        }[step]


def is_budget(limit: Limit) -> bool:
    """Return whether a limit is the kind of budget that the setup sets."""
    return limit.shared and limit.scope is RuleScope.SERVER and limit.kind in PERIODS


def page(step: SetupStep, facts: SetupFacts, say: Speech, mention: Callable[[str], str], *, note: str = "") -> Card:
    """Return the page of a step. `mention` returns the link to a command; `note` says what has just happened."""
    if step is SetupStep.SUMMARY:
        return _summary(facts, say, mention, note)
    title = say("setup-title", number=step.number, steps=QUESTIONS, name=say(f"setup-{step}-button"))
    links = {name.replace(" ", "-"): mention(name) for name in COMMANDS}
    now = say("setup-now", now=_now(step, facts, say))
    text = "\n\n".join(filter(None, (note, say(f"setup-about-{step}", **links), now)))
    embed = discord.Embed(title=title, description=text, colour=BLUE)
    embed.set_footer(text=say("setup-footer"))
    return Card(embed=embed, menus=_menus(step, facts, say), buttons=_buttons(step, facts, say))


def offer_card(say: Speech) -> Card:
    """Return the card that offers the setup and the check of the server."""
    buttons = (
        CardButton(Verb.SETUP, SetupStep.CHANNELS.value, say("setup-begin-button")),
        CardButton(Verb.DOCTOR, "server", say("doctor-button")),
    )
    return Card(say("setup-offer"), buttons=buttons)


def _summary(facts: SetupFacts, say: Speech, mention: Callable[[str], str], note: str) -> Card:
    steps = [step for step in SetupStep if step is not SetupStep.SUMMARY]
    links = {name.replace(" ", "-"): mention(name) for name in COMMANDS}
    lines = [f"**{say(f'setup-{step}-button')}** · {_now(step, facts, say)}" for step in steps]
    pays = facts.settings.payer.value
    some = "some" if facts.pool_mcr else NONE
    gets = "allowance" if facts.allowances else NONE
    goes_on = say("setup-next", **links, pays=pays, pool=show(facts.pool_mcr), some=some, gets=gets)
    parts = (note, "\n".join(lines), goes_on, say("setup-members", **links))
    embed = discord.Embed(title=say("setup-summary-title"), description="\n\n".join(filter(None, parts)), colour=BLUE)
    embed.set_footer(text=say("setup-summary-footer"))
    changes = (CardButton(Verb.SETUP_BACK, step.value, say(f"setup-{step}-button")) for step in steps)
    return Card(embed=embed, buttons=(*changes, CardButton(Verb.DOCTOR, "server", say("doctor-button"))))


def _now(step: SetupStep, facts: SetupFacts, say: Speech) -> str:
    """Return the current setting in words."""
    if step is SetupStep.CHANNELS:
        return places_text(facts.policy.places, say)
    if step is SetupStep.PAYER:
        return say("settings-payer", payer=facts.settings.payer.value)
    if step is SetupStep.ALLOWANCE:
        return _listed([allowance_text(one, say) for one in facts.allowances], say("setup-no-allowance"), say)
    if step is SetupStep.BUDGET:
        return _listed([_budget_text(one, say) for one in facts.budgets], say("setup-no-budget"), say)
    if step is SetupStep.LOG:
        channel = facts.settings.log_channel
        return say("settings-log", channel=f"<#{channel}>" if channel else NONE)
    return say("settings-language", language=facts.language or "none")


def _budget_text(budget: Limit, say: Speech) -> str:
    """Return a budget without the number for removing it, which means nothing to the person who has just set it."""
    return say("setup-budget-line", amount=show(budget.amount), every=budget.kind.value)


def _listed(lines: list[str], none: str, say: Speech) -> str:
    if len(lines) <= 1:
        return lines[0] if lines else none
    more = [say("and-more", count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    return "\n" + "\n".join(f"- {line}" for line in [*lines[:SHOWN], *more])


def _menus(step: SetupStep, facts: SetupFacts, say: Speech) -> tuple[CardMenu, ...]:
    placeholder = f"setup-{step}-placeholder"
    if step is SetupStep.CHANNELS:
        chosen = tuple(map(str, sorted(facts.policy.places)))
        return (_menu(step, say(placeholder), kind=MenuKind.PLACES, chosen=chosen, most=MOST_PLACES),)
    if step is SetupStep.LOG:
        channel = facts.settings.log_channel
        chosen = (str(channel),) if channel else ()
        return (_menu(step, say(placeholder), kind=MenuKind.TEXT_CHANNELS, chosen=chosen),)
    if step is SetupStep.PAYER:
        options = tuple(
            CardSelectOption(one, say(f"setup-payer-{one}"), say(f"setup-payer-{one}-hint")) for one in Payer
        )
        return (_menu(step, say(placeholder), options=options, chosen=(facts.settings.payer.value,)),)
    if step is SetupStep.LANGUAGE:
        named = {**OWN_NAMES, SAME_AS_DISCORD: say("setup-language-same")}
        options = tuple(CardSelectOption(value, name, "") for value, name in named.items())
        return (_menu(step, say(placeholder), options=options, chosen=(facts.language or SAME_AS_DISCORD,)),)
    return ()


def _menu(
    step: SetupStep,
    placeholder: str,
    *,
    kind: MenuKind = MenuKind.TEXTS,
    options: tuple[CardSelectOption, ...] = (),
    chosen: tuple[str, ...] = (),
    most: int = 1,
) -> CardMenu:
    return CardMenu(Verb.SET, step.value, placeholder, kind, options, chosen, most)


ASKED_IN_A_FORM = frozenset({SetupStep.ALLOWANCE, SetupStep.BUDGET})
UNSET_BY_A_BUTTON = frozenset({SetupStep.CHANNELS, SetupStep.BUDGET, SetupStep.LOG})


def _buttons(step: SetupStep, facts: SetupFacts, say: Speech) -> tuple[CardButton, ...]:
    found: list[CardButton] = []
    if step.previous is not None:
        found.append(CardButton(Verb.SETUP_BACK, step.previous.value, say("setup-back-button")))
    if step in ASKED_IN_A_FORM:
        found.append(CardButton(Verb.ASK, step.value, say(f"setup-ask-{step}-button")))
    if step in UNSET_BY_A_BUTTON and facts.is_set(step):
        found.append(CardButton(Verb.UNSET, step.value, say(f"setup-unset-{step}-button")))
    if step.following is not None:
        key = "setup-next-button" if facts.is_set(step) else "setup-skip-button"
        found.append(CardButton(Verb.SETUP, step.following.value, say(key)))
    return tuple(found)
