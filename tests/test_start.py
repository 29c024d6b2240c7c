"""What the program need not import it does not, and knows all the same what it would have been told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import sys
from pathlib import Path
import pipelines
from pipelines.setting_values import text
print(text("sources.talent_ray.base_url"), "dlt" in sys.modules)
"""


def answer(folder, program=ASK, **environment):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG")}
    run = [sys.executable, "-c", program]
    done = subprocess.run(
        run, cwd=folder, env=kept | {"HOME": str(folder)} | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.fixture
def root(monkeypatch):
    """Where this package is, for programs that start elsewhere."""
    import pipelines

    monkeypatch.setenv("PYTHONPATH", str(Path(pipelines.__file__).parents[1]))


def test_a_setting_of_the_environment_is_read_without_dlt(tmp_path, root):
    assert answer(tmp_path, SOURCES__TALENT_RAY__BASE_URL=" http://127.0.0.1:1 ") == ["http://127.0.0.1:1", "False"]
    assert answer(tmp_path) == ["None", "False"]


@pytest.mark.parametrize("name", ["config.toml", "secrets.toml"])
def test_a_setting_in_a_file_is_found_and_the_environment_goes_before_it(tmp_path, root, name):
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / name).write_text('[sources.talent_ray]\nbase_url = "http://127.0.0.1:2"\n')

    assert answer(tmp_path) == ["http://127.0.0.1:2", "True"]
    assert answer(tmp_path, SOURCES__TALENT_RAY__BASE_URL="http://127.0.0.1:3")[0] == "http://127.0.0.1:3"


def test_the_program_takes_no_numpy_or_pandas_along_and_no_command_line_of_httpx(tmp_path, root):
    program = """
import sys
from pathlib import Path
from pipelines.cli import main
sys.argv = ["hiring-elt", "--version"]
try:
    main()
except SystemExit:
    pass
import pyarrow
pyarrow.array([1, 2])
import httpx
print(*(name in sys.modules for name in ("numpy", "pandas", "httpx._main")))
"""

    assert answer(tmp_path, program)[-3:] == ["False", "False", "False"]
