"""Decides whether webhooks may be relied on: only then are runs that have one read less often.

They are relied on from the first webhook that arrives until a read finds an end that no webhook reported. From then on,
runs are read as often as without webhooks, until a webhook arrives again. So an address that nobody can reach, a proxy
that swallows webhooks or a provider that ignores the request for them can only delay the ends of a few runs, by
seconds.
"""

import logging

LATE_MS = 5_000
"""How long after a run's end its webhook may still arrive: much less than it takes to find the end without one."""

log = logging.getLogger(__name__)


class WebhookTrust:
    """The observations about webhooks since this process started."""

    def __init__(self) -> None:
        self._arrive = False
        self._lost = False
        self.told = 0
        """The number of ends that a webhook reported."""
        self.found = 0
        """The number of ends that a read found."""

    @property
    def arrive(self) -> bool:
        """Whether webhooks arrive, as far as is known."""
        return self._arrive

    @property
    def lost(self) -> bool:
        """Whether no webhook has arrived since one was lost."""
        return self._lost

    def arrived(self) -> None:
        """Note that a webhook has arrived."""
        if not self._arrive:
            log.info("webhooks arrive, so runs that have one are read rarely")
        self._arrive, self._lost = True, False

    def ended(self, *, told: bool, has_webhook: bool, ago_ms: int | None) -> None:
        """Note that a read has shown the end of a run, `ago_ms` after that end by the provider's clock.

        `told` is whether its webhook reported the end; `ago_ms` is None if the provider does not say when.
        """
        if told:
            self.told += 1
            return
        self.found += 1
        if has_webhook and (ago_ms is None or ago_ms >= LATE_MS):
            if self._arrive:
                log.warning("a run ended and its webhook did not arrive, so runs are read often until one does")
            self._arrive, self._lost = False, True
