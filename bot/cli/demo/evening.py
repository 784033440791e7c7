"""The script of the demo's first evening, scene by scene, and the order of both evenings."""

import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
from rich.console import Console

from bot.app.app import App
from bot.cli.demo import moderators_evening
from bot.cli.demo.scene import Scene, expect, has_failed, has_file, is_running
from bot.cli.demo.stage import BotReply, Stage
from bot.cli.demo.transcript import Transcript
from bot.cli.sandbox_world import PROVIDER_NAME, World, set_up_guild, settings_for
from bot.funding.funding_checks import verify as verify_funding
from bot.jobs.money.ledger_checks import verify as verify_jobs
from bot.ledger.verify import verify as verify_ledger
from bot.money import milli, show
from bot.settings import Settings

EXPENSIVE = "kwaivgi/kling-v2.0"
"""A video model that costs more than orders may cost without confirmation."""

SPEED = 20.0
"""How many times faster than real models the sandbox's models run in the demo."""


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
            await moderators_evening.play(scene)
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
    expect(await scene.balance("mira") - before == milli(500), "mira did not get 500 credits")


async def _picture(scene: Scene) -> None:
    scene.transcript.heading("A picture, and the same picture without its background")
    answer = await scene.order("mira", "/imagine prompt:a lighthouse in fog", "imagine", prompt="a lighthouse in fog")
    scene.lighthouse = await scene.watch(answer, has_file)
    name, content = await scene.keep(scene.lighthouse, "lighthouse")
    answer = await scene.order("mira", f"/removebg image:{name}", "removebg", files={"image": (name, content)})
    await scene.keep(await scene.watch(answer, has_file), "lighthouse-cut-out")


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
        await scene.keep(await scene.watch(answer, has_file), name)
    spent = before - await scene.balance("kai")
    expect(spent == milli(625 + 250 + 850), f"the three orders cost {show(spent)} credits")


async def _kept(scene: Scene) -> None:
    scene.transcript.heading("A result's recipe, and its file as a direct message")
    answer = await scene.press("mira", scene.lighthouse, "⋯ More")
    details = await scene.once(answer)
    await scene.once(await scene.press("mira", details, "Recipe"))
    await scene.press("mira", details, "Send to DM")
    scene.transcript.note("A direct message arrives.")
    sent = await scene.stage.newest("mira", has_file, "dm:mira")
    scene.transcript.seen(sent, private=True)


async def _private(scene: Scene) -> None:
    scene.transcript.heading("A private picture for a member who uses Discord in Chinese")
    typed = "/画图 提示词:雾中的灯塔 可见范围:只有我"
    answer = await scene.order("theo", typed, "imagine", prompt="雾中的灯塔", visibility="private")
    await scene.keep(await scene.watch(answer, has_file), "secret")
    expect(answer.private, "the private card was public")
    expect(await scene.stage.message("kai", answer.message_id) is None, "kai sees a private picture")


async def _refusal(scene: Scene) -> None:
    scene.transcript.heading("A refusal is private and costs nothing")
    before = await scene.balance("theo")
    answer = await scene.order(
        "theo", "/video prompt:waves model:google/veo-3", "video", prompt="waves", model="google/veo-3"
    )
    await scene.once(answer)
    expect(answer.private, "the refusal was public")
    expect(await scene.balance("theo") == before, "the refusal cost something")


async def _failure(scene: Scene) -> None:
    scene.transcript.heading("A failure costs nothing")
    before = await scene.balance("kai")
    answer = await scene.order(
        "kai", "/imagine prompt:[fail] a broken dream", "imagine", prompt="[fail] a broken dream"
    )
    await scene.watch(answer, has_failed)
    expect(await scene.balance("kai") == before, "the failure cost something")


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
    expect(answer.private and await scene.balance("mira") == before, "the video started without confirmation")
    started = await scene.press("mira", asked, "Cheaper")
    card = await scene.stage.newest("mira", lambda message: "waves at night" in str(message["embeds"]))
    answer = BotReply("mira", started.channel, card["id"], started.ack_ms, private=False)
    await scene.watch(answer, is_running)
    scene.transcript.note("The bot is stopped and started again.")
    await scene.restart()
    await scene.keep(await scene.watch(answer, has_file), "waves")
    spent = before - await scene.balance("mira")
    scene.transcript.note(f"Charged once: {show(spent)} credits.")
    expect(spent == milli(6_250), f"the video cost {show(spent)} credits")


async def _ledger(scene: Scene) -> None:
    scene.transcript.heading("The ledger")
    database = scene.app.database
    problems = [*await verify_ledger(database), *await verify_jobs(database), *await verify_funding(database)]
    expect(not problems, f"the ledger has errors: {problems}")
    for name in scene.world.members:
        scene.transcript.note(f"{name} has {show(await scene.balance(name))} credits")
    scene.transcript.note("Every credit is accounted for.")
