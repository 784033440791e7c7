"""Everything that people see on Discord. Only this package, `cogs` and `bot.app` import discord."""
