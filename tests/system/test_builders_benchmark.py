"""`make bench-builders` on few builders: it runs, finds nothing wrong, and leaves nothing behind."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_benchmark_of_the_leaderboard_tells_times_ratios_and_plans(tmp_path: Path) -> None:
    few = ["--users", "20000", "--repeats", "5", "--rounds", "1"]
    environment = os.environ | {"STEADYSCORE_HOME": str(tmp_path)}

    ran = subprocess.run(
        [sys.executable, "-m", "bench.builders", *few], env=environment, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert "20,000 users with " in ran.stdout
    assert "| first 50 | " in ran.stdout
    assert "| 50 around the last, with ranks, after the writes | " in ran.stdout
    assert "| other scores, copied | " in ran.stdout
    assert "Index Scan using idx_users_builder_score on users" in ran.stdout
    assert "first 50, without the index:\n" in ran.stdout
    assert list((tmp_path / "bench").iterdir()) == []
