"""Many photographs at once give the same files as one by one, in order, even if one of them fails."""

import threading
import time

import pytest
import torch
from conftest import write_photos

from colorizer import Colorizer
from colorizer.albums import engine
from colorizer.albums.engine import run_jobs
from colorizer.albums.plan import Job
from colorizer.albums.record import Line
from colorizer.albums.work import Work
from colorizer.photo.form import Form
from colorizer.photo.open import pixels_of
from colorizer.runtime.threads import for_strips


@pytest.fixture(scope="module")
def colorizer(weights):
    return Colorizer.from_checkpoint("mobile-unet", folder=weights)


@pytest.fixture
def planned(tmp_path):
    """Seven files; the fifth is not a photograph."""
    for name in ("in", "one", "many"):
        (tmp_path / name).mkdir()
    write_photos(tmp_path / "in", 7, 90, 60)
    (tmp_path / "in/4.png").write_bytes(b"no photograph")
    return {
        name: [Job(tmp_path / f"in/{i}.png", tmp_path / name / f"{i}.png") for i in range(7)]
        for name in ("one", "many")
    }


def test_the_same_files_as_one_by_one(planned, colorizer):
    threads = torch.get_num_threads(), for_strips()
    work = Work({"saturation": 0.7}, Form(triptych=True))
    alone = list(run_jobs(colorizer, planned["one"], work, workers=1))
    outcomes = list(run_jobs(colorizer, planned["many"], work, workers=3))
    assert (torch.get_num_threads(), for_strips()) == threads
    assert [outcome.job for outcome in outcomes] == planned["many"]
    assert [i for i, outcome in enumerate(outcomes) if outcome.problem] == [4]
    assert outcomes[4].problem == alone[4].problem
    for one, other in zip(planned["one"], planned["many"], strict=True):
        if one.target.exists():
            assert one.target.read_bytes() == other.target.read_bytes()
    assert not (planned["many"][4].target).exists()


def test_only_as_many_at_once_as_the_memory_holds(planned, monkeypatch):
    """Each of the photographs needs more than half of it; and as many as workers, where it holds them all."""
    at_once, most = 0, 0
    lock = threading.Lock()

    def slow(colorizer, job, work):
        nonlocal at_once, most
        assert for_strips() == 1
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with lock:
            at_once -= 1
        return engine.Outcome(job, Line(job.name, ""))

    monkeypatch.setattr(engine, "run_job", slow)
    sound = [job for job in planned["many"] if pixels_of(job.source)]
    assert len(sound) == 6
    pixels = max(pixels_of(job.source) for job in sound)
    for share, expected in ((0.9, 1), (30.0, 3)):
        monkeypatch.setattr(engine, "free_memory", lambda share=share: share * engine.PIXEL_BYTES * pixels)
        most = 0
        outcomes = list(run_jobs(None, sound, Work(), workers=3))
        assert [outcome.job for outcome in outcomes] == sound
        assert most == expected


def test_a_caller_that_stops_early_skips_the_rest(planned, colorizer):
    outcomes = run_jobs(colorizer, planned["many"], Work(), workers=2)
    next(outcomes)
    outcomes.close()
    assert 1 <= sum(job.target.exists() for job in planned["many"]) < 6
