"""The training loop, when it saves, and when it stops early."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from accelerate import Accelerator
from tqdm import tqdm

from ..architectures.contract import Architecture
from ..architectures.efficientnet_lite import EfficientNetLiteEncoder
from ..architectures.registry import architecture_class
from ..checkpoints.card import Card
from ..checkpoints.file import find_checkpoint, read_card
from ..evaluation.realism import Eye
from .finish.finisher import Finisher
from .finish.judge import Judge, load_encoder
from .learner import Learner, NotFinite, rate_at
from .material import Material, find_material
from .network import make_network
from .processes import gather, mean_over, start
from .recipes import Recipe, Run, check_settings
from .record import Record
from .state import alone, open_folder, read_state, refuse_changes, write_state
from .validation import Progress, Validator, card_writer


def train(architecture: str, config: dict[str, Any], recipe: Recipe, run: Run) -> Card:
    """Train, or resume, and return the card of the last weights; the best weights are in `<out>/best.safetensors`.

    Raises DataError for unusable data, StateError for a state that cannot be continued or written, ValueError for
    settings that do not fit and for a loss that became infinite or NaN, OSError for files that cannot be written, and
    KeyboardInterrupt when it is interrupted at once.
    """
    check_settings(recipe, run)
    out = run.folder(architecture)
    kind = architecture_class(architecture)
    parts_rest = (kind.classifies and not recipe.class_weight) or (kind.takes_hints and not recipe.hints)
    accelerator = start(recipe, run, out, parts_rest=parts_rest)
    say = tqdm.write if accelerator.is_main_process else _silent
    material = find_material(architecture, recipe, run)
    network = make_network(architecture, config, recipe, run, material.classes)
    judges = [load_encoder(Path(path)) for path in run.judge] if recipe.adversarial else []
    eye = Eye.load(run.realism) if run.realism else None
    if eye and sha256(Path(run.realism).read_bytes()).hexdigest() in [digest for _, digest in judges]:
        raise ValueError("--realism is the judge's own encoder, which will find all true; give another one's weights")
    open_folder(out)
    with alone(out) if accelerator.is_main_process else nullcontext():
        return _train(network, material, recipe, run, out, accelerator, say, eye, judges)


def _train(
    network: Architecture,
    material: Material,
    recipe: Recipe,
    run: Run,
    out: Path,
    accelerator: Accelerator,
    say: Callable[[str], None],
    eye: Eye | None,
    judges: list[tuple[EfficientNetLiteEncoder, str]],
) -> Card:
    """Train in a folder that no other training writes to. eye: looks at validation pictures. judges: encoders with
    which the judges of a finish see, and the digests of their files."""
    kept = read_state(out)
    identity: dict[str, Any] = {
        "network": {"architecture": network.name, **asdict(network.config)},
        "recipe": asdict(recipe),
    }
    if judges:
        identity["judge"] = {"sha256": [digest for _, digest in judges]}
    refuse_changes(out, kept, identity)
    material = material.decoded(recipe, run, accelerator, say)
    refuse_changes(out, kept, {"pictures": material.digest()})
    identity["pictures"] = material.digest()
    if judges:
        learner: Learner = Finisher(network, recipe, accelerator, [Judge(encoder) for encoder, _ in judges])
        progress = Progress(temperature=read_card(find_checkpoint(run.init)).temperature)
    else:
        learner, progress = Learner(network, recipe, accelerator), Progress()
    if kept:
        learner.load_state(*kept)
        progress = Progress(**kept[1]["progress"])
    _agree(accelerator, [progress.step, identity])

    describe = card_writer(recipe, run, out, material.classes)
    validate = Validator(accelerator, recipe, out, describe, say, run.validation_pictures, eye)
    record = Record(accelerator, out, run.log_every, progress, recipe.batch)
    record.begin(learner.network, recipe, run, material)
    epoch = len(material.pictures) / recipe.batch
    steps = math.ceil((recipe.epochs * epoch) if recipe.epochs else recipe.pictures / recipe.batch)
    every = run.validate_every or min(20_000, max(1, steps * recipe.batch // 5))
    if progress.step:
        say(f"going on after {progress.step * recipe.batch:,} of {steps * recipe.batch:,} pictures")

    def finished() -> bool:
        return progress.step >= steps or progress.exhausted(recipe)

    def keep() -> None:
        if accelerator.is_main_process:
            tensors, facts = learner.state()
            write_state(out, progress.step, tensors, {**facts, **identity, "progress": asdict(progress)})

    def look() -> None:
        with watch.at_once():
            sheet = validate(learner.averaged, material.held_out, progress, final=finished())
        record.validation(progress, sheet, watch.seconds)

    bar = tqdm(
        total=steps * recipe.batch, initial=progress.step * recipe.batch, unit=" pictures", unit_scale=True,
        dynamic_ncols=True, disable=not accelerator.is_main_process,
    )  # fmt: skip
    with bar, Watch(accelerator, run.save_minutes, run.max_minutes, say) as watch:
        batches = material.batches(progress.step, recipe, run, accelerator)
        while not finished():
            crops, labels = next(batches)
            rate = rate_at(progress.step, steps, recipe, epoch) * progress.rate_factor
            seen = (progress.step + 1) * recipe.batch
            due = seen // every > (seen - recipe.batch) // every or progress.step + 1 == steps
            try:
                step = learner.step(crops, labels, progress.step, rate, look=due)
            except NotFinite as trouble:
                init = "--init last.safetensors of this run and " * (out / "last.safetensors").exists()
                raise ValueError(
                    f"step {progress.step} gave no number any more ({trouble}); nothing was learnt from it. Start "
                    f"again in another --out with {init}a lower --rate, or with --precision no"
                ) from None
            progress.step += 1
            progress.loss = step.loss if math.isnan(progress.loss) else 0.98 * progress.loss + 0.02 * step.loss
            bar.update(recipe.batch)
            bar.set_postfix(loss=f"{progress.loss:.4f}", rate=f"{rate:.1e}")
            record.step(progress, seen, step, rate, watch.seconds)
            if due:
                progress.health = step.health
                if not finished():
                    look()
            stop = watch.stop()
            if watch.save() and not stop:
                keep()
            if stop:
                break
        keep()
        if finished() and progress.ended != progress.step:
            look()
            keep()  # so that a longer run knows the best so far
    record.end(progress, "finished" if progress.step >= steps else "early stopping" if finished() else "stopped")
    if not finished():
        say(f"stopped after {progress.step * recipe.batch:,} pictures; the same command goes on from there")
    if not accelerator.is_main_process:
        return Card("last", out / "last.safetensors", network.name)
    return describe(learner.averaged, progress, "last")


def _agree(accelerator: Accelerator, mine: list[Any]) -> None:
    """Raise ValueError if processes on machines that share no folder are about to do different things."""
    if any(other != mine for other in gather(accelerator, [mine])):
        raise ValueError(
            "the processes do not find the same state, settings and pictures; give all machines the same --data and a "
            "shared folder as --out"
        )


def _silent(sentence: str) -> None:
    """Say nothing: only the first process prints."""


class Watch:
    """Tells a run when to save, and when to stop: after `max_minutes`, on Ctrl-C and on SIGTERM, once a step is done.

    A context manager. A second signal stops the run at once with KeyboardInterrupt, and so does the first one during
    validation.
    """

    def __init__(
        self, accelerator: Accelerator, save_minutes: float, max_minutes: float, say: Callable[[str], None] = print
    ):
        self._say = say
        self._waits = True
        self._accelerator, self._save_after, self._stop_after = accelerator, save_minutes * 60, max_minutes * 60
        self._started = self._saved = time.monotonic()
        self._asked = False
        self._earlier: dict[int, object] = {}

    def __enter__(self) -> Watch:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._earlier[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked or not self._waits:
            raise KeyboardInterrupt
        self._asked = True
        self._say("stopping after this step, with a state; once more stops at once")

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Inside this context a signal stops the run at once: a resumed run repeats the interrupted work."""
        self._waits = False
        try:
            if self._asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._waits = True

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def stop(self) -> bool:
        """Whether this step was the last; the same in all processes."""
        return mean_over(self._accelerator, float(self._asked or self.seconds > self._stop_after))[0] > 0

    def save(self) -> bool:
        """Whether it is time to save a state; if so, restarts the interval."""
        if time.monotonic() - self._saved <= self._save_after:
            return False
        self._saved = time.monotonic()
        return True
