import ast
import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

import bot.chat
import cogs
from bot import errors
from bot.chat.texts.texts import Texts
from bot.chat.texts.wording import failure, parameters
from bot.errors import EaselError, Failure

ENGLISH = (files("bot.chat.texts") / "en.ftl").read_text(encoding="utf-8")
SAY = Texts.load().speech("en-US")


def test_texts_are_read_once():
    assert Texts.load() is Texts.load()


def every_error() -> list[type[EaselError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EaselError)]


def facts_of(kind: type[EaselError]) -> dict[str, str | int]:
    names = [name for _, name, _, _ in Formatter().parse(kind.message) if name]
    return {name: 7_000 if name.endswith(("_mcr", "_ms", "_s", "_bytes", "_at")) else "some fact" for name in names}


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_text_has_outcome_cost_and_advice(kind):
    error = kind(**facts_of(kind))
    text = failure(error.failure, SAY, released_mcr=75_000)
    key = error.key if SAY.has(error.key) else "run-failed"
    assert SAY.has(f"{key}.advice"), f"{error.key} has no advice"
    assert text.endswith(
        SAY(f"{key}.advice", **parameters({"model": "none", "rule": "none", "priced": "none", **facts_of(kind)}, SAY))
    )
    assert "Nothing was charged; 75 credits released." in text
    assert "{" not in text


@pytest.mark.parametrize(
    "kind", [kind for kind in every_error() if kind is not EaselError], ids=lambda kind: kind.__name__
)
def test_every_error_has_its_own_text(kind):
    assert SAY.has(kind().key)


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_error_without_facts_is_still_a_sentence(kind):
    assert "{" not in failure(Failure(kind().key, {}), SAY)


def test_unknown_error_is_shown_as_a_failed_run():
    assert failure(Failure("from-an-older-version", {}), SAY).startswith("The run failed.")


def test_missing_text_raises():
    with pytest.raises(LookupError):
        SAY("no-such-text")


@pytest.mark.parametrize(
    ("amount", "said"),
    [("1", "1 credit held"), ("0", "0 credits held"), ("1.5", "1.5 credits held"), ("1,001", "1,001 credits held")],
)
def test_plural_of_credits_depends_on_the_amount(amount, said):
    assert SAY("held", amount=amount) == said
    assert Texts.load().speech("zh-CN")("held", amount=amount) == f"已预留 {amount} 积分"


def test_every_number_of_credits_has_its_plural():
    assert re.findall(r"\$\w+ \}\*{0,2} credits", ENGLISH.replace("{ $shown } credits", "")) == []


def test_text_with_a_missing_fact_raises():
    with pytest.raises(LookupError):
        SAY("held")


def test_unknown_locale_falls_back_to_english():
    assert Texts.load().speech("xx-YY")("ready") == "Ready"


def test_missing_translation_falls_back_to_english():
    texts = Texts({"en": "one = one\ntwo = two { $n }", "zh-CN": "one = 一\ntwo = 二 { $m }"})
    say = texts.speech("zh-CN")
    assert say("one") == "一"
    assert say("two", n=3) == "two 3"  # the translation needs a fact that is missing


def test_locale_with_a_region_uses_its_base_language():
    texts = Texts({"en": "one = one", "de": "one = eins"})
    assert texts.speech("de-AT")("one") == "eins"


def test_every_text_mentioned_in_the_code_exists():
    named = {
        key for folder in (bot.chat, cogs) for path in Path(folder.__path__[0]).rglob("*.py") for key in keys_in(path)
    }
    assert {key for key in named if not SAY.has(key)} == set()
    assert len(named) > 40


def keys_in(path: Path) -> set[str]:
    """Return the text keys that a module uses as literals."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name | ast.Attribute) and call.args]
    keys = [call.args[0] for call in named if ast.unparse(call.func).endswith("say")]
    return {
        argument.value for argument in keys if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def test_text_is_also_remembered_by_the_types_of_its_facts():
    say = Texts({"en": "made = { $n ->\n    [one] one picture\n   *[other] { $n } pictures\n }\n"}).speech("en")
    assert [say("made", n=1), say("made", n="1"), say("made", n=1)] == ["one picture", "1 pictures", "one picture"]


def test_text_with_a_long_fact_is_not_remembered():
    say = Texts({"en": "said = You said { $prompt }\n"}).speech("en")
    assert say("said", prompt="short") == "You said short"
    assert say("said", prompt="long " * 20).startswith("You said long")
    assert say._kept.cache_info().currsize == 1
