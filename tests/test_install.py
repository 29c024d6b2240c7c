"""The package in a clean environment: the lock with its hashes, then a wheel, nothing of the repository in sight."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*words: str | Path, folder: Path) -> str:
    """What a command says; it must end well, and sees neither this environment nor this repository."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    told = subprocess.run(words, cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=1_200)
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    return told.stdout


@pytest.mark.slow
def test_the_lock_and_a_wheel_are_enough_to_refresh_and_build(tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", tmp_path / "venv", folder=tmp_path)
    install = (python, "-m", "pip", "install", "--quiet")
    run(*install, "--require-hashes", "--only-binary=:all:", "-r", ROOT / "constraints.txt", folder=tmp_path)
    run(*(python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", ROOT), folder=tmp_path)
    (wheel,) = tmp_path.glob("hiring_elt-*.whl")
    run(*install, "--no-deps", wheel, folder=tmp_path)

    assert "No broken requirements" in run(python, "-m", "pip", "check", folder=tmp_path)
    told = run(python.with_name("hiring-elt"), "demo", "--candidates", "30", folder=tmp_path)
    assert "How far applications came" in told
    assert (tmp_path / "demo" / "hiring-report.html").exists()
