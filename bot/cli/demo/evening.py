"""The script of the demo's evening, scene by scene."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console

from bot.app.app import App
from bot.cli.demo.stage import BotReply, DemoError, Files, Message, Stage
from bot.cli.demo.transcript import Transcript
from bot.cli.sandbox_world import PROVIDER_NAME, World, set_up_guild, settings_for
from bot.funding.funding_checks import verify as verify_funding
from bot.jobs.money.reconciliation import verify as verify_jobs
from bot.ledger.verify import verify as verify_ledger
from bot.money import milli, show
from bot.settings import Settings

EXPENSIVE = "kwaivgi/kling-v2.0"
"""A video model that costs more than orders may cost without confirmation."""

SPEED = 20.0
"""How many times faster than real models the sandbox's models run in the demo."""


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
        """Send a command, and record what was typed and how fast it was answered."""
        self.transcript.typed(who, typed)
        answer = await self.stage.command(who, name, options, files)
        self.transcript.note(f"answered after {answer.ack_ms:.0f} ms")
        return answer

    async def press(self, who: str, message: Message, label: str) -> BotReply:
        """Press a button and record it."""
        self.transcript.pressed(who, label)
        return await self.stage.press(who, message, label)

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
        """Record a message that will not change any more, and return it."""
        message = await self.stage.message(answer.user, answer.message_id)
        if message is None:
            raise DemoError(what=f"{answer.user} does not see the answer")
        self.transcript.seen(message, private=answer.private)
        return message

    async def keep(self, message: Message, name: str) -> tuple[str, bytes]:
        """Save a message's files under `name` with their own extensions; return the name and content of the first."""
        attachments: list[Mapping[str, Any]] = message["attachments"]
        contents = [await self.stage.download(attachment["url"]) for attachment in attachments]
        endings = [Path(attachment["filename"]).suffix for attachment in attachments]
        paths = [self.transcript.keep(name + end, content) for end, content in zip(endings, contents, strict=True)]
        self.jobs[name] = message["embeds"][0]["footer"]["text"].split()[-1]
        return paths[0].name, contents[0]


async def play(world: World, settings: Settings, out: Path, data: Path) -> int:
    """Play the evening in a running sandbox; return 0 if all of it worked and the ledger is in order.

    The media and the transcript are written to `out`, the database to `data`.
    """
    began = time.monotonic()
    own = settings_for(world, data, settings)
    transcript = Transcript(out, Console(highlight=False), world.members)
    app = await App.start(own, provider_name=PROVIDER_NAME)
    async with aiohttp.ClientSession() as session:
        stage = Stage(session, world.discord_url, world.guild, world.channel)
        scene = Scene(world, stage, transcript, app, own)
        try:
            await set_up_guild(app, world)
            for act in (_grant, _picture, _onward, _kept, _private, _refusal, _failure, _video):
                await act(scene)
            await _ledger(scene)
        finally:
            await scene.app.stop()
            transcript.note(f"The evening took {time.monotonic() - began:.1f} s.")
            transcript.close()
    return 0


async def _grant(scene: Scene) -> None:
    scene.transcript.heading("An admin grants credits")
    mira = str(scene.world.members["mira"])
    before = await scene.balance("mira")
    answer = await scene.order(
        "olga",
        "/easel-admin credits grant user:@mira amount:500 reason:welcome",
        "easel-admin credits grant",
        user=mira,
        amount="500",
        reason="welcome",
    )
    await scene.once(answer)
    _expect(await scene.balance("mira") - before == milli(500), "mira did not get 500 credits")


async def _picture(scene: Scene) -> None:
    scene.transcript.heading("A picture, and the same picture without its background")
    answer = await scene.order("mira", "/imagine prompt:a lighthouse in fog", "imagine", prompt="a lighthouse in fog")
    scene.lighthouse = await scene.watch(answer, _has_file)
    name, content = await scene.keep(scene.lighthouse, "lighthouse")
    answer = await scene.order("mira", f"/removebg image:{name}", "removebg", files={"image": (name, content)})
    await scene.keep(await scene.watch(answer, _has_file), "lighthouse-cut-out")


async def _onward(scene: Scene) -> None:
    scene.transcript.heading("An edit, a vector graphic, music and an upscale, all at once")
    before = await scene.balance("kai")
    cut_out = scene.jobs["lighthouse-cut-out"]
    orders: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "lighthouse-at-night": ("edit", {"instruction": "at night, with the lamp lit", "job": cut_out}),
        "lighthouse-vector": ("vectorize", {"job": cut_out}),
        "shanty": ("music", {"prompt": "a slow sea shanty", "prompt2": "fast techno"}),
    }
    answers: dict[str, BotReply] = {}
    for name, (command, options) in orders.items():
        typed = " ".join([f"/{command}", *(f"{option}:{value}" for option, value in options.items())])
        answers[name] = await scene.order("kai", typed, command, None, **options)
    answers["lighthouse-large"] = await scene.press("mira", scene.lighthouse, "Upscale")
    for name, answer in answers.items():
        await scene.keep(await scene.watch(answer, _has_file), name)
    spent = before - await scene.balance("kai")
    _expect(spent == milli(625 + 250 + 850), f"the three orders cost {show(spent)} credits")


async def _kept(scene: Scene) -> None:
    scene.transcript.heading("A result's recipe, and its file as a direct message")
    answer = await scene.press("mira", scene.lighthouse, "⋯ More")
    details = await scene.once(answer)
    await scene.once(await scene.press("mira", details, "Recipe"))
    await scene.press("mira", details, "Send to DM")
    scene.transcript.note("A direct message arrives.")
    sent = await scene.stage.newest("mira", _has_file, "dm:mira")
    scene.transcript.seen(sent, private=True)


async def _private(scene: Scene) -> None:
    scene.transcript.heading("A private picture for a member who uses Discord in Chinese")
    typed = "/画图 提示词:雾中的灯塔 可见范围:只有我"
    answer = await scene.order("theo", typed, "imagine", prompt="雾中的灯塔", visibility="private")
    await scene.keep(await scene.watch(answer, _has_file), "secret")
    _expect(answer.private, "the private card was public")
    _expect(await scene.stage.message("kai", answer.message_id) is None, "kai sees a private picture")


async def _refusal(scene: Scene) -> None:
    scene.transcript.heading("A refusal is private and costs nothing")
    before = await scene.balance("theo")
    answer = await scene.order(
        "theo", "/video prompt:waves model:google/veo-3", "video", prompt="waves", model="google/veo-3"
    )
    await scene.once(answer)
    _expect(answer.private, "the refusal was public")
    _expect(await scene.balance("theo") == before, "the refusal cost something")


async def _failure(scene: Scene) -> None:
    scene.transcript.heading("A failure costs nothing")
    before = await scene.balance("kai")
    answer = await scene.order(
        "kai", "/imagine prompt:[fail] a broken dream", "imagine", prompt="[fail] a broken dream"
    )
    await scene.watch(answer, _has_failed)
    _expect(await scene.balance("kai") == before, "the failure cost something")


async def _video(scene: Scene) -> None:
    scene.transcript.heading("An expensive video asks for confirmation; a cheaper one survives a restart")
    typed = f"/easel-mod allow add model:{EXPENSIVE}"
    await scene.once(await scene.order("ada", typed, "easel-mod allow add", model=EXPENSIVE))
    typed = f"/quote command:video model:{EXPENSIVE}"
    await scene.once(await scene.order("mira", typed, "quote", command="video", model=EXPENSIVE))
    before = await scene.balance("mira")
    typed = f"/video prompt:waves at night model:{EXPENSIVE}"
    answer = await scene.order("mira", typed, "video", prompt="waves at night", model=EXPENSIVE)
    asked = await scene.once(answer)
    _expect(answer.private and await scene.balance("mira") == before, "the video started without confirmation")
    started = await scene.press("mira", asked, "Cheaper")
    card = await scene.stage.newest("mira", lambda message: "waves at night" in str(message["embeds"]))
    answer = BotReply("mira", started.channel, card["id"], started.ack_ms, private=False)
    await scene.watch(answer, _is_running)
    scene.transcript.note("The bot is stopped and started again.")
    await scene.restart()
    await scene.keep(await scene.watch(answer, _has_file), "waves")
    spent = before - await scene.balance("mira")
    scene.transcript.note(f"Charged once: {show(spent)} credits.")
    _expect(spent == milli(6_250), f"the video cost {show(spent)} credits")


async def _ledger(scene: Scene) -> None:
    scene.transcript.heading("The ledger")
    database = scene.app.database
    problems = [*await verify_ledger(database), *await verify_jobs(database), *await verify_funding(database)]
    _expect(not problems, f"the ledger has errors: {problems}")
    for name in scene.world.members:
        scene.transcript.note(f"{name} has {show(await scene.balance(name))} credits")
    scene.transcript.note("Every credit is accounted for.")


def _has_file(message: Message) -> bool:
    return bool(message["attachments"])


def _has_failed(message: Message) -> bool:
    return "Failed" in message["content"]


def _is_running(message: Message) -> bool:
    return any(words in str(message["embeds"]) for words in ("Sent to the model", "Generating", "working"))


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        raise DemoError(what=otherwise)
