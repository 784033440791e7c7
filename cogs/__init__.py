"""The slash commands, one file per family: read the options, make one call into `bot`, reply.

A new command touches four places:

1. `cogs/<family>.py`: the command. Its `extras=declare(Topic…, option="field")` names its help page and the fields of
   an order that its options fill, if the names differ (see bot/chat/discord/command_facts.py).
2. `bot/app/commands.py`: the cog, in the list of cogs. Skip this if the family has one.
3. `bot/chat/texts/commands.<locale>.ftl`: the command's name, description and options in each other language.
4. `tests/wire/`: a test that runs the command against the sandbox.

Help pages, refusals, autocomplete prices and recipe commands follow from the command itself. You may also add a line
for `/help`, as `help-to-<command>` in each language; without one, help shows the command's description. The tests in
tests/unit/chat/discord/test_adding_a_command.py fail with a message about the forgotten place.
"""
