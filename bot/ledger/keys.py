"""Idempotency keys of transfers: derived from the cause of the transfer, so that a repeated attempt has the same key.

i:<interaction>                 the hold of a command, or a transfer that a command requested
cap:<job>, rel:<job>            the end of a job's hold
ref:<job>:<reason>              a refund of captured credits; `reason` is a word such as `takedown`, not free text
new:<guild>                     the credits that a new guild begins with
play:<guild>:<member>           a member's credits in the built-in sandbox
alw:<rule>:<member>:<period>    a member's share of an allowance in a period such as `2026-11`; `once` for a bulk grant
gift:<gift>                     a gift from one member to another
ent:<entitlement>               credits bought in Discord, and `entref:<entitlement>` those taken back when Discord
                                refunded the purchase
era:<account>                   a member's credits that went back into the pool because their data was erased, and
era:<job>                       a later refund for one of their jobs
ok:<grant>, no:<grant>          the end of a hold on the pool, for a grant that waited for a second admin: ok if it was
                                approved, no if it was denied or expired. The hold itself has the key of the command,
                                i:<interaction>

Every form is defined only here. Stored keys are compared with new ones, so a form in use must never change. Statements
classify transfers by the part before the first colon (`bot/ledger/movements.py`).
"""

from collections.abc import Mapping

INTERACTION = "i:"
CAPTURE = "cap:"
ALLOWANCE = "alw:"
GIFT = "gift:"
NEW_GUILD = "new:"
ENTITLEMENT = "ent:"
ENTITLEMENT_REFUND = "entref:"
"""Prefixes, for SQL that compares keys with columns."""

_MEMBER_AT = {"alw": 2, "play": 2}
_GUILD_AT = {"new": 1, "play": 1}
"""The position of the member's or the guild's id in a key of each form."""


def interaction(interaction_id: int) -> str:
    """Return the key of the transfer that one interaction requested."""
    return f"{INTERACTION}{interaction_id}"


def capture(job: str) -> str:
    """Return the key of the capture of a job's hold."""
    return f"{CAPTURE}{job}"


def release(job: str) -> str:
    """Return the key of the release of a job's hold."""
    return f"rel:{job}"


def refund(job: str, reason: str) -> str:
    """Return the key of a refund of a job's captured credits: given once per job and reason."""
    return f"ref:{job}:{reason}"


def new_guild(guild: int) -> str:
    """Return the key of a new guild's initial credits: granted once, however often the bot is removed and added."""
    return f"{NEW_GUILD}{guild}"


def play_money(guild: int, member: int) -> str:
    """Return the key of a sandbox member's initial credits: granted once, however often the sandbox starts."""
    return f"play:{guild}:{member}"


def allowance(rule: int, member: int, period: str) -> str:
    """Return the key of a member's share of an allowance: drawn once in each period."""
    return f"{ALLOWANCE}{rule}:{member}:{period}"


def gift(gift_id: int) -> str:
    """Return the key of a gift between members."""
    return f"{GIFT}{gift_id}"


def entitlement(entitlement_id: int) -> str:
    """Return the key of the credits for a purchase in Discord: credited once, however often Discord reports it."""
    return f"{ENTITLEMENT}{entitlement_id}"


def entitlement_refund(entitlement_id: int) -> str:
    """Return the key of the credits taken back because Discord refunded a purchase."""
    return f"{ENTITLEMENT_REFUND}{entitlement_id}"


def grant_approval(grant: int) -> str:
    """Return the key that ends the hold of a grant by giving the credits: a second admin approved it."""
    return f"ok:{grant}"


def grant_denial(grant: int) -> str:
    """Return the key that ends the hold of a grant by releasing it: it was denied, or nobody decided in time."""
    return f"no:{grant}"


def erasure(account: int) -> str:
    """Return the key of the transfer that empties an account whose member's data is erased: made once."""
    return f"era:{account}"


def erased_refund(job: str) -> str:
    """Return the key of the transfer that puts a refund for an erased member into the pool: made once for each job."""
    return f"era:{job}"


def with_member(key: str, member: int) -> str:
    """Return a key with another member in it; a key without a member stays as it is."""
    return _with_part(key, _MEMBER_AT, member)


def with_guild(key: str, guild: int) -> str:
    """Return a key with another guild in it; a key without a guild stays as it is."""
    return _with_part(key, _GUILD_AT, guild)


def _with_part(key: str, places: Mapping[str, int], value: int) -> str:
    parts = key.split(":")
    place = places.get(parts[0])
    if place is None or place >= len(parts):
        return key
    return ":".join((*parts[:place], str(value), *parts[place + 1 :]))
