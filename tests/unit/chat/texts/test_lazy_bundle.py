from importlib.resources import files

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

from bot.chat.texts.lazy_bundle import LazyBundle

SHIPPED = sorted(entry.name for entry in files("bot.chat.texts").iterdir() if entry.name.endswith(".ftl"))


def lazily(source):
    bundle = LazyBundle(["en"], {}, use_isolating=False)
    bundle.add_source(source)
    return bundle


def text(bundle, name, **facts):
    found, errors = bundle.format_pattern(bundle.get_message(name).value, facts)
    assert errors == []
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_message_is_parsed_on_its_own_as_it_is_within_its_file(name):
    source = files("bot.chat.texts").joinpath(name).read_text(encoding="utf-8")
    bundle, whole = lazily(source), FluentBundle(["en"])
    whole.add_resource(FluentResource(source))
    entries = [one for one in FluentResource(source).body if isinstance(one, ast.Message | ast.Term)]
    assert not [one for one in FluentResource(source).body if isinstance(one, ast.Junk)]
    names = [f"-{one.id.name}" if isinstance(one, ast.Term) else one.id.name for one in entries]
    assert list(bundle._sources) == names
    for one, part in zip(entries, bundle._sources.values(), strict=True):
        parsed = next(each for each in FluentResource(part).body if not isinstance(each, ast.BaseComment))
        assert parsed.equals(one, ignored_fields=["span", "comment"])


def test_message_may_refer_to_messages_terms_and_attributes():
    bundle = lazily(
        "one = { two } and { -three } and { four.more }\n# a comment\ntwo = 2\n-three = 3\nfour =\n    .more = 4\n"
    )
    assert text(bundle, "one") == "2 and 3 and 4"


def test_message_of_many_lines_with_variants_is_read_whole():
    choice = "    { $count ->\n        [one] one file\n       *[other] { $count } files\n    }.\n"
    bundle = lazily(f"files =\n    You have\n{choice}next = x\n")
    assert text(bundle, "files", count=1) == "You have\none file."
    assert text(bundle, "files", count=3) == "You have\n3 files."


def test_first_of_two_messages_with_the_same_name_counts():
    assert text(lazily("one = first\none = second\n"), "one") == "first"


def test_term_is_not_a_message():
    bundle = lazily("-one = 1\n")
    assert not bundle.has_message("one")
    with pytest.raises(LookupError):
        bundle.get_message("one")
