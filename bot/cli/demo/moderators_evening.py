"""The script of the demo's second evening: how the people responsible for a server look after it."""

from collections.abc import Mapping

from bot.cli.demo.scene import Scene, expect, has_file
from bot.cli.demo.stage import Message
from bot.cli.sandbox_world import VIDEO_MODEL
from bot.money import milli, show

WEEKLY = 500
"""The credits of the artists' allowance."""


async def play(scene: Scene) -> None:
    """Play all scenes."""
    scene.transcript.evening("The moderators' evening")
    ids = await scene.stage.places_and_roles()
    scene.transcript.learn({number: name for name, number in ids.items()})
    room = ids["#moderators"]
    await _setup(scene, ids)
    await _allowance(scene)
    await _denied(scene)
    await _approval(scene, room)
    await _takedown(scene, room)
    await _statement(scene)


async def _setup(scene: Scene, ids: Mapping[str, str]) -> None:
    scene.transcript.heading("An admin sets the server up, one question at a time")
    page = await scene.once(await scene.order("olga", "/easel-admin setup", "easel-admin setup"))
    await scene.choose("olga", page, {name: ids[name] for name in ("#general", "#studio")})
    page = await _next(scene, await scene.becomes(page, "Saved", "olga"), "2 of 6")
    page = await _next(scene, page, "3 of 6", "Skip")
    amounts = {"role": [ids["@Artist"]], "amount": str(WEEKLY), "every": "week", "how": "add"}
    page = await _next(scene, await _fill_in(scene, page, "Set an allowance", amounts), "4 of 6")
    budget = {"amount": "50,000", "every": "week"}
    page = await _next(scene, await _fill_in(scene, page, "Set a budget", budget), "5 of 6")
    await scene.choose("olga", page, {"#moderators": ids["#moderators"]})
    page = await scene.becomes(page, "Saved", "olga")
    await scene.comes("ada", "chose this channel", ids["#moderators"])
    page = await _next(scene, await _next(scene, page, "6 of 6"), "Easel is set up", "Skip")
    checked = await scene.watch(await scene.press("olga", page, "Check the server"), lambda seen: bool(seen["content"]))
    expect("All is well" in checked["content"], "the doctor found something")


async def _next(scene: Scene, page: Message, words: str, label: str = "Next") -> Message:
    """Go to the next page of the setup, and return it."""
    await scene.press("olga", page, label)
    return await scene.becomes(page, words, "olga")


async def _fill_in(scene: Scene, page: Message, label: str, values: Mapping[str, object]) -> Message:
    """Fill in the form of a setup page, and return that page."""
    form = await scene.press("olga", page, label)
    await scene.fill_in(form, f"{values['amount']} credits, every {values['every']}", **values)
    return await scene.becomes(page, "Saved", "olga")


async def _allowance(scene: Scene) -> None:
    scene.transcript.heading("A role has an allowance, which its members draw by themselves")
    before = await scene.balance("mira")
    for _ in range(2):  # the second look adds nothing
        await scene.once(await scene.order("mira", "/balance", "balance"))
    drawn = await scene.balance("mira") - before
    expect(drawn == milli(WEEKLY), f"mira drew {show(drawn)} credits")


async def _denied(scene: Scene) -> None:
    scene.transcript.heading("A rule refuses, and /why names it")
    typed = "/easel-mod rules add effect:Forbid task:video channel:#general"
    options = {"effect": "deny", "task": "video", "channel": scene.stage.channel}
    await scene.once(await scene.order("ada", typed, "easel-mod rules add", None, **options))
    before = await scene.balance("mira")
    refused = await scene.order(
        "mira", f"/video prompt:rain model:{VIDEO_MODEL}", "video", prompt="rain", model=VIDEO_MODEL
    )
    message = await scene.once(refused)
    expect(refused.private and "forbids" in str(message), "the video was not refused by the rule")
    answer = await scene.once(await scene.order("mira", "/why command:video", "why", command="video"))
    expect("⛔" in answer["content"] and "rule" in answer["content"], "/why does not name the rule")
    expect(await scene.balance("mira") == before, "the refusal cost something")


async def _approval(scene: Scene, room: str) -> None:
    scene.transcript.heading("An order above a price waits for a moderator")
    typed = "/easel-mod approvals add above:200"
    await scene.once(await scene.order("ada", typed, "easel-mod approvals add", above="200"))
    prompt = "four foxes in the snow"
    answer = await scene.order("kai", f"/imagine prompt:{prompt} count:4", "imagine", prompt=prompt, count=4)
    await scene.once(answer)
    asked = await scene.comes("ada", prompt, room)
    await scene.once(await scene.press("ada", asked, "Approve"))
    await scene.keep(await scene.watch(answer, has_file), "foxes")


async def _takedown(scene: Scene, room: str) -> None:
    scene.transcript.heading("A member reports a result, and a moderator takes it down")
    before = await scene.balance("mira")
    prompt = "a duel at dawn"
    answer = await scene.order("mira", f"/imagine prompt:{prompt}", "imagine", prompt=prompt)
    result = await scene.watch(answer, has_file)
    details = await scene.once(await scene.press("kai", result, "⋯ More"))
    reason = "Too bloody for this channel"
    form = await scene.press("kai", details, "Report")
    await scene.once(await scene.fill_in(form, reason, text=reason))
    report = await scene.comes("ada", reason, room)
    form = await scene.press("ada", report, "Take down")
    rule = "Please keep to rule 3"
    await scene.once(await scene.fill_in(form, f"{rule}; give the credits back", text=rule, choice=["full"]))

    def is_decided(message: Message) -> bool:
        return message["id"] == report["id"] and not message["components"]

    scene.transcript.seen(await scene.stage.newest("ada", is_decided, room), private=False)
    await scene.comes("mira", rule, "dm:mira")
    await scene.comes("kai", "taken down", "dm:kai")
    expect(await scene.stage.message("kai", answer.message_id) is None, "the result is still there")
    expect(await scene.balance("mira") == before, "mira did not get her credits back")


async def _statement(scene: Scene) -> None:
    scene.transcript.heading("Where the server's credits went")
    answer = await scene.order("olga", "/easel-admin statement", "easel-admin statement")
    message = await scene.watch(answer, has_file)
    for attachment in message["attachments"]:
        scene.transcript.keep(attachment["filename"], await scene.stage.download(attachment["url"]))
