"""REST routes for the SKUs that the application sells, and for the entitlements to them."""

from aiohttp import web

from sandbox.control_http import answer
from sandbox.discord import payloads
from sandbox.discord.request_body import read_query, read_sent
from sandbox.discord.rest.middleware import API, flag, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Body, FieldErrors, as_snowflake
from sandbox.discord.world.state import Entitlement, Json, World
from sandbox.discord.world.storefront import GUILD_OWNER, USER_OWNER, Storefront

_APPLICATION = f"{API}/applications/{{application}}"
_ENTITLEMENTS = f"{_APPLICATION}/entitlements"
_ENTITLEMENT = f"{_ENTITLEMENTS}/{{entitlement}}"
MOST_LISTED = 100


class StorefrontRoutes:
    """The routes for SKUs and entitlements."""

    def __init__(self, world: World, storefront: Storefront) -> None:
        self._world = world
        self._storefront = storefront

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(f"{_APPLICATION}/skus", self._skus),
            web.get(_ENTITLEMENTS, self._list),
            web.post(_ENTITLEMENTS, self._grant_test),
            web.get(_ENTITLEMENT, self._get),
            web.delete(_ENTITLEMENT, self._delete_test),
            web.post(f"{_ENTITLEMENT}/consume", self._consume),
        ]

    def _require_own(self, request: web.Request) -> None:
        if request.match_info["application"] != str(self._world.application.id):
            raise Code.NOT_AUTHORIZED_ON_APPLICATION.error()

    def _requested(self, request: web.Request) -> Entitlement:
        self._require_own(request)
        return self._storefront.find(snowflake(request, "entitlement", Code.UNKNOWN_ENTITLEMENT))

    def _described(self, one: Entitlement) -> Json:
        return payloads.entitlement(self._world, one)

    async def _skus(self, request: web.Request) -> web.Response:
        self._require_own(request)
        return answer([payloads.sku(self._world, one) for one in self._world.skus.values()])

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._described(self._requested(request)))

    async def _list(self, request: web.Request) -> web.Response:
        """List entitlements, oldest first; deleted ones only if `exclude_deleted` is false."""
        self._require_own(request)
        errors = FieldErrors()
        body = Body(read_query(request), errors)
        limit = body.integer("limit", least=1, most=MOST_LISTED) or MOST_LISTED
        owner = {key: body.snowflake(key) for key in ("user_id", "guild_id")}
        before, after = body.snowflake("before"), body.snowflake("after")
        skus = [as_snowflake(one) for one in request.query.get("sku_ids", "").split(",") if one]
        errors.refuse()
        found = [
            one
            for one in sorted(self._world.entitlements.values(), key=lambda one: one.id)
            if owner["user_id"] in {None, one.user_id}
            and owner["guild_id"] in {None, one.guild_id}
            and (not skus or one.sku_id in skus)
            and (after or 0) < one.id < (before or one.id + 1)
            and self._wanted(request, one)
        ]
        page = found[-limit:] if before is not None and after is None else found[:limit]
        return answer([self._described(one) for one in page])

    def _wanted(self, request: web.Request, one: Entitlement) -> bool:
        if flag(request, "only_active"):
            return self._storefront.active(one)
        deleted = "exclude_deleted" in request.query and not flag(request, "exclude_deleted")
        return (deleted or not one.deleted) and not (flag(request, "exclude_ended") and self._storefront.ended(one))

    async def _grant_test(self, request: web.Request) -> web.Response:
        self._require_own(request)
        errors = FieldErrors()
        body = Body((await read_sent(request)).payload, errors)
        sku, owner = body.snowflake("sku_id", required=True), body.snowflake("owner_id", required=True)
        kind = body.one_of("owner_type", (GUILD_OWNER, USER_OWNER), required=True)
        errors.refuse()
        granted = self._storefront.grant_test(sku or 0, owner or 0, GUILD_OWNER if kind == GUILD_OWNER else USER_OWNER)
        return answer(self._described(granted))

    async def _delete_test(self, request: web.Request) -> web.Response:
        """Delete a test entitlement; nothing else can be deleted from here."""
        entitlement = self._requested(request)
        if not entitlement.test:
            raise Code.UNKNOWN_ENTITLEMENT.error()
        self._storefront.delete(entitlement)
        return web.Response(status=204)

    async def _consume(self, request: web.Request) -> web.Response:
        self._storefront.consume(self._requested(request))
        return web.Response(status=204)
