"""An archive is coloured, stopped, continued and changed, and its manifest stays true."""

import sys

import pytest

from benchmarks.archive_run import run


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="names, pipes and signals are as on Unix")
def test_a_small_archive(tmp_path, weights):
    lines, wrong = run(tmp_path, 16, weights)
    assert not wrong, "\n".join([*lines, *wrong])
    assert len(lines) == 4
