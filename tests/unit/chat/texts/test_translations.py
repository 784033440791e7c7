"""Checks that every language is complete, uses the same facts as English, and stays within Discord's limits."""

import ast
import re
from pathlib import Path

import pytest
from babel import Locale

import bot
import cogs
from bot import errors
from bot.catalogue.order import Task
from bot.catalogue.refusals import REASONS
from bot.chat.cards.button_rendering import LABEL_CHARACTERS, OPTION_CHARACTERS, PLACEHOLDER_CHARACTERS
from bot.chat.cards.modals import LABEL_CHARACTERS as MODAL_LABEL_CHARACTERS
from bot.chat.cards.modals import TITLE_CHARACTERS
from bot.chat.credits.statement_card import StatementScope
from bot.chat.discord.command_facts import Topic
from bot.chat.ordering.autocomplete import NAME_CHARACTERS
from bot.chat.ordering.earlier_results import THINGS
from bot.chat.results.follow_up_actions import NEED_TEXT, TASKS
from bot.chat.servers.server_findings import Found
from bot.chat.servers.setup_answers import CADENCES
from bot.chat.servers.setup_pages import ASKED_IN_A_FORM, UNSET_BY_A_BUTTON
from bot.chat.texts.languages import OWN_NAMES
from bot.chat.texts.texts import Texts
from bot.chat.texts.wording import ADVICE, OR_MODEL
from bot.errors import EaselError
from bot.funding.allowances import How
from bot.funding.forecast import Pace
from bot.guilds.guild_settings import Payer
from bot.guilds.log_entries import LogKind
from bot.guilds.setup_steps import SetupStep
from bot.jobs.records import Relation, State
from bot.jobs.waits import WaitReason
from bot.ledger.movements import Cause
from bot.moderation.case_records import CaseKind
from bot.moderation.report_records import Reported, ReportOutcome
from bot.permissions import READ_HISTORY, TO_SHOW_A_RESULT, TO_SHOW_IN_A_THREAD
from bot.policy.policy_records import RuleScope, What
from bot.policy.prompts.automod import Gap
from bot.privacy.erasures import Kept
from bot.provider.logs import Phase
from tests.unit.chat.ftl import EVERY_LANGUAGE, FOLDER, LANGUAGES, source
from tests.unit.chat.tree import whole_directory

TEXTS = Texts.load()

CONTENT_CHARACTERS = 2_000
"""Discord's limit for a message's content (resources/message); an embed's description allows twice as many."""

LONGEST = {
    "model": "wavespeedai/wan-2.1-t2v-480p-and-more",
    "amount": "1,250,000.125",
    "price": "1,250,000.125",
    "duration": "10 h 59 min",
    "number": 10,
    "title": "x" * 70,
    "id": "K7QF-2M",
    "seconds": "60",
}
"""The longest realistic values of facts in short texts."""

NAMES = re.compile(
    r"https://|data:|#ffffff|@everyone|transparent|OPENAI_API_KEY|OPERATOR_IDS|SHA-256|Ctrl\+R|`[^`]*`|"
    r"/[a-z-]+(?: [a-z]+)*|"
    r"\b(Easel|Discord|PNG|JPEG|WebP|SVG|MB|AI|APP|Windows|macOS|Linux|7-Zip|Keka|prompt|mp4|mov|CSV|K7QF-2M|AutoMod|ZIP|JSON|UTC|easel|png|jpg|webp|English)\b",
    re.ASCII,
)
"""Names that are the same in every language."""

SHORT = {
    "-button$": LABEL_CHARACTERS,
    "^step-": LABEL_CHARACTERS,
    "^use-placeholder$": PLACEHOLDER_CHARACTERS,
    "^use-option$": OPTION_CHARACTERS,
    "^choice": NAME_CHARACTERS,
    "^modal-[a-z]+$": TITLE_CHARACTERS,
    "^modal-.*-label$": MODAL_LABEL_CHARACTERS,
}
"""The length limits of short texts, by key pattern; longer ones would be cut off."""

KEYED = {"rule": "rule", "what": "thing", "permission": "permission", "task": "task"}
"""Facts that are text keys, with the prefix of their texts."""

FAMILIES = {
    "state": set(State),
    "cause": set(Cause),
    "forecast": set(Pace),
    "statement-head": set(StatementScope),
    "rule": {
        *("cheap", "costly", "video", "denied-by-guild", "allowed-by-guild", "denied-by-rule", "allowed-by-rule"),
        *("above-ceiling", "age-restricted", "elsewhere"),
    },
    "target": set(What),
    "scope": set(RuleScope) - {RuleScope.MODEL},
    "owner": {
        *(f"shared-{one}" for one in ("server", "channel", "model", "role")),
        *(f"each-{one}" for one in ("server", "role", "member")),
    },
    "reason": set(REASONS),
    "permission": {needed.name for needed in (*TO_SHOW_A_RESULT, *TO_SHOW_IN_A_THREAD, READ_HISTORY)},
    "advice": {
        *ADVICE.values(),
        OR_MODEL,
        "job",
        "moderated-job",
        "preset",
        "server",
        "servers",
        "grant",
        "allowance",
        "purse",
        "new-server",
        "suspension",
    },
    "privacy": set(Kept),
    "task": set(Task),
    "thing": {"none", *THINGS.values()},
    "from": set(Relation),
    "step": {*TASKS, *Relation, "reroll-seeded", "again-seeded"},
    "verb": set(TASKS),
    "why": {
        *("model", "not-paused", "not-blocked", "place", "not-denied", "policy", "prompt", "within-limits"),
        *("no-approval", "approval", "credits", "credits-other"),
        *(f"no-{name}" for name in ("model", "place", "policy", "credits", "credits-other")),
    },
    "queued": set(WaitReason) - {WaitReason.TURN},
    "phase": set(Phase),
    "modal": {*NEED_TEXT, *(f"{one}-label" for one in NEED_TEXT), "refile", "refile-label"},
    "kind": {"image", "video", "audio"},
    "help": set(Topic),
    "log": set(LogKind),
    "automod-gap": set(Gap),
    "case": set(CaseKind),
    "letter": set(CaseKind),
    "reported": set(Reported),
    "setup": {
        *(f"{step}-button" for step in SetupStep if step is not SetupStep.SUMMARY),
        *(f"about-{step}" for step in SetupStep if step is not SetupStep.SUMMARY),
        *(f"{step}-placeholder" for step in ("channels", "payer", "log", "language")),
        *(f"payer-{payer}{end}" for payer in Payer for end in ("", "-hint")),
        *(f"ask-{step}-button" for step in ASKED_IN_A_FORM),
        *(f"unset-{step}-button" for step in UNSET_BY_A_BUTTON),
        *(f"every-{every}" for every in CADENCES),
        *(f"how-{how}" for how in How),
    },
    "doctor": {*Found, "well", "head", *(f"part-name-{part}" for part in ("database", "disk", "loops", "workers"))},
    "modal-setup": {f"{step}-label" for step in ASKED_IN_A_FORM},
    "report": {ReportOutcome.KEPT, ReportOutcome.DISMISSED},
}
"""Text keys that the code composes: a prefix, and all suffixes that occur."""


@pytest.fixture(scope="module")
def code() -> list[ast.AST]:
    """Return the syntax tree of every module of the bot."""
    modules = [path for folder in (bot, cogs) for path in sorted(Path(folder.__path__[0]).rglob("*.py"))]
    return [node for path in modules for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, EaselError)}
FOR_OPERATORS = {"SettingsError", "StorageError", "FilesUnreachable"}
"""Errors whose details appear only in logs and on the command line; members see a general text."""


def test_members_can_choose_every_language():
    assert set(OWN_NAMES) == set(EVERY_LANGUAGE), "bot/chat/texts/languages.py and the .ftl files differ"


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_language_has_exactly_the_english_keys(locale):
    theirs = source(locale)
    missing, left_over = source("en").keys() - theirs.keys(), theirs.keys() - source("en").keys()
    assert not missing, f"add these texts to {locale}.ftl: {sorted(missing)}"
    assert not left_over, f"remove these texts from {locale}.ftl: {sorted(left_over)}"


@pytest.mark.parametrize("locale", LANGUAGES)
def test_translations_use_the_same_facts_and_variants(locale):
    both = [(key, one, source(locale)[key]) for key, one in source("en").items() if key in source(locale)]
    assert [key for key, ours, theirs in both if (ours.shown, ours.chosen) != (theirs.shown, theirs.chosen)] == []
    assert [key for key, ours, theirs in both if not theirs.facts <= ours.facts] == []


@pytest.mark.parametrize("locale", LANGUAGES)
def test_languages_without_singular_have_no_variant_for_it(locale):
    """Chinese is one of them: a variant `[one]` would never be shown there, but `[1]` is."""
    has_singular = "one" in Locale.parse(locale, sep="-").plural_form.tags
    assert has_singular or "[one]" not in (FOLDER / f"{locale}.ftl").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [1, 7])
@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
def test_every_text_renders_in_its_own_language(locale, number):
    say = TEXTS.only(locale) or TEXTS.speech(locale)
    for key, one in source("en").items():
        text = say(key, **{name: LONGEST.get(name, number) for name in one.facts})
        assert text, key
        assert "{" not in text, key
        assert len(text) <= CONTENT_CHARACTERS, key


def test_a_single_day_is_in_the_singular():
    say = TEXTS.speech("en")
    assert say("files-removed", days=1) == "The files of this result were deleted after a day."
    assert "its files until a day after it ended." in say("delete-ask-own", id="K7QF-2M", days=1, amount="1")


@pytest.mark.parametrize("name", ["zh-CN", "commands.zh-CN"])
def test_chinese_texts_contain_no_english_words(name):
    own_names = {f"choices.{locale}" for locale in LANGUAGES}  # each language is listed under its own name
    texts = {key: one for key, one in source(name).items() if key not in own_names}
    left = {key: re.findall(r"[A-Za-z]{2,}", NAMES.sub("", one.words)) for key, one in texts.items()}
    assert {key: words for key, words in left.items() if words} == {}


@pytest.mark.parametrize("locale", [one for one in EVERY_LANGUAGE if not one.startswith(("zh", "ja"))])
def test_other_languages_contain_no_chinese(locale):
    """Whoever starts from the Chinese files may forget to translate some of their texts."""
    names = [name for name in (locale, f"commands.{locale}", f"names.{locale}") if (FOLDER / f"{name}.ftl").is_file()]
    texts = {(name, key): one.words for name in names for key, one in source(name).items()}
    chinese = {key for key, words in texts.items() if re.search("[\u4e00-\u9fff]", words)}
    left = {(name, key) for name, key in chinese if not key.startswith("choices.zh")}
    assert left == set(), f"translate these texts: {left}"


@pytest.mark.parametrize("name", ["zh-CN", "commands.zh-CN"])
def test_chinese_texts_use_chinese_punctuation(name):
    western = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[\u4e00-\u9fff]\.(\s|$)")
    assert {key for key, one in source(name).items() if western.search(one.words)} == set()


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
@pytest.mark.parametrize(("pattern", "most"), SHORT.items(), ids=SHORT)
def test_texts_with_a_limit_fit_in_every_language(locale, pattern, most):
    say, keys = TEXTS.speech(locale), [key for key in source("en") if re.search(pattern, key)]
    assert keys
    price = say("step-at-most", amount=LONGEST["amount"])
    for key in keys:
        own = {"step": say("verb-removebg"), **({"price": price} if key.startswith("step-") else {})}
        text = say(key, **{name: (LONGEST | own).get(name, 7) for name in source("en")[key].facts})
        assert len(text) <= most, (key, text)


def made(code: list[ast.AST]) -> list[tuple[str, dict[str, ast.expr]]]:
    """Return every error that the code raises: its name, and the expressions of its facts."""
    return [
        (one.func.id, {each.arg: each.value for each in one.keywords if each.arg})
        for one in code
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in KINDS
    ]


def written(value: ast.expr | None) -> str:
    """Return the literal text of a fact's expression, without inserted values."""
    return " ".join(str(one.value) for one in ast.walk(value) if isinstance(one, ast.Constant)) if value else ""


def is_shown(kind: type[EaselError], fact: str) -> bool:
    """Return whether members see this fact of an error."""
    texts = [source("en")[key] for key in (kind().key, f"{kind().key}.advice") if key in source("en")]
    return any(fact in one.shown for one in texts)


def test_errors_contain_no_untranslatable_text(code):
    """A fact in a text must be data, a text key, or come with a text key (`reason`)."""
    errors_made = [(name, facts) for name, facts in made(code) if name not in FOR_OPERATORS]
    assert len(errors_made) > 50
    loose = [
        (name, fact, written(value))
        for name, facts in errors_made
        for fact, value in facts.items()
        if is_shown(KINDS[name], fact) and re.search(r"[a-z]{2} [a-z]", written(value))
        if f"reason-{written(facts.get('reason'))}" not in source("en")
    ]
    assert loose == []


def test_every_text_key_in_an_error_exists(code):
    keyed_facts = [(fact, value.value) for _, facts in made(code) for fact, value in facts.items()
            if fact in KEYED and isinstance(value, ast.Constant)]  # fmt: skip
    assert len(keyed_facts) > 15
    assert [(fact, key) for fact, key in keyed_facts if f"{KEYED[fact]}-{key}" not in source("en")] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_family_of_texts_is_complete(family):
    missing = {f"{family}-{name}" for name in FAMILIES[family]} - source("en").keys()
    assert missing == set(), f"add these texts to en.ftl: {missing}"


async def test_every_text_is_used(code):
    directory = await whole_directory()
    commands = {name.replace(" ", "-") for topic in Topic for name in directory.about(topic)}
    literal = {one.value for one in code if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    carried = {
        f"{KEYED[fact]}-{written(value)}" for _, facts in made(code) for fact, value in facts.items() if fact in KEYED
    }
    built = {f"{family}-{name}" for family, names in FAMILIES.items() for name in names}
    built |= {f"help-to-{command}" for command in commands}  # optional for each command
    used = literal | carried | built | {kind().key for kind in KINDS.values()}
    left = {key for key in source("en") if key.partition(".")[0] not in used}
    assert left == set(), f"remove these texts, or add their keys to FAMILIES if the code composes them: {left}"
