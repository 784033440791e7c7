"""Short functions for ledger transfers in tests."""

GUILD, MEMBER, OTHER, ADMIN = 1_001, 2_002, 2_003, 3_003


async def member_with(ledger, amount, member=MEMBER, guild=GUILD):
    """Mint this amount and allot all of it to a member, which leaves the pool empty."""
    await ledger.mint(guild, amount, key=f"m:{guild}:{member}", actor=ADMIN, reason="", at_ms=1)
    await ledger.allot(guild, member, amount, key=f"a:{guild}:{member}", actor=ADMIN, reason="", at_ms=1)


def hold(ledger, amount, job="job", *, payer=MEMBER, guild=GUILD, key=None, at_ms=1):
    return ledger.hold(guild, payer, amount, key=key or f"i:{job}", job=job, actor=payer, at_ms=at_ms)


def capture(ledger, amount, job="job", *, payer=MEMBER, guild=GUILD, key=None, at_ms=2):
    key = key or f"cap:{job}"
    return ledger.capture(guild, payer, amount, key=key, hold_key=f"i:{job}", job=job, at_ms=at_ms)


def release(ledger, job="job", *, payer=MEMBER, guild=GUILD, key=None, at_ms=2):
    return ledger.release(guild, payer, key=key or f"rel:{job}", hold_key=f"i:{job}", job=job, at_ms=at_ms)


async def standing(ledger, member=MEMBER, guild=GUILD):
    """Return (available, held, spent); member 0 is the pool."""
    balance = await (ledger.balance(guild, member) if member else ledger.pool(guild))
    return balance.available_mcr, balance.held_mcr, balance.spent_mcr
