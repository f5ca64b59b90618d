"""Visitors' steps with albums, and the files that they are offered."""

import zipfile
from dataclasses import replace

RED = {"x": 0.5, "y": 0.5, "color": "#c03020", "reach": "thing"}


def zipped(updates):
    """{name: content} of the archive that is offered."""
    with zipfile.ZipFile(updates["zip"]["value"]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pictures(updates):
    return [name for name in zipped(updates) if name.endswith(".png")]


def stopped_after_one(handlers, photos, *choices: str, **more: str):
    """An album that is stopped when its first photograph is done, and what it says at the end."""
    steps = handlers.run(None, photos, *choices, **more)
    running = next(steps)["running"]
    next(steps)
    next(steps)
    handlers.stopped(running)
    return running, list(steps)[-1]


def correct(running, path, **more):
    """Correct a photo of an album on the first tab."""
    asked = replace(running.request, path=path, points=(RED,), **more)
    running.roll.note(asked)
    return asked
