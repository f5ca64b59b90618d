"""One pass over photographs: all readouts of a photograph come from one run of the network."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from PIL import Image

from colorizer import Colorizer
from colorizer.colour import metrics
from colorizer.colour.readout import BOLDNESS, Readout, preset_readout
from colorizer.colour.whole_photo import join

from .balanced_auc import BalancedAuc
from .calibration import Calibration
from .questions import SIZES, Classifier, Hinted, at_sizes, promise, seen, with_hints

TEMPERATURES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
GRAY, MEAN = "gray", "mean"

Figures = dict[str, float]


class Examination:
    """The results so far; lists have an entry for every photograph, in the order of `add`."""

    def __init__(self, colorizer: Colorizer, classifier: Classifier | None):
        """Raises ValueError for a checkpoint that does not support all measurements."""
        network = colorizer.architecture
        if not (network.has_distribution and network.takes_hints):
            raise ValueError(
                f"{colorizer.name} is a {network.name}; only a network that predicts a distribution and takes hints, "
                "such as mobile-unet, can be asked all of this"
            )
        self.colorizer = colorizer
        self.classifier = classifier
        self.kinds: list[str] = []
        """The kind of each photograph, "" if unknown."""
        self.own = Readout(colorizer.card.temperature)
        """The checkpoint's default readout."""
        self.presets = {name: preset_readout(name, colorizer.card.temperature) for name in BOLDNESS}
        self.readouts: dict[Readout, list[Figures]] = {
            readout: [] for readout in (self.own, *self.presets.values(), *map(Readout, TEMPERATURES))
        }
        """`metrics.measure`; of readouts that are neither a preset nor the checkpoint's own, PSNR and colourfulness."""
        self.references: list[Figures] = []
        self.balanced: dict[Readout | str, BalancedAuc] = {
            key: BalancedAuc() for key in (self.own, *self.presets.values(), GRAY, MEAN)
        }
        self.sizes: list[dict[int, float]] = []
        """PSNR, dB, by the side of the network's input, including its own."""
        self.hints: list[dict[int, Hinted]] = []
        self.calibration = Calibration()
        self.recognized: dict[str, list[bool]] = {name: [] for name in (GRAY, *self.presets)} if classifier else {}

    @property
    def several_kinds(self) -> list[str]:
        """All kinds in alphabetical order; empty if there is only one."""
        names = sorted(set(self.kinds))
        return names if len(names) > 1 else []

    def add(self, photo: Image.Image, kind: str = "") -> None:
        """Measure one photograph, "RGB", 256 x 256."""
        self.kinds.append(kind)
        truth = np.asarray(photo)
        result = self.colorizer.colorize(photo)

        @cache
        def read(readout: Readout) -> Image.Image:
            return result.with_readout(readout).image

        for readout, rows in self.readouts.items():
            guess = np.asarray(read(readout))
            if readout in self.balanced:
                rows.append(metrics.measure(guess, truth))
                self.balanced[readout].add(guess, truth)
            else:
                rows.append({"psnr": metrics.psnr(guess, truth), "colourfulness": metrics.colourfulness(guess)})
        self.references.append(metrics.reference(photo))
        self.balanced[GRAY].add(join(truth, torch.zeros(2, 1, 1)), truth)
        self.balanced[MEAN].add(metrics.own_mean(truth), truth)
        own = self.colorizer.working_size
        sizes = at_sizes(self.colorizer, photo, [size for size in SIZES if size != own])
        self.sizes.append({**sizes, own: self.readouts[self.own][-1]["psnr"]})
        self.hints.append(with_hints(self.colorizer, photo, seed=len(self.hints)))
        self.calibration.add(*promise(result), self.colorizer.architecture.centres.cpu())
        if self.classifier:
            there = seen(self.classifier, photo)
            looks = {GRAY: result.grayscale.convert("RGB"), **{name: read(p) for name, p in self.presets.items()}}
            for name, picture in looks.items():
                self.recognized[name].append(seen(self.classifier, picture) == there)
