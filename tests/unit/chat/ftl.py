"""Parses the Fluent files, so that tests can compare the keys and facts of their texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fluent.syntax import FluentParser, ast

from bot.chat.texts.texts import ENGLISH, english_reasons

FOLDER = files("bot.chat.texts")
LANGUAGES = sorted(
    name.removesuffix(".ftl")
    for name in (entry.name for entry in FOLDER.iterdir())
    if name.endswith(".ftl") and not name.startswith(("commands.", "names.")) and name != "en.ftl"
)
"""All languages except English."""

EVERY_LANGUAGE = ("en", *LANGUAGES)

FUNCTIONS = {"ORDINAL", "CREDITS"}
"""Easel's own functions, which texts may call with one fact."""

PLURALS = {"zero", "one", "two", "few", "many", "other", "0", "1", "2"}
"""Plural categories and numbers; languages use different ones."""


@dataclass(frozen=True)
class ParsedText:
    """A parsed text: its words, the facts it shows, and the facts that select its variants."""

    words: str
    shown: frozenset[str]
    chosen: Mapping[str, frozenset[str]]
    counted: frozenset[str]

    @property
    def facts(self) -> frozenset[str]:
        """All facts that the text needs."""
        return self.shown | self.chosen.keys() | self.counted


@cache
def source(name: str) -> Mapping[str, ParsedText]:
    """Return every text of a file by its key, `message` or `message.attribute`."""
    text = (FOLDER / f"{name}.ftl").read_text(encoding="utf-8")
    resource = FluentParser().parse(f"{text}\n{english_reasons()}" if name == ENGLISH else text)
    assert not [one for one in resource.body if isinstance(one, ast.Junk)], f"{name}.ftl has a syntax error"
    messages = [one for one in resource.body if isinstance(one, ast.Message)]
    assert len(messages) == len({one.id.name for one in messages}), f"{name}.ftl has a duplicate key"
    texts = {one.id.name: parsed(one.value) for one in messages if one.value}
    return texts | {f"{one.id.name}.{part.id.name}": parsed(part.value) for one in messages for part in one.attributes}


def parsed(pattern: ast.Pattern) -> ParsedText:
    expressions = [one.expression for one in pattern.elements if isinstance(one, ast.Placeable)]
    selects = [one for one in expressions if isinstance(one, ast.SelectExpression)]
    inner = [parsed(variant.value) for one in selects for variant in one.variants]
    by_name = {selector_name(one): frozenset(map(variant_name, one.variants)) for one in selects}
    counted = frozenset(name for name, variants in by_name.items() if variants <= PLURALS)
    words = [one.value for one in pattern.elements if isinstance(one, ast.TextElement)]
    chosen = {name: variants for name, variants in by_name.items() if name not in counted}
    return ParsedText(
        "\n".join((*words, *(one.words for one in inner))),
        frozenset(
            fact_name(one) for one in expressions if isinstance(one, ast.VariableReference | ast.FunctionReference)
        ).union(*(one.shown for one in inner)),
        {name: variants for one in inner for name, variants in one.chosen.items()} | chosen,
        counted.union(*(one.counted for one in inner)),
    )


def selector_name(select: ast.SelectExpression) -> str:
    return fact_name(select.selector)


def fact_name(expression: ast.SyntaxNode) -> str:
    """Return the fact that a text shows or selects by, directly or through a function."""
    if isinstance(expression, ast.FunctionReference) and expression.id.name in FUNCTIONS:
        (expression,) = expression.arguments.positional
    assert isinstance(expression, ast.VariableReference), "texts use their facts only"
    return expression.id.name


def variant_name(variant: ast.Variant) -> str:
    key = variant.key
    return key.value if isinstance(key, ast.NumberLiteral) else key.name
