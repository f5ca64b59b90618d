"""Jobs on Ray: a cluster on this machine, and a worker that dies in the middle of its work."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import write_photos
from PIL import Image

from colorizer import Colorizer
from colorizer.albums.engine import run_jobs
from colorizer.albums.plan import Job, plan_jobs
from colorizer.albums.work import Work
from colorizer.cli.parser import main

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.full

from colorizer.albums import engine  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def machine():
    """A cluster with two cores, however many this machine has."""
    here = Path(__file__).parents[1]
    paths = os.pathsep.join((str(here.parent), str(here)))
    environment = {"PYTHONPATH": paths, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    ray.init(
        num_cpus=2,
        object_store_memory=100_000_000,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": environment},
    )
    yield
    ray.shutdown()


class Mortal(engine.Painter):
    """Kills its process after half of a batch, the first time there is one; `work.asked` has no room to say where
    that was noted, so it stands beside the targets."""

    def __call__(self, batch):
        note = Path(str(batch["target"][0])).parent / "killed"
        if not note.exists():
            note.write_text(str(os.getpid()))
            half = {name: values[: len(values) // 2] for name, values in batch.items()}
            super().__call__(half)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(batch)


def test_a_dead_worker_loses_no_photo(tmp_path, weights, monkeypatch):
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    monkeypatch.setattr(engine, "BATCH", 4)
    monkeypatch.setattr(engine, "Painter", Mortal)
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    write_photos(tmp_path / "in", 13, 60, 40)
    (tmp_path / "in/broken.png").write_bytes(b"no photograph")
    jobs, problems, *_ = plan_jobs([str(tmp_path / "in")], tmp_path / "out", "png", overwrite=False)
    assert not problems
    outcomes = list(engine.run_on_ray(weights / "mobile-unet.safetensors", jobs, Work()))
    assert (tmp_path / "out/killed").exists()
    assert sorted(outcome.job for outcome in outcomes) == sorted(jobs)  # exactly once each
    assert [Path(o.job.source).name for o in outcomes if o.problem] == ["broken.png"]
    written = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert written == sorted(job.target.name for job in jobs if job.source.name != "broken.png")
    colorizer = Colorizer.from_checkpoint("mobile-unet", folder=weights)
    for job in jobs[:2]:
        alone = Job(job.source, tmp_path / "alone.png")
        assert not next(run_jobs(colorizer, [alone], Work(), workers=1)).problem
        assert np.array_equal(np.asarray(Image.open(job.target)), np.asarray(Image.open(alone.target)))


def test_the_command_line_can_run_it_twice(tmp_path, weights, capsys):
    (tmp_path / "in").mkdir()
    write_photos(tmp_path / "in", 3, 60, 40)
    command = ["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--weights", str(weights), "--resume"]
    assert main([*command, "--engine", "ray"]) == 0
    assert "3 coloured" in capsys.readouterr().err
    (tmp_path / "out/1-colorized.png").unlink()
    kept = (tmp_path / "out/0-colorized.png").stat().st_mtime_ns
    assert main([*command, "--engine", "ray"]) == 0
    assert "1 coloured" in capsys.readouterr().err
    assert (tmp_path / "out/0-colorized.png").stat().st_mtime_ns == kept
    assert main(command) == 0
    assert "nothing left to colour" in capsys.readouterr().err
