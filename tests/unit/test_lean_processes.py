"""What a process does not need it does not load: a worker starts without FastAPI."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["steadyscore.cli", "steadyscore.run_worker", "steadyscore.run_relay"])
def test_no_process_but_the_api_loads_fastapi(module: str) -> None:
    program = f"import sys, {module}; print(sorted({{'fastapi', 'starlette', 'jwt'}} & sys.modules.keys()))"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
