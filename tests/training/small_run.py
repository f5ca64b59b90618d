"""A training run of seconds."""

from colorizer.training import Run
from colorizer.training.recipes import Recipe

RECIPE = Recipe(sizes=(32,), batch=4, pictures=24, warmup=2, rate=3e-3, held_out=0.3, ema=0.5, jitter=0.1, hints=0.5)


def run_in(out, photos, **changes) -> Run:
    settings = {"workers": 0, "validate_every": 12, "title": "a test", "cache": "", "trackers": ()}
    return Run(data=(str(photos),), out=str(out), **{**settings, **changes})
