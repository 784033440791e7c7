"""The common parts of the demo's scenes: people, their commands and buttons, and the messages they see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app.app import App
from bot.cli.demo.stage import BotReply, DemoError, Files, Message, Stage
from bot.cli.demo.transcript import Transcript
from bot.cli.sandbox_world import PROVIDER_NAME, World
from bot.settings import Settings


@dataclass(slots=True)
class Scene:
    """The state shared by the scenes.

    `app` is replaced when the bot is restarted; `jobs` has the short ids of the jobs whose files were saved, by name.
    """

    world: World
    stage: Stage
    transcript: Transcript
    app: App
    settings: Settings
    jobs: dict[str, str] = field(default_factory=dict[str, str])
    lighthouse: Message = field(default_factory=dict[str, Any])

    async def restart(self) -> None:
        """Stop the bot and start it again with the same database."""
        await self.app.stop()
        self.app = await App.start(self.settings, provider_name=PROVIDER_NAME)

    async def balance(self, name: str) -> int:
        """Return a member's available milli-credits."""
        return (await self.app.ledger.balance(self.world.guild, self.world.members[name])).available_mcr

    async def order(self, who: str, typed: str, name: str, files: Files | None = None, **options: object) -> BotReply:
        """Send a command, and record the typed text and the time until the answer."""
        self.transcript.typed(who, typed)
        answer = await self.stage.command(who, name, options, files)
        self.transcript.note(f"answered after {answer.ack_ms:.0f} ms")
        return answer

    async def press(self, who: str, message: Message, label: str) -> BotReply:
        """Press a button and record it."""
        self.transcript.pressed(who, label)
        return await self.stage.press(who, message, label)

    async def choose(self, who: str, message: Message, values: Mapping[str, str]) -> None:
        """Choose in the menu of a message, and record it; `values` maps the shown name of each choice to its value."""
        self.transcript.chose(who, ", ".join(values))
        await self.stage.choose(who, message, list(values.values()))

    async def fill_in(self, answer: BotReply, typed: str, **values: object) -> BotReply:
        """Fill in a form and record it."""
        self.transcript.wrote(answer.user, typed)
        return await self.stage.submit(answer, values)

    async def comes(self, who: str, words: str, channel: str) -> Message:
        """Wait for a message with these words, record it, and return it."""
        found = await self.stage.newest(who, lambda message: words in str(message), channel)
        self.transcript.seen(found, private=channel.startswith("dm:"))
        return found

    async def becomes(self, message: Message, words: str, who: str) -> Message:
        """Wait until a private message has been edited to contain these words, record it, and return it."""

        def is_edited(seen: Message) -> bool:
            return seen["id"] == message["id"] and words in str(seen)

        found = await self.stage.newest(who, is_edited, str(message["channel_id"]))
        self.transcript.seen(found, private=True)
        return found

    async def watch(self, answer: BotReply, until: Callable[[Message], bool]) -> Message:
        """Record each change of a message until `until` is true for it, and return it then."""
        attachments: list[str] | None = None
        async for message in self.stage.follow(answer, until):
            self.transcript.seen(message, private=answer.private)
            attachments = message.get("attachments")
            if until(message):
                return message
        raise DemoError(what=f"the expected message never came (last attachments: {attachments})")

    async def once(self, answer: BotReply) -> Message:
        """Record a message that will no longer change, and return it."""
        message = await self.stage.message(answer.user, answer.message_id, answer.channel)
        if message is None:
            raise DemoError(what=f"{answer.user} does not see the answer")
        self.transcript.seen(message, private=answer.private)
        return message

    async def keep(self, message: Message, name: str) -> tuple[str, bytes]:
        """Save a message's files under `name` with their own extensions; return the name and content of the first."""
        attachments: list[Mapping[str, Any]] = message["attachments"]
        contents = [await self.stage.download(attachment["url"]) for attachment in attachments]
        endings = [Path(attachment["filename"]).suffix for attachment in attachments]
        alone = len(set(endings)) == len(endings)
        numbers = ["" if alone else f"-{number}" for number, _ in enumerate(endings, 1)]
        paths = [
            self.transcript.keep(name + number + end, content)
            for number, end, content in zip(numbers, endings, contents, strict=True)
        ]
        self.jobs[name] = message["embeds"][0]["footer"]["text"].split()[-1]
        return paths[0].name, contents[0]


def has_file(message: Message) -> bool:
    """Return whether a result is shown."""
    return bool(message["attachments"])


def has_failed(message: Message) -> bool:
    """Return whether a card says that its job has failed."""
    return "Failed" in message["content"]


def is_running(message: Message) -> bool:
    """Return whether a card says that its job is running."""
    return any(words in str(message["embeds"]) for words in ("Sent to the model", "Generating", "working"))


def expect(right: bool, otherwise: str) -> None:
    """Raise DemoError with the text `otherwise` unless `right` is true."""
    if not right:
        raise DemoError(what=otherwise)
