"""What members and guilds prefer. An explicit option of a command always wins over all of it."""

from bot.catalogue.refusals import invalid
from bot.clock import Clock
from bot.errors import NotFound
from bot.preferences import preference_rows
from bot.preferences.preference import SAME_AS_DISCORD, Preference, Preset, Threshold
from bot.preferences.preference_rows import GUILD
from bot.storage.operation import Database, Operation

MAX_PRESETS = 50
"""Of one member, and of a guild."""


class Preferences:
    """The preferences and presets of all guilds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._languages: dict[tuple[int, int], str] = {}

    async def load(self) -> None:
        """Read the languages that were chosen: they have to be known without waiting."""
        self._languages = await self._database.read(preference_rows.languages)

    def language(self, guild: int | None, member: int) -> str | None:
        """The locale that a member chose here, or the guild itself (member 0); None where they chose none.

        Outside of guilds it is the one that a member chose in all guilds where they chose any.
        """
        if guild is not None:
            return self._languages.get((guild, member))
        chosen = {language for (_, who), language in self._languages.items() if who == member}
        return chosen.pop() if len(chosen) == 1 else None

    async def of(self, guild: int, member: int) -> Preference:
        """What a member said about their orders in a guild."""
        return await self._database.read(lambda: preference_rows.preference(guild, member))

    async def threshold(self, guild: int, member: int) -> Threshold:
        """Above which price this member's orders are confirmed first."""
        return await self._database.read(lambda: preference_rows.threshold(guild, member))

    async def set(self, guild: int, member: int, said: Preference) -> Preference:
        """Add to what a member said; None leaves what was said before. Returns all of it."""
        now = await self._database.run(lambda: _update(guild, member, said))
        self._remember_language(guild, member, now.language)
        return now

    async def set_for_guild(
        self, guild: int, *, by: int, confirm_above_mcr: int | None = None, language: str | None = None
    ) -> None:
        """Set a guild's own threshold, which holds for members who said nothing, and its language; `by` is noted."""
        said = Preference(confirm_above_mcr=confirm_above_mcr, language=language)
        at_ms = self._clock.now_ms()

        def write() -> Operation[Preference]:
            if confirm_above_mcr is not None:
                yield from preference_rows.audit(guild, "confirm_above", str(confirm_above_mcr), by=by, at_ms=at_ms)
            if language is not None:
                yield from preference_rows.audit(guild, "language", _none_if_discords(language), by=by, at_ms=at_ms)
            return (yield from _update(guild, GUILD, said))

        self._remember_language(guild, GUILD, (await self._database.run(write)).language)

    async def reset_guild(self, guild: int, *, by: int) -> None:
        """Forget what was set for a guild; `by` is noted."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[None]:
            yield from preference_rows.forget(guild, GUILD)
            for name in ("confirm_above", "language"):
                yield from preference_rows.audit(guild, name, None, by=by, at_ms=at_ms)

        await self._database.run(write)
        self._remember_language(guild, GUILD, None)

    async def forget(self, guild: int, member: int) -> None:
        """Forget all that a member said here; their presets stay."""
        await self._database.run(lambda: preference_rows.forget(guild, member))
        self._remember_language(guild, member, None)

    async def presets(self, guild: int, member: int) -> tuple[Preset, ...]:
        """A member's own presets, then the guild's."""
        return await self._database.read(lambda: preference_rows.presets(guild, member))

    async def preset(self, guild: int, member: int, name: str) -> Preset:
        """The preset of that name, the member's own before the guild's. Raises NotFound."""
        for preset in await self.presets(guild, member):
            if preset.name == normalized_name(name):
                return preset
        raise NotFound(what="preset", name=name)

    async def save(self, guild: int, member: int, preset: Preset, *, by: int) -> None:
        """Save a preset of a member, or of the guild (member 0). Raises InvalidOrder where there are too many."""
        at_ms = self._clock.now_ms()
        saved = await self._database.run(
            lambda: preference_rows.save(guild, member, preset, by=by, at_ms=at_ms, most=MAX_PRESETS)
        )
        if not saved:
            raise invalid("/style save", "name", "too-many-kept", MAX_PRESETS)

    async def delete(self, guild: int, member: int, name: str) -> None:
        """Delete a preset of a member, or of the guild (member 0). Raises NotFound."""
        if not await self._database.run(lambda: preference_rows.delete(guild, member, normalized_name(name))):
            raise NotFound(what="preset", name=name)

    def _remember_language(self, guild: int, member: int, language: str | None) -> None:
        if language is None:
            self._languages.pop((guild, member), None)
        else:
            self._languages[guild, member] = language


def normalized_name(name: str) -> str:
    """The form in which a preset's name is kept: lower case, single spaces."""
    return " ".join(name.lower().split())


def _update(guild: int, member: int, said: Preference) -> Operation[Preference]:
    before = yield from preference_rows.preference(guild, member)
    yield from preference_rows.write(guild, member, _merged(before, said))
    for task, model in said.models.items():
        yield from preference_rows.prefer(guild, member, task, model)
    return (yield from preference_rows.preference(guild, member))


def _merged(before: Preference, said: Preference) -> Preference:
    return Preference(
        aspect=before.aspect if said.aspect is None else said.aspect,
        visibility=before.visibility if said.visibility is None else said.visibility,
        confirm_above_mcr=before.confirm_above_mcr if said.confirm_above_mcr is None else said.confirm_above_mcr,
        language=before.language if said.language is None else _none_if_discords(said.language),
        ping=before.ping if said.ping is None else said.ping,
    )


def _none_if_discords(language: str) -> str | None:
    return None if language == SAME_AS_DISCORD else language
