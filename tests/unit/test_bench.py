import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIELDS = {"value": float, "unit": str, "baseline": float, "ratio": float, "better": str, "runs": int, "note": str}


def test_bench_writes_every_field_of_every_result(tmp_path):
    out = tmp_path / "results.json"
    out.write_text(json.dumps({"measured earlier": {}}))
    # The parts that start bots and sandboxes take a minute; `.ci/run` runs them too.
    parts = ["ledger", "policy", "restart", "progress", "noticing", "memory"]
    command = [sys.executable, "-m", "bench", "--quick", "--only", *parts, "--out", out]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    results = json.loads(out.read_text())
    assert results.pop("measured earlier") == {}
    assert {
        "ledger_1_task",
        "ledger_64_tasks",
        "restart_scan",
        "restart_memory",
        "job_memory",
    } <= results.keys()
    for name, fields in results.items():
        assert {field: type(value) for field, value in fields.items()} == FIELDS, name
        assert fields["better"] in {"lower", "higher"}
        assert name in result.stdout
