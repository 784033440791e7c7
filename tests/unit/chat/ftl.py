"""The files of texts taken apart: their keys, and what each text says."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fluent.syntax import FluentParser, ast

FOLDER = files("bot.chat.texts")
LANGUAGES = sorted(
    name.removesuffix(".ftl")
    for name in (entry.name for entry in FOLDER.iterdir())
    if name.endswith(".ftl") and not name.startswith("commands.") and name != "en.ftl"
)
"""All but English."""

PLURALS = {"zero", "one", "two", "few", "many", "other"}


@dataclass(frozen=True)
class Said:
    """What a text says: its words, the facts that stand in it, and those that choose among its variants."""

    words: str
    shown: frozenset[str]
    chosen: frozenset[tuple[str, frozenset[str]]]


@dataclass(frozen=True)
class Source:
    """One file: every key (`message` and `message.attribute`) with what it says, and the English in its comments."""

    texts: dict[str, Said]

    @property
    def keys(self) -> list[str]:
        return list(self.texts)


@cache
def source(name: str) -> Source:
    resource = FluentParser().parse((FOLDER / f"{name}.ftl").read_text(encoding="utf-8"))
    assert not [one for one in resource.body if isinstance(one, ast.Junk)]
    messages = [one for one in resource.body if isinstance(one, ast.Message)]
    texts = {one.id.name: said(one.value) for one in messages if one.value}
    inner = {f"{one.id.name}.{part.id.name}": said(part.value) for one in messages for part in one.attributes}
    assert len(messages) == len({one.id.name for one in messages}), "a key stands there twice"
    return Source({**texts, **inner})


def said(pattern: ast.Pattern) -> Said:
    words, shown, chosen = [], set(), set()
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            words.append(element.value)
            continue
        expression = element.expression
        if isinstance(expression, ast.VariableReference):
            shown.add(expression.id.name)
        if isinstance(expression, ast.SelectExpression):
            names = frozenset(variant_name(one) for one in expression.variants)
            if not names <= PLURALS | {"0", "1"}:  # languages have their own plurals; all else is a fact
                chosen.add((expression.selector.id.name, names))
            for inner in (said(one.value) for one in expression.variants):
                words.append(inner.words)
                shown |= inner.shown
                chosen |= inner.chosen
    return Said("\n".join(words), frozenset(shown), frozenset(chosen))


def variant_name(variant: ast.Variant) -> str:
    key = variant.key
    return key.value if isinstance(key, ast.NumberLiteral) else key.name
