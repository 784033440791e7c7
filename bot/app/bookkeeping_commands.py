"""Builds the commands about statements and invoices, which belong to three groups."""

from datetime import tzinfo
from fractions import Fraction

from bot.app.paths import SCRATCH
from bot.app.replies_side import server_names
from bot.app.services import Services
from bot.chat.credits.reconcile_reply import ReconcileReply
from bot.chat.credits.statement_pictures import StatementPictures
from bot.chat.credits.statement_replies import StatementReplies
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.responses import Responder
from bot.chat.discord.server_log import ServerLog
from bot.chat.servers.new_servers import NewServers
from bot.chat.servers.server_list import ServerList
from bot.funding.forecast import PoolForecasts
from bot.jobs.invoice_reconciliation import InvoiceReconciliation
from bot.ledger.statements import StatementReader
from bot.settings import Settings
from cogs.newcomers import approve_server, new_servers
from cogs.reconcile import operator_reconcile
from cogs.servers import server_commands
from cogs.statement import StatementCommand, operator_statement, server_statement


def member_commands(settings: Settings, core: Services, responder: Responder) -> StatementCommand:
    """Build `/statement`."""
    return StatementCommand(responder, _statements(settings, core, responder))


def admin_commands(settings: Settings, core: Services, responder: Responder) -> tuple[AnyCommand, ...]:
    """Build the commands for `/easel-admin`."""
    return (server_statement(responder, _statements(settings, core, responder)),)


def operator_commands(
    settings: Settings, core: Services, responder: Responder, server_log: ServerLog
) -> tuple[AnyCommand, ...]:
    """Build the commands for `/easel-ops`."""
    names = server_names(core)
    servers = NewServers(core.new_guilds, responder, names)
    margins = {model.id: model.margin for model in core.catalogue.models()}
    invoices = ReconcileReply(
        InvoiceReconciliation(core.database, lambda model: margins.get(model, Fraction(0))),
        StatementReader(core.database),
        core.provider,
        responder,
        scratch=settings.data_dir / SCRATCH,
    )
    return (
        operator_statement(responder, _statements(settings, core, responder), settings.operator_ids),
        operator_reconcile(responder, invoices, settings.operator_ids),
        new_servers(responder, servers, settings.operator_ids),
        approve_server(responder, servers, settings.operator_ids, names),
        *server_commands(
            responder, ServerList(core.operator_desk, responder, server_log, names), settings.operator_ids
        ),
    )


def _statements(settings: Settings, core: Services, responder: Responder) -> StatementReplies:
    pictures = StatementPictures(core.media, settings.data_dir / SCRATCH)

    async def zone_of(guild: int) -> tzinfo:
        return (await core.policy.of_guild(guild)).zone

    return StatementReplies(
        StatementReader(core.database),
        pictures,
        responder,
        core.clock,
        zone_of,
        PoolForecasts(core.database, core.clock),
        server_names(core),
    )
