"""Old files go from the folder of uploads and results, and nothing else."""

import os
import subprocess
import sys

import pytest

from colorizer.page.serving.disk_budget import clean


def test_what_is_old_is_removed_and_what_is_new_stays(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/b/old.png", "a/old.jpg", "top.jpg"):
        (tmp_path / name).touch()
    assert clean(tmp_path, age=60) == []
    assert set(clean(tmp_path, age=-1)) == {str(tmp_path / name) for name in ("a/b/old.png", "a/old.jpg", "top.jpg")}
    clean(tmp_path, age=-1)
    assert list(tmp_path.iterdir()) == []
    assert tmp_path.is_dir()


def test_a_folder_that_waits_for_its_file_stays(tmp_path):
    (tmp_path / "new").mkdir()
    assert clean(tmp_path, age=60) == []
    assert (tmp_path / "new").is_dir()


@pytest.mark.full
def test_only_the_pages_own_folder_is_cleaned():
    """Also what Gradio writes that reads the folder's name when it is imported, as for MCP."""
    code = "import os, colorizer.page, gradio.mcp as m; print(os.environ['GRADIO_TEMP_DIR'], m.DEFAULT_TEMP_DIR)"

    def folders(**given):
        environment = {name: value for name, value in os.environ.items() if name != "GRADIO_TEMP_DIR"}
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, env={**environment, **given}, capture_output=True, text=True, check=True)
        return run.stdout.split()

    own, of_mcp = folders()
    assert "colorizer-" in own
    assert own == of_mcp
    assert folders(GRADIO_TEMP_DIR="/elsewhere") == ["/elsewhere"] * 2
