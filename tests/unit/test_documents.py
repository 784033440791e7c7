"""Tests that every link between documents, and every mention of a file of docs/ in the code, leads somewhere."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
FOLDERS = (".github", "bench", "bot", "cogs", "docs", "ops", "sandbox", "tests")


def files(*endings: str) -> list[Path]:
    """Return the files of the project whose names have one of these endings."""
    found = [*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    return sorted(path for path in found if path.name.endswith(endings) and path.is_file())


def inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from inline(token.children or [])


def links(text: str) -> list[str]:
    """Return where the links and pictures of a document lead within the project."""
    tokens = inline(MarkdownIt().enable("table").parse(text))
    found = [str(token.attrGet("href") or token.attrGet("src") or "") for token in tokens]
    return [one for one in found if one and not urlsplit(one).scheme]


@cache
def anchors(document: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    tokens = MarkdownIt().parse(document.read_text())
    titles = [inside for heading, inside in pairwise(tokens) if heading.type == "heading_open"]
    made, earlier = set[str](), Counter[str]()
    for title in titles:
        shown = "".join(part.content for part in title.children or [] if part.type in ("text", "code_inline"))
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        made.add(f"{slug}-{earlier[slug]}" if earlier[slug] else slug)
        earlier[slug] += 1
    return frozenset(made)


def leads_somewhere(document: Path, link: str) -> bool:
    """Return whether the file of a link exists and has the heading that it mentions."""
    to = urlsplit(link)
    target = document.parent / unquote(to.path) if to.path else document
    return target.exists() and (not to.fragment or target.suffix != ".md" or to.fragment in anchors(target))


@pytest.mark.parametrize("document", files(".md"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_link_leads_to_a_file_and_a_heading_that_exist(document):
    assert [link for link in links(document.read_text()) if not leads_somewhere(document, link)] == []


def test_link_to_a_missing_heading_is_found():
    readme = ROOT / "README.md"
    assert links("See [it](docs/operate.md#no-such-heading) and <https://example.org>.") == [
        "docs/operate.md#no-such-heading"
    ]
    assert leads_somewhere(readme, "docs/operate.md#shards")
    assert not leads_somewhere(readme, "docs/operate.md#no-such-heading")
    assert not leads_somewhere(readme, "docs/no_such_document.md")


def test_repeated_headings_have_numbered_anchors(tmp_path):
    document = tmp_path / "steps.md"
    document.write_text("# Step 1\n\n## Step\n\n## Step\n\n## `easel run`, ![a picture](x.png)and *more*\n")
    assert anchors(document) == {"step-1", "step", "easel-run-and-more"}


def test_code_and_settings_mention_only_documents_that_exist():
    named = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in files(".py", ".ftl", ".toml", ".yaml", ".sql", ".service", ".env.example", "Makefile", "Dockerfile")
        if path != Path(__file__)
        for name in re.findall(r"(?<![\w./-])docs/[\w/.-]+\.md", path.read_text())
    }
    assert [(path, name) for path, name in sorted(named) if not (ROOT / name).exists()] == []
