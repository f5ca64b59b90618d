"""The command that repeats a run, read from what the run wrote."""

import json
import math
import shlex
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from fake_run import DEFAULTS, fake_run
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from colorizer.cli import train as training_command
from colorizer.cli.train import main
from colorizer.training import Run
from colorizer.training.protocols import PROTOCOLS, recipe_for
from colorizer.training.report.record import RunRecord, read_run
from colorizer.training.report.repeat import repeat_command


@hypothesis_settings(max_examples=40)
@given(st.data())
def test_the_command_repeats_the_run(data):
    """For any settings, the command on the page parses back to the same settings."""
    architecture, protocol = data.draw(st.sampled_from([
        (architecture, name) for name, it in PROTOCOLS.items() for architecture in it.recipes if architecture
    ]))  # fmt: skip
    recipe, config = recipe_for(architecture, protocol)
    text = st.text(st.characters(min_codepoint=32, max_codepoint=300, exclude_characters="\x7f"), max_size=12)
    names = st.lists(text.filter(lambda name: name.strip() and not name.startswith("-")), min_size=1, max_size=3)
    recipe = replace(
        recipe,
        rate=data.draw(st.floats(1e-6, 1)),
        sizes=tuple(data.draw(st.lists(st.integers(32, 512), min_size=1, max_size=3))),
        flip=data.draw(st.booleans()),
        loss=data.draw(st.sampled_from(["", "mse"])),
    )
    run = Run(
        data=tuple(data.draw(names)),
        out="runs/here",
        title=data.draw(text),
        overfit=data.draw(st.booleans()),
        max_minutes=data.draw(st.sampled_from([math.inf, 5.0])),
        labelled=tuple(data.draw(st.sampled_from([(), ("a b",)]))),
    )
    stored = json.loads(json.dumps({"recipe": asdict(recipe), "run": asdict(run), "config": config}))
    record = RunRecord(Path("x"), architecture, stored["config"], stored["recipe"], stored["run"])
    words = shlex.split(repeat_command(record, DEFAULTS).replace(" \\\n", " "))
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_command, "train", lambda *job: asked.append(job) or save_nothing(job))
        assert main(words[2:]) == 0
    name, full_config, again, run_again = asked[0]
    assert (name, again) == (architecture, recipe)
    assert replace(run_again, out="runs/here") == run
    assert run_again.out == "runs/here-again"
    assert {key: full_config[key] for key in config} == dict(config)


def save_nothing(job):
    from colorizer.checkpoints.card import Card

    return Card(name="best", path=Path("nowhere/best.safetensors"))


def test_the_command_leaves_defaults_out(tmp_path):
    command = repeat_command(read_run(fake_run(tmp_path / "x")), DEFAULTS)
    assert shlex.split(command.replace("\\\n", "")) == shlex.split(
        "python train.py mobile-unet --data photos more.tar --validation held-out --encoder torchvision "
        "--title 'A run' --pictures 240000 --out runs/x-again"
    )
