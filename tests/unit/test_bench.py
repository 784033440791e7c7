import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIELDS = {"value": float, "unit": str, "baseline": float, "ratio": float, "better": str, "runs": int, "note": str}


def test_bench_writes_every_field_of_every_result(tmp_path):
    out = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", "--quick", "--out", out]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    results = json.loads(out.read_text())
    assert {
        "ledger_1_tasks",
        "ledger_64_tasks",
        "restart_scan",
        "restart_memory",
        "history_page",
        "autocomplete_p99",
        "calls_picture",
        "calls_video",
        "job_memory",
        "idle_memory",
        "ready_time",
    } <= results.keys()
    for name, fields in results.items():
        assert {field: type(value) for field, value in fields.items()} == FIELDS, name
        assert fields["better"] in {"lower", "higher"}
        assert name in result.stdout
