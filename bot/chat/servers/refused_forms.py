"""Remembers the values entered in a refused form, so that the form contains them when it is opened again.

Discord does not accept a form as the response to a form, so the person has to press the button again. The values are
only in memory: after a restart, the form is empty.
"""

from collections import OrderedDict
from collections.abc import Mapping

MOST = 100
"""How many forms to remember; people rarely wait before they try again."""


class RefusedForms:
    """The values that people entered in refused forms, by person and form."""

    def __init__(self) -> None:
        self._entered: OrderedDict[tuple[int, int, str], Mapping[str, str]] = OrderedDict()

    def keep(self, guild: int, member: int, form: str, values: Mapping[str, str]) -> None:
        """Remember what a person entered in a form."""
        self._entered[guild, member, form] = values
        self._entered.move_to_end((guild, member, form))
        while len(self._entered) > MOST:
            self._entered.popitem(last=False)

    def entered(self, guild: int, member: int, form: str) -> Mapping[str, str]:
        """Return the values that a person entered in a refused form; empty if there are none."""
        return self._entered.get((guild, member, form), {})

    def forget(self, guild: int, member: int, form: str) -> None:
        """Forget the values that a person entered in a form, because it was accepted."""
        self._entered.pop((guild, member, form), None)
