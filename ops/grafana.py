"""Writes ops/grafana.json, the dashboard for Grafana: `python ops/grafana.py`. Import the JSON file in Grafana.

Each panel is a few lines here and about sixty there. A panel keeps its id forever, so links to it stay valid.

In the queries here, `{@}` selects the chosen instances, and `whole(…)` is for values that every process reads from the
same database: they count once, however many processes there are.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("grafana.json")
WIDTH = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
GREEN, ORANGE, RED = "green", "orange", "red"

Steps = Sequence[tuple[float | None, str]]
"""Colours, each with the value from which it applies; the first one has None."""


def promql(text: str) -> str:
    """Return a query with the dashboard's variables in place of the abbreviations in it."""
    for short, long in {
        "{@": '{instance=~"$instance"',
        "[step]": "[$__rate_interval]",
        "[range]": "[$__range]",
        "whole(": "max without (instance, job) (",
    }.items():
        text = text.replace(short, long)
    return text


@dataclass(frozen=True)
class Panel:
    """A panel. `queries` maps names of series to expressions; `looks` are defaults of its fields."""

    id: int
    title: str
    about: str
    queries: Mapping[str, str]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 8
    steps: Steps = ((None, GREEN),)
    looks: Mapping[str, Any] | None = None
    stacked: bool = False
    colour: str = "palette-classic"
    least: float | None = 0
    most: float | None = None

    def json(self, x: int, y: int) -> dict[str, Any]:
        """Return the panel as Grafana reads it."""
        is_series, at_once = self.kind == "timeseries", self.kind in {"stat", "gauge", "bargauge", "table"}
        defaults: dict[str, Any] = {
            "color": {"mode": self.colour if is_series else "thresholds"},
            "thresholds": {
                "mode": "absolute",
                "steps": [{"color": colour, "value": value} for value, colour in self.steps],
            },
            "unit": self.unit,
        }
        defaults |= {"min": self.least} if self.least is not None else {}
        defaults |= {"max": self.most} if self.most is not None else {}
        defaults |= {"custom": self._drawn()} if is_series else {}
        defaults |= self.looks or {}
        return {
            "id": self.id,
            "type": self.kind,
            "title": self.title,
            "description": self.about,
            "datasource": DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {"defaults": defaults, "overrides": []},
            "options": self._options(),
            "targets": [
                {
                    "refId": chr(ord("A") + number),
                    "datasource": DATASOURCE,
                    "expr": promql(expression),
                    "legendFormat": legend,
                    "range": not at_once,
                    "instant": at_once,
                }
                for number, (legend, expression) in enumerate(self.queries.items())
            ],
        }

    @property
    def series(self) -> str:
        """The name of the first series, as a Grafana template."""
        return next(iter(self.queries))

    def _drawn(self) -> dict[str, Any]:
        return {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 40 if self.stacked else 10,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed" if len(self.steps) > 1 else "off"},
        }

    def _options(self) -> dict[str, Any]:
        if self.kind == "timeseries":
            legend = {"displayMode": "table", "placement": "bottom", "showLegend": True}
            return {"legend": {**legend, "calcs": ["lastNotNull", "max"]}, "tooltip": {"mode": "multi", "sort": "desc"}}
        reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        if self.kind == "stat":
            is_named = "{{" in self.series or len(self.queries) > 1
            return {
                "reduceOptions": reduced,
                "colorMode": "value",
                "graphMode": "none",
                "textMode": "name" if self.title == "Version" else "value_and_name" if is_named else "value",
            }
        if self.kind == "bargauge":
            return {"reduceOptions": reduced, "orientation": "horizontal", "displayMode": "basic", "showUnfilled": True}
        return {"reduceOptions": reduced, "showThresholdLabels": False, "showThresholdMarkers": True}


SHARE: Steps = ((None, RED), (0.7, ORANGE), (0.9, GREEN))
YES_NO = {
    "mappings": [
        {"type": "value", "options": {"0": {"text": "no", "color": RED}, "1": {"text": "yes", "color": GREEN}}}
    ]
}
NO_YES = {
    "mappings": [
        {"type": "value", "options": {"0": {"text": "no", "color": GREEN}, "1": {"text": "yes", "color": ORANGE}}}
    ]
}
COUNT = {"decimals": 0}
OR_NEVER = {
    "decimals": 0,
    "mappings": [{"type": "value", "options": {"0": {"text": "never", "color": ORANGE}}}],
}

PEOPLE = (
    Panel(1, "Ready", "Whether all parts work. /readyz names the reason if one does not.", {
        "ready": "min(easel_ready{@})",
    }, "stat", width=3, height=4, looks=YES_NO),
    Panel(2, "Orders", "Orders that became jobs in the period shown.", {
        "orders": "sum(whole(increase(easel_orders_total{@}[range])))",
    }, "stat", width=3, height=4, looks=COUNT),
    Panel(3, "Success", "Jobs with a result, among all that ended and were not cancelled.", {
        "success": 'sum(whole(increase(easel_jobs_ended_total{@, outcome="succeeded"}[range])))'
        ' / (sum(whole(increase(easel_jobs_ended_total{@, outcome!="cancelled"}[range]))) > 0)',
    }, "stat", "percentunit", 3, 4, SHARE, {"decimals": 1}, most=1),
    Panel(4, "Waiting", "Jobs that wait for a slot or for the provider's rate limit.", {
        "waiting": 'sum(whole(easel_jobs{@, state="waiting"}))',
    }, "stat", width=3, height=4, steps=((None, GREEN), (20, ORANGE), (50, RED))),
    Panel(5, "Parts that work", "What /readyz examines, each by itself.", {
        "{{part}}": "min by (part) (easel_ready{@})",
    }, "stat", width=10, height=4, looks=YES_NO),
    Panel(13, "Draining", "Whether no new orders are accepted, because the bot is about to be stopped.", {
        "draining": "max(easel_draining{@})",
    }, "stat", width=2, height=4, looks=NO_YES),
    Panel(6, "Orders and ends per minute", "Orders that became jobs, and how jobs ended.", {
        "orders": "60 * sum(whole(rate(easel_orders_total{@}[step])))",
        "{{outcome}}": "60 * sum by (outcome) (whole(rate(easel_jobs_ended_total{@}[step])))",
    }),
    Panel(7, "From finished to shown", "The provider says when a run is finished. Half of the results are shown within "
          "p50 after that, and 95 % within p95; copying and posting them is part of it.", {
        "p50": "histogram_quantile(0.5, sum by (le) (rate(easel_result_lag_seconds_bucket{@}[step])))",
        "p95": "histogram_quantile(0.95, sum by (le) (rate(easel_result_lag_seconds_bucket{@}[step])))",
    }, unit="s", steps=((None, GREEN), (60, RED))),
    Panel(8, "Success by model", "Models with jobs in the period shown. All are low: the provider is in trouble. One "
          "is low: turn that model off (docs/models.md).", {
        "{{model}}": 'sort(sum by (model) (whole(increase(easel_jobs_ended_total{@, outcome="succeeded"}[range])))'
        ' / (sum by (model) (whole(increase(easel_jobs_ended_total{@, outcome!="cancelled"}[range]))) > 0))',
    }, "bargauge", "percentunit", steps=SHARE, most=1),
    Panel(9, "Jobs in progress", "By state; approval: they wait for a moderator.", {
        "{{state}}": "sum by (state) (whole(easel_jobs{@}))",
    }, stacked=True),
    Panel(10, "Age of the oldest job", "How long ago the oldest job in each state was ordered.", {
        "{{state}}": 'max by (state) (easel_oldest_job_age_seconds{@, state!="approval"})',
    }, unit="s", steps=((None, GREEN), (900, RED))),
    Panel(11, "Why jobs had no result", "Per minute, by the error that members read.", {
        "{{reason}}": "60 * sum by (reason) (whole(rate(easel_jobs_without_result_total{@}[step]))) > 0",
    }, stacked=True),
    Panel(12, "How results were shown", "Per minute: token_edit and bot_edit change the job's card; if no way "
          "worked it is kept, and the member finds it in /jobs.", {
        "{{way}}": "60 * sum by (way) (rate(easel_results_shown_total{@}[step]))",
    }, width=24, height=6, stacked=True),
)  # fmt: skip
MONEY = (
    Panel(20, "Captured", "Credits that members paid for results in the period shown.", {
        "captured": "sum(whole(increase(easel_captured_credits_total{@}[range])))",
    }, "stat", width=4, height=4, looks=COUNT),
    Panel(21, "Released", "Credits that were held and given back unspent.", {
        "released": "sum(whole(increase(easel_released_credits_total{@}[range])))",
    }, "stat", width=4, height=4, looks=COUNT),
    Panel(22, "Refunded", "Credits that were paid and given back later.", {
        "refunded": "sum(whole(increase(easel_refunded_credits_total{@}[range])))",
    }, "stat", width=4, height=4, looks=COUNT),
    Panel(23, "Lost", "Credits: upper bound of what you may pay the provider without a member paying you.", {
        "lost": "sum(whole(increase(easel_lost_credits_total{@}[range])))",
    }, "stat", width=4, height=4, steps=((None, GREEN), (25_000, ORANGE), (250_000, RED)), looks=COUNT),
    Panel(24, "Provider's bill, at most", "Captured and lost credits, in dollars of list price: 25,000 credits each. A "
          "margin of yours is part of it.", {
        "estimate": "(sum(whole(increase(easel_captured_credits_total{@}[range])))"
        " + sum(whole(increase(easel_lost_credits_total{@}[range])))) / 25000",
    }, "stat", "currencyUSD", 4, 4, looks={"decimals": 2}),
    Panel(25, "Purchases that wait", "Bought in Discord, but their buyers have not chosen a server yet. Without a "
          "value if nothing is sold.", {
        "waiting": "max(easel_purchases_waiting{@})",
    }, "stat", width=4, height=4, steps=((None, GREEN), (1, ORANGE))),
    Panel(26, "Credits per minute", "Held: set aside for orders. Captured and released: how holds ended.", {
        name: f"60 * sum(whole(rate(easel_{name}_credits_total{{@}}[step])))"
        for name in ("held", "captured", "released", "refunded")
    }, width=12),
    Panel(27, "Losses per hour", "In credits. failed: the run failed, and the provider may charge for it.", {
        "{{reason}}": "3600 * sum by (reason) (whole(rate(easel_lost_credits_total{@}[step])))",
    }, width=12, stacked=True),
)  # fmt: skip

PROVIDER = (
    Panel(40, "Budget used", "The share of the estimated limit that is used, for calls that start runs (creates), that "
          "ask how runs are (reads), and that list them.", {
        "{{kind}}": "sum by (kind) (rate(easel_provider_requests_total{@}[step]))"
        " / min by (kind) (easel_provider_rate{@})",
    }, unit="percentunit", width=6, steps=((None, GREEN), (0.8, RED))),
    Panel(41, "Calls per minute", "What is used of the budget, and what was refused with 429.", {
        "{{kind}}": "60 * sum by (kind) (rate(easel_provider_requests_total{@}[step]))",
        "{{kind}} refused": "60 * sum by (kind) (rate(easel_provider_throttled_total{@}[step])) > 0",
    }, width=6),
    Panel(43, "Allowed per minute", "The estimated limit. It falls with each 429, and rises slowly again.", {
        "{{kind}}": "60 * min by (kind) (easel_provider_rate{@})",
    }, "stat", width=5, looks=COUNT),
    Panel(42, "Answers per minute", "By status. not_sent: there was no connection. no_answer: it is unknown whether "
          "the call was executed, so a run may be lost.", {
        "{{outcome}}": "60 * sum by (outcome) (rate(easel_provider_answers_total{@}[step]))",
    }, width=7, stacked=True),
    Panel(44, "Ends of runs", "Per minute, by what told them first: a webhook, or a read.", {
        "{{by}}": "60 * sum by (by) (rate(easel_runs_ended_total{@}[step]))",
    }, width=10, height=6, stacked=True),
    Panel(45, "Webhooks", "Per minute: accepted, or why they were refused. Without a value if PUBLIC_URL is not set.", {
        "{{outcome}}": "60 * sum by (outcome) (rate(easel_webhooks_total{@}[step]))",
    }, width=10, height=6, stacked=True),
    Panel(46, "Webhooks arrive", "While they do, runs are read rarely. Without a value if PUBLIC_URL is not set, or if "
          "the provider offers none.", {
        "arrive": "min(easel_webhooks_arrive{@})",
    }, "stat", width=4, height=6, looks=YES_NO),
)  # fmt: skip
DISCORD = (
    Panel(60, "Ban guard", "Answers 401, 403 and 429 of the last 10 minutes, as a share of the 10,000 for which "
          "Discord bans an address.", {
        "used": "max(easel_discord_invalid_requests{@} / easel_discord_invalid_requests_limit{@})",
    }, "gauge", "percentunit", 4, 8, ((None, GREEN), (0.05, ORANGE), (0.2, RED)), most=1),
    Panel(61, "Refused calls per minute", "Those that count towards a ban, by status.", {
        "{{status}}": "60 * sum by (status) (rate(easel_discord_invalid_answers_total{@}[step]))",
    }, width=6, stacked=True),
    Panel(62, "Answers per minute", "Discord's REST API, by class of status. 429: a rate limit.", {
        "{{status}}": "60 * sum by (status) (rate(easel_discord_answers_total{@}[step]))",
    }, width=7, stacked=True),
    Panel(63, "Gateway latency", "From a heartbeat to its answer, on the worst shard.", {
        "latency": "max(easel_discord_latency_seconds{@})",
    }, unit="s", width=7, steps=((None, GREEN), (5, RED))),
    Panel(64, "Gateway sessions", "Sessions that began, that went on after a break, and breaks, in each interval.", {
        "{{event}}": "sum by (event) (increase(easel_discord_gateway_events_total{@}[step]))",
    }, width=6, height=6),
    Panel(65, "Clocks", "How far the servers' clocks are ahead of this machine's.", {
        "{{server}}": "avg by (server) (easel_clock_offset_seconds{@})",
    }, unit="s", width=5, height=6, least=None),
    Panel(66, "Servers", "Servers that the bot is in.", {
        "servers": "sum(easel_discord_servers{@})",
    }, "stat", width=3, height=6, looks=COUNT),
    Panel(69, "Shards", "Those that should be connected, those that are, and the servers of the fullest one: Discord "
          "allows 2,500.", {
        "{{state}}": "sum by (state) (easel_discord_shards{@})",
        "fullest": "max(easel_discord_fullest_shard_servers{@})",
    }, "stat", width=4, height=6, looks=COUNT),
    Panel(67, "Old commands", "Whether members use the commands of an earlier version.", {
        "outdated": "max(easel_commands_outdated{@})",
    }, "stat", width=3, height=6, looks=NO_YES),
    Panel(68, "Answered elsewhere", "Interactions that another process has answered: it uses the same token.", {
        "answered": "sum(increase(easel_interactions_answered_elsewhere_total{@}[range]))",
    }, "stat", width=3, height=6, steps=((None, GREEN), (1, RED)), looks=COUNT),
)  # fmt: skip
MACHINE = (
    Panel(80, "Memory", "In use by the bot itself, without the processes that decode files.", {
        "{{instance}}": "process_resident_memory_bytes{@}",
    }, unit="bytes", width=6),
    Panel(81, "Processor", "Share of one processor that the bot uses.", {
        "{{instance}}": "rate(process_cpu_seconds_total{@}[step])",
    }, unit="percentunit", width=6),
    Panel(82, "Event loop lag", "How late the bot does what is due: the median, and what 1 in 100 exceeds.", {
        "p50": "histogram_quantile(0.5, sum by (le) (rate(easel_event_loop_lag_seconds_bucket{@}[step])))",
        "p99": "histogram_quantile(0.99, sum by (le) (rate(easel_event_loop_lag_seconds_bucket{@}[step])))",
    }, unit="s", width=6, steps=((None, GREEN), (1, RED))),
    Panel(83, "Database", "Its file, and the log that is not merged into it yet.", {
        "{{file}}": "max by (file) (easel_database_bytes{@})",
    }, unit="bytes", width=6, stacked=True),
    Panel(84, "Free disk", "The share of each folder's disk that is free.", {
        "{{folder}}": "min by (folder) (easel_disk_free_bytes{@} / easel_disk_size_bytes{@})",
    }, "bargauge", "percentunit", 8, 6, ((None, RED), (0.1, ORANGE), (0.2, GREEN)), most=1),
    Panel(89, "Scheduled backups", "Age: of the newest copy; while there is none, of the bot. Every: BACKUP_EVERY. "
          "Without a value on PostgreSQL, which has its own tools.", {
        "age": "max(easel_backup_age_seconds{@})",
        "every": "max(easel_backup_interval_seconds{@})",
    }, "stat", "s", 6, 6, looks=OR_NEVER),
    Panel(85, "Age in intervals", "The age of the newest copy as a share of BACKUP_EVERY. More than 1: it is due.", {
        "age": "max(easel_backup_age_seconds{@} / (easel_backup_interval_seconds{@} > 0))",
    }, "stat", "percentunit", 5, 6, ((None, GREEN), (1.1, ORANGE), (2, RED)), COUNT),
    Panel(86, "Loops that run", "The background loops of the job engine; all have to run.", {
        "running": "avg(easel_loop_alive{@})",
    }, "stat", "percentunit", 5, 6, ((None, RED), (1, GREEN)), COUNT),
    Panel(90, "Processes", "Those that live, by role: all is a single one. On duty: those that do what only one does "
          "at a time; more than one is wrong.", {
        "{{role}}": "max by (role) (easel_processes{@})",
        "on duty": "sum(easel_on_duty{@})",
    }, "stat", width=8, height=4, looks=COUNT),
    Panel(87, "Running for", "The time since the process began; the newest one's, if there are several.", {
        "up": "time() - max(process_start_time_seconds{@})",
    }, "stat", "s", 4, 4, looks=COUNT),
    Panel(88, "Version", "Of Easel, with those of Python, discord.py and SQLite.", {
        "{{version}} · Python {{python}} · discord.py {{discord_py}} · SQLite {{sqlite}}": "easel_build_info{@}",
    }, "stat", width=12, height=4),
)  # fmt: skip
ROWS = {
    100: ("Are people served?", PEOPLE),
    101: ("Money", MONEY),
    102: ("Provider", PROVIDER),
    103: ("Discord", DISCORD),
    104: ("Machine", MACHINE),
}


def panels() -> Iterator[dict[str, Any]]:
    """Return all rows and panels, from the top left to the bottom right."""
    y = 0
    for number, (title, members) in ROWS.items():
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
            "panels": [],
        }
        x, y, tallest = 0, y + 1, 0
        for panel in members:
            if x + panel.width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            yield panel.json(x, y)
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest


def variable(name: str, label: str, **more: object) -> dict[str, Any]:
    """Return a variable that can be chosen at the top of the dashboard."""
    return {"name": name, "label": label, "hide": 0, "skipUrlSync": False, **more}


def dashboard() -> dict[str, Any]:
    """Return the whole dashboard, in the classic model that every Grafana since 10 imports."""
    instances = "label_values(easel_build_info, instance)"
    return {
        "uid": "easel-overview",
        "title": "Easel",
        "description": "Whether people are served, what it costs, and what may go wrong next.",
        "tags": ["easel"],
        "schemaVersion": 42,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "annotations": {"list": []},
        "links": [],
        "templating": {
            "list": [
                variable("datasource", "Data source", type="datasource", query="prometheus", regex="", multi=False,
                         includeAll=False, refresh=1, options=[], current={}),
                variable("instance", "Instance", type="query", datasource=DATASOURCE, definition=instances,
                         query={"query": instances, "refId": "instances"}, regex="", multi=True, includeAll=True,
                         allValue=".+", refresh=2, sort=1, options=[],
                         current={"text": ["All"], "value": ["$__all"]}),
            ]
        },
        "panels": list(panels()),
    }  # fmt: skip


if __name__ == "__main__":
    TARGET.write_text(json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
