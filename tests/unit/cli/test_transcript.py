import io
import time

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from bot.cli.demo.transcript import Transcript, relative

CARD = {
    "content": "🖌️ Imagining with **flux-schnell** · <@7>\n> a lighthouse\n> in [red] fog\nWaiting for its turn",
    "embeds": [{"footer": {"text": "Job RDFE-CP"}}],
    "components": [{"components": [{"type": 2, "label": "Cancel"}, {"type": 2, "label": "Wait"}]}],
}


@pytest.fixture
def printed():
    return io.StringIO()


@pytest.fixture
def transcript(tmp_path, printed):
    return Transcript(tmp_path, Console(file=printed, width=200, highlight=False), {"mira": 7})


def test_saved_transcript_renders_each_line_of_a_message_as_discord_shows_it(transcript):
    transcript.seen(CARD, private=False)
    found = MarkdownIt().render(transcript.close().read_text())
    assert found.replace("\n", "").endswith(
        "<blockquote>"
        "<p>🖌️ Imagining with <strong>flux-schnell</strong> · @mira</p>"
        "<blockquote><p>a lighthouse<br />in [red] fog</p></blockquote>"
        "<p>Waiting for its turn<br />Job RDFE-CP<br />[Cancel] [Wait]</p>"
        "</blockquote>"
    )


def test_terminal_shows_styles_and_not_their_marks(transcript, printed):
    transcript.seen(CARD, private=False)
    assert printed.getvalue() == (
        "  Easel  🖌️ Imagining with flux-schnell · @mira\n"
        "         │ a lighthouse\n"
        "         │ in [red] fog\n"
        "         Waiting for its turn\n"
        "         Job RDFE-CP\n"
        "         [Cancel] [Wait]\n"
    )


def test_marks_that_a_member_typed_are_shown_and_those_of_easel_are_not(transcript, printed):
    said = r"The model failed (its message: *out of \*memory\**) for \*\*me\*\* and **\[you\]**."
    transcript.seen({"content": said}, private=False)
    shown = "The model failed (its message: out of *memory*) for **me** and [you]."
    assert printed.getvalue() == f"  Easel  {shown}\n"
    found = MarkdownIt().render(transcript.close().read_text())
    assert "<em>out of *memory*</em>) for **me** and <strong>[you]</strong>." in found


def test_channels_roles_and_times_are_shown_as_discord_shows_them(transcript, printed):
    transcript.learn({"5": "#studio", "8": "@Artist"})
    day = f"<t:{int(time.time()) + 86_400}:R>"
    transcript.seen({"content": f"<#5> <@&8> <@7> <@9> {day}"}, private=False)
    assert printed.getvalue() == "  Easel  #studio @Artist @mira @someone in 24 hours\n"


@pytest.mark.parametrize(
    ("away_s", "shown"),
    [
        (-1, "1 second ago"),
        (0, "in 0 seconds"),
        (2, "in 2 seconds"),
        (91, "in 2 minutes"),
        (5_401, "in 2 hours"),
    ],
)
def test_relative_times_have_the_plural_of_their_number(away_s, shown):
    assert relative(away_s) == shown


def test_long_line_continues_next_to_the_name(tmp_path, printed):
    transcript = Transcript(tmp_path, Console(file=printed, width=30, highlight=False), {})
    transcript.seen({"content": "one two three four five six seven"}, private=False)
    transcript.typed("mira", "/imagine prompt:a lighthouse in fog")
    assert printed.getvalue() == (
        "  Easel  one two three four\n         five six seven\n  mira  /imagine prompt:a\n        lighthouse in fog\n"
    )
