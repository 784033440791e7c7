"""The treatment of every table of the database (bot/privacy/treatments.py), in the order in which rows are deleted."""

from collections.abc import Mapping

from bot.privacy.treatments import OF_MEMBER, Fate, Table

_JOBS = "job IN (SELECT id FROM job WHERE {whose})"
_OF_THEIR_JOBS = _JOBS.format(whose="member = $1")
_OF_GUILDS_JOBS = _JOBS.format(whose="guild = $1")

NO_LONGER_SHOWN = 1
"""The remover of an erased job's result: an id that no one has, so that no one may use the job (bot/jobs/access.py)."""


def _with_job(columns: str, *, hidden: str = "") -> Table:
    """Return the treatment of rows that are deleted with the texts of their job."""
    return Table(
        lost=columns,
        about=_OF_THEIR_JOBS,
        deleted=_OF_THEIR_JOBS,
        of_guild=_OF_GUILDS_JOBS,
        forgotten=Fate.DELETED,
        hidden=hidden,
    )


def _nobody(columns: str) -> Table:
    """Return the treatment of rows that say nothing about a member or a guild."""
    return Table(kept=columns, of_guild="1 = 0", forgotten=Fate.KEPT)


def _of_guild(columns: str, *, people: str = "", about: str = "1 = 0") -> Table:
    """Return the treatment of a guild's decisions. `people` are the columns of those who made them."""
    return Table(kept=columns, guild="guild", people=people, about=about)


_OF_JOBS: Mapping[str, Table] = {
    "attempt": _with_job("job number rung at_ms outcome message"),
    "comparison": Table(
        kept="job seen_ms brief restored", of_guild=_OF_GUILDS_JOBS, forgotten=Fate.DELETED, deleted=_OF_THEIR_JOBS
    ),
    "deleted_message": _with_job("job message deleter at_ms"),
    "notification": _with_job("job way state due_ms retry_ms"),
    "posting": _with_job("job message channel"),
    "step_pause": _with_job("job step tries retry_ms"),
    "time_move": _with_job("job"),
    "favourite": Table(
        kept="at_ms",
        lost="member job",
        about=OF_MEMBER,
        deleted=f"{OF_MEMBER} OR {_OF_THEIR_JOBS}",
        of_guild=_OF_GUILDS_JOBS,
    ),
    "input_file": _with_job("job slot path media size sha256 width height duration_ms removed_ms", hidden="path"),
    "lineage": Table(
        kept="job parent relation picture", about=_OF_THEIR_JOBS, of_guild=_OF_GUILDS_JOBS, forgotten=Fate.KEPT
    ),
    "artefact": Table(
        kept="job number prediction media size width height duration_ms removed_ms",
        # Different for each row, because jobs that use a result are found by its path.
        erased={"path": "'erased-' || job || '-' || number", "name": "''", "sha256": "''"},
        about=_OF_THEIR_JOBS,
        of_guild=_OF_GUILDS_JOBS,
        forgotten=Fate.EMPTIED,
        hidden="path",
    ),
    "prediction": Table(
        kept="job number state expected provider_id step steps submitted_ms created_ms started_ms completed_ms "
        "polled_ms cancel_sent failure_key abandoned",
        erased={
            "sent_sha256": "NULL",
            "outputs": "'[]'",
            "seed": "NULL",
            "failure_facts": "CASE WHEN failure_key IS NULL THEN NULL ELSE '{}' END",
            "phase": "NULL",
        },
        about=_OF_THEIR_JOBS,
        of_guild=_OF_GUILDS_JOBS,
        forgotten=Fate.EMPTIED,
        documents="outputs failure_facts",
    ),
    "loss": _nobody("job prediction reason amount_mcr at_ms"),
    "duration": _nobody("id model size job prediction start_ms run_ms"),
    "decode_start": _nobody("subject starts"),
    "takedown": Table(
        kept="job refund at_ms erased done", people="actor", of_guild=_OF_GUILDS_JOBS, forgotten=Fate.DELETED
    ),
    "banned_look": Table(kept="look job at_ms", guild="guild"),
    "job_approval": Table(
        kept="job rules state at_ms", guild="guild", people="member decided_by", about=OF_MEMBER, hidden="decided_by"
    ),
    "reporter": Table(
        kept="job report at_ms",
        people="member",
        erased={"reason": "''", "told": "'none'"},
        about=OF_MEMBER,
        of_guild=_OF_GUILDS_JOBS,
    ),
    "report": Table(kept="id job at_ms outcome", guild="guild", people="decided_by", about="decided_by = $1"),
}

_OF_MEMBERS: Mapping[str, Table] = {
    "erasure": Table(
        kept="asked_ms due_ms begun",
        lost="member",
        of_guild="1 = 0",
        forgotten=Fate.KEPT,
        about=OF_MEMBER,
        deleted=OF_MEMBER,
    ),
    "preference": Table(
        guild="guild",
        lost="member aspect visibility confirm_above_mcr language ping",
        about=OF_MEMBER,
        deleted=OF_MEMBER,
    ),
    "preferred_model": Table(guild="guild", lost="member task model", about=OF_MEMBER, deleted=OF_MEMBER),
    "preset": Table(
        guild="guild",
        kept="at_ms",
        lost="owner name template negative model",
        people="saved_by",
        about="owner = $1 OR saved_by = $1",
        deleted="owner = $1",
    ),
    "pending_order": Table(
        kept="id quoted_mcr expires_ms pool_pays",
        guild="guild",
        lost="member visibility ordered alternatives parent relation picture",
        documents="ordered alternatives",
        about=OF_MEMBER,
        deleted=OF_MEMBER,
    ),
    "picked": Table(
        kept="id at_ms private",
        guild="guild",
        lost="member files",
        documents="files",
        about=OF_MEMBER,
        deleted=OF_MEMBER,
    ),
    "job_search": Table(
        kept="id at_ms", guild="guild", lost="member words model task favourites", about=OF_MEMBER, deleted=OF_MEMBER
    ),
    "policy_counted": Table(kept="job scope subject amount day week month", guild="guild"),
    "policy_usage": Table(
        kept="scope day day_mcr week week_mcr month month_mcr running last_ms finished",
        guild="guild",
        lost="subject",
        about="scope = 'member' AND subject = CAST($1 AS TEXT)",
        deleted="scope = 'member' AND subject = CAST($1 AS TEXT)",
    ),
    "moderation_case": Table(
        kept="number kind job at_ms until_ms refunded_mcr",
        guild="guild",
        people="actor member",
        erased={"reason": "''", "message": "''", "told": "'none'"},
        about=OF_MEMBER,
        withheld="kind = 'note'",
        hidden="actor",
    ),
    "member_block": Table(
        kept="reason until_ms",
        guild="guild",
        in_force="member",
        # The case contains the pseudonym, so its number would reveal whose it is.
        erased={"case_number": "0"},
        about=OF_MEMBER,
    ),
}

_OF_GUILDS: Mapping[str, Table] = {
    "policy_rule": Table(
        kept="number effect what name scope ceiling_mcr until_ms at_ms spoiler",
        guild="guild",
        people="actor",
        in_force="subject",
        about="scope = 'member' AND subject = $1",
        deleted="scope = 'member' AND subject = $1 AND effect = 'allow'",
        hidden="actor",
    ),
    "policy_limit": Table(
        kept="number kind scope shared amount at_ms",
        guild="guild",
        people="actor",
        in_force="subject",
        about="scope = 'member' AND subject = CAST($1 AS TEXT)",
        hidden="actor",
    ),
    "policy_age": _of_guild("what name at_ms", people="actor", about="actor = $1"),
    "policy_channel": _of_guild("channel model aspect visibility spoiler"),
    "policy_place": _of_guild("place"),
    "guild_setup": _of_guild("step at_ms", people="actor", about="actor = $1"),
    "policy_guild": _of_guild("time_zone version numbered"),
    "approval_exemption": Table(
        kept="rule at_ms",
        guild="guild",
        lost="member",
        people="actor",
        hidden="actor",
        about=OF_MEMBER,
        deleted=OF_MEMBER,
    ),
    "approval_rule": _of_guild(
        "number what name above_mcr newer_than_days fewer_than_jobs flagged at_ms", people="actor", about="actor = $1"
    ),
    "order_pause": _of_guild("task reason until_ms", people="actor", about="actor = $1"),
    # The operator's decision also applies to a server that comes back after it was forgotten.
    "guild_suspension": Table(
        kept="reason at_ms",
        in_force="guild",
        people="actor",
        about="actor = $1",
        of_guild="1 = 0",
        forgotten=Fate.KEPT,
    ),
    "word_rule": _of_guild("keyword flags at_ms", people="actor", about="actor = $1"),
    "automod_rules": Table(kept="readable at_ms", guild="guild", mentions="rules"),
    "guild_setting": _of_guild("name value"),
    "budget_notice": _of_guild("number period percent"),
    "purse": _of_guild("amount every"),
    "purse_grant": _of_guild("id period amount"),
    "purse_use": _of_guild("period used"),
    "guild_join": _of_guild("joined_ms greeting"),
    "guild_departure": _of_guild("left_ms"),
    "known_guild": _of_guild("name members seen_ms"),
    "new_guild": _of_guild("amount state reason at_ms"),
    "log_entry": Table(
        kept="id kind subject state channel message at_ms stale",
        guild="guild",
        mentions="facts",
        # The texts of these entries are about the member, and some contain prompts. Entries about others, and about the
        # member's actions as a moderator, stay.
        deleted="facts LIKE '%\"member\": \"' || CAST($1 AS TEXT) || '\"%'",
    ),
    "audit": Table(
        kept="id action at_ms",
        guild="guild",
        people="actor",
        mentions="subject before after",
        about="actor = $1",
        documents="before after",
    ),
    "setting_audit": _of_guild("id name value at_ms", people="actor", about="actor = $1"),
}

_OF_CREDITS: Mapping[str, Table] = {
    "allowance_draw": Table(
        kept="rule period amount at_ms",
        people="member",
        about=OF_MEMBER,
        of_guild="rule IN (SELECT id FROM allowance WHERE guild = $1)",
    ),
    "allowance": _of_guild("id role amount every how reason at_ms removed_ms", people="actor", about="actor = $1"),
    "gift": Table(
        kept="id amount state expires_ms",
        guild="guild",
        people="giver receiver",
        erased={"note": "''"},
        about="giver = $1 OR receiver = $1",
        deleted="(giver = $1 OR receiver = $1) AND state <> 'given'",
        # The receiver has not seen a gift that was not given.
        withheld="receiver = $1 AND state <> 'given'",
        seen="giver receiver",
    ),
    "gift_use": Table(kept="day given", guild="guild", people="member", about=OF_MEMBER),
    "waiting_grant": Table(
        kept="id amount state expires_ms",
        guild="guild",
        people="member asker decider",
        erased={"reason": "''"},
        about=OF_MEMBER,
        hidden="asker decider",
    ),
    "purchase": Table(
        kept="entitlement sku amount state consumed taken lost at_ms",
        guild="guild",
        people="buyer",
        erased={"letter": "CASE state WHEN 'waiting' THEN letter ELSE 'none' END"},
        about="buyer = $1",
        # A purchase that is paid for but not yet credited still belongs to its buyer.
        unnamed="state <> 'waiting'",
        forgotten=Fate.EMPTIED,
    ),
    "purchase_offer": Table(kept="at_ms", guild="guild", lost="member", about=OF_MEMBER, deleted=OF_MEMBER),
    "account": Table(kept="id kind available held", ledger="guild owner", about="owner = $1", forgotten=Fate.EMPTIED),
    "transfer": Table(
        kept="id kind pending_id debit credit amount job at_ms",
        ledger="key guild fingerprint actor reason",
        forgotten=Fate.EMPTIED,
    ),
    "new_guild_day": _nobody("day given"),
}

_LAST: Mapping[str, Table] = {
    # After all tables whose rows are found through the member of their job.
    "job": Table(
        kept="id short_id state task model held_mcr captured_mcr visibility guild_locale interaction application "
        "filesize_limit created_ms updated_ms deadline_ms cancel_asked_ms notice retry_ms tries shown_rung "
        "lease_owner lease_until_ms files removed_ms taken_down spoiler holder",
        guild="guild",
        people="member payer cancelled_by",
        erased={
            "channel": "0",
            "ordered": "ordered",  # rewritten by code that reads the order
            "planned": "planned",
            "locale": "guild_locale",
            "token": "COALESCE(substr(token, 1, 0), token)",
            "token_created_ms": "0",
            "message": "0",
            "failure_key": "CASE WHEN failure_key IS NULL THEN NULL ELSE 'erased' END",
            "failure_facts": "CASE WHEN failure_key IS NULL THEN NULL ELSE '{}' END",
            "shown_channel": "NULL",
            "shown_message": "NULL",
            "removed_by": str(NO_LONGER_SHOWN),
        },
        about=OF_MEMBER,
        forgotten=Fate.EMPTIED,
        hidden="payer token interaction application lease_owner lease_until_ms cancelled_by removed_by holder",
        documents="ordered planned failure_facts",
    ),
    "forgotten_guild": _nobody("digest"),
    "guild_joins_known": _nobody("id"),
    "renaming": _nobody("kind was becomes"),
    "chat_memory": _nobody("name value"),
    "copy_mark": _nobody("id"),
    "identity": _nobody("name value"),
    "migration": _nobody("number name checksum applied_ms"),
    "process": _nobody("token name role until_ms ready refusals drain answers connected away"),
    "drain": _nobody("id number since_ms asked_by"),
    "budget": _nobody("name free_us"),
    "shard": _nobody("number holder heir ready outgrown recorded taken"),
    "identify_turn": _nobody("key holder until_ms"),
    "scrubbing_due": _nobody("id"),
    "uptime": _nobody("id seen_ms moving_ms"),
}

TABLES: Mapping[str, Table] = {**_OF_JOBS, **_OF_MEMBERS, **_OF_GUILDS, **_OF_CREDITS, **_LAST}
