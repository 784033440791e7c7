"""Tests that Grafana can import ops/grafana.json, and that ops/grafana.py writes exactly this file."""

import itertools
import json
import re
import runpy
from pathlib import Path

import pytest

OPS = Path(__file__).parents[3] / "ops"
DASHBOARD = json.loads((OPS / "grafana.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
COLUMNS = 24
KINDS = {"timeseries", "stat", "gauge", "bargauge"}
OWN_VARIABLES = {"__rate_interval", "__range"}
"""The variables that Grafana itself defines."""


def each_panel(test):
    return pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])(test)


def test_committed_file_is_up_to_date_with_the_script():
    assert runpy.run_path(str(OPS / "grafana.py"))["dashboard"]() == DASHBOARD


def test_rows_and_panels_lie_in_the_grid_without_overlap():
    taken = set()
    for panel in DASHBOARD["panels"]:
        x, y, w, h = (panel["gridPos"][name] for name in "xywh")
        assert min(x, y) >= 0, panel["title"]
        assert min(w, h) > 0, panel["title"]
        assert x + w <= COLUMNS, panel["title"]
        cells = set(itertools.product(range(x, x + w), range(y, y + h)))
        assert not cells & taken, panel["title"]
        taken |= cells


def test_ids_are_unique_and_the_dashboard_keeps_its_address():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert (DASHBOARD["uid"], "id" in DASHBOARD) == ("easel-overview", False)


def test_data_source_and_instance_can_be_chosen():
    source, instance = DASHBOARD["templating"]["list"]
    assert (source["name"], source["type"], source["query"]) == ("datasource", "datasource", "prometheus")
    assert (instance["name"], instance["type"], instance["datasource"]["uid"]) == ("instance", "query", "${datasource}")


@each_panel
def test_panel_explains_itself_and_queries_the_chosen_source_for_the_chosen_instances(panel):
    assert panel["type"] in KINDS
    assert panel["description"].endswith(".")
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"]
    assert defaults["thresholds"]["steps"][0]["value"] is None
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {source["uid"] for source in sources} == {"${datasource}"}
    assert [target["refId"] for target in panel["targets"]] == [*"ABCD"[: len(panel["targets"])]]
    for target in panel["targets"]:
        selectors = re.findall(r"\b(?:easel|process|python)_\w+(.)", target["expr"])
        assert selectors
        assert set(selectors) == {"{"}
        assert target["expr"].count('instance=~"$instance"') == len(selectors)
        assert {*re.findall(r"\$(\w+)", target["expr"])} - OWN_VARIABLES == {"instance"}
        assert target["range"] != target["instant"]
