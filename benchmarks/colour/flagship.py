"""Everything that measures the flagship, `mobile-unet`. All readouts of a photo come from one run of the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from benchmarks.common import FLAGSHIP, Measured, Sources, evenly, open_photos, prose, say
from colorizer import Colorizer, Hint
from colorizer.checkpoints.card import WEIGHTS
from colorizer.colour import metrics
from colorizer.colour.lab import colours
from colorizer.colour.readout import BOLDNESS, DEFAULT_PRESET, Readout, preset, preset_readout
from colorizer.colour.whole_photo import join
from colorizer.evaluation.comparison import GRAY, ORACLE, YARDSTICK, count_macs, markdown, relative_time

from .measures import BalancedAuc, Calibration, reliability_diagram
from .outlines import keeping, outlined, section

TEMPERATURES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
HINTS = (1, 2, 5, 10, 20)
OTHERS = ("ΔE2000", "AuC", "rebalanced AuC", "colourfulness")

Figures = dict[str, float]


def measure(
    photos: Sources,
    checkpoint: str = FLAGSHIP,
    outlines: Path | None = None,
    limit: int | None = None,
    weights: Path = WEIGHTS,
) -> Measured:
    """Everything that measures the flagship: docs/flagship.md, with docs/calibration.svg.

    photos: in colour, that training never saw. checkpoint: a name in weights/, or a file, of a network that predicts a
    distribution and takes hints. outlines: a folder of outlined photographs, laid out as PASCAL VOC's VOC2012, for
    whether a bold hint stays on its thing; docs/hints.md says where to get one. limit: so many of the photographs only,
    taken evenly.
    """
    colorizer = Colorizer.from_checkpoint(checkpoint, device="cpu", folder=weights)
    examination = Examination(colorizer)
    opened = open_photos(photos, limit)
    for problem in opened.problems:
        say(f"flagship: left out: {problem}")
    for photo, kind in zip(tqdm(opened.images, desc=colorizer.name, unit="photo"), opened.kinds, strict=True):
        examination.add(photo, kind)
    text = report(examination)
    if outlines:
        pictures = evenly(list(outlined(outlines)), limit)
        looks = {name: preset(name) for name in ("faithful", DEFAULT_PRESET)}
        rows = {name: keeping(colorizer, tqdm(pictures, desc=name, unit="photo"), look) for name, look in looks.items()}
        text += "\n" + section(rows)
    at = examination.calibration.at
    shown = {f"temperature {t:g}": at[t] for t in dict.fromkeys((1.0, examination.calibration.best_temperature))}
    return Measured((text, reliability_diagram(shown)))


class Examination:
    """The results so far; lists have an entry for every photograph, in the order of `add`."""

    def __init__(self, colorizer: Colorizer):
        self.colorizer = colorizer
        self.kinds: list[str] = []
        """The kind of each photograph, "" if unknown."""
        self.own = Readout(colorizer.card.temperature)
        """The checkpoint's default readout."""
        self.presets = {name: preset_readout(name, colorizer.card.temperature) for name in BOLDNESS}
        self.balanced = {key: BalancedAuc() for key in (self.own, *self.presets.values(), GRAY, ORACLE)}
        self.readouts: dict[Readout, list[Figures]] = defaultdict(list)
        """`metrics.measure`; of readouts that are neither a preset nor the checkpoint's own, PSNR and colourfulness."""
        self.references: list[Figures] = []
        self.hinted: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
        """By the number of hints: PSNR, CIEDE2000 between result and hints at the hints' points, and PSNR of the
        default look."""
        self.faded: dict[Readout, list[float]] = defaultdict(list)
        """PSNR with the colours that the photograph gets when its tones have half of their range."""
        self.calibration = Calibration()

    def add(self, photo: Image.Image, kind: str = "") -> None:
        """Measure one photograph, "RGB", 256 x 256."""
        truth, result = np.asarray(photo), self.colorizer.colorize(photo)
        for readout in dict.fromkeys((self.own, *self.presets.values(), *map(Readout, TEMPERATURES))):
            guess = np.asarray(result.with_readout(readout).image)
            if readout in self.balanced:
                self.readouts[readout].append(metrics.measure(guess, truth))
                self.balanced[readout].add(guess, truth)
            else:
                some = {"psnr": metrics.psnr(guess, truth), "colourfulness": metrics.colourfulness(guess)}
                self.readouts[readout].append(some)
        faded = self.colorizer.colorize(photo.point(lambda level: 64 + level // 2)).at_size(photo)
        for readout in self.presets.values():
            self.faded[readout].append(metrics.psnr(np.asarray(faded.with_readout(readout).image), truth))
        self.references.append(metrics.reference(photo))
        self.balanced[GRAY].add(join(truth, torch.zeros(2, 1, 1)), truth)
        self.balanced[ORACLE].add(metrics.own_mean(truth), truth)
        for count in HINTS:
            hints = revealed(photo, count, seed=len(self.kinds))
            hinted = self.colorizer.colorize(photo, hints)
            guess, shown = (
                np.asarray(each.image) for each in (hinted, hinted.with_readout(self.presets[DEFAULT_PRESET]))
            )
            figures = metrics.psnr(guess, truth), _missed(guess, truth, hints), metrics.psnr(shown, truth)
            self.hinted[count].append(figures)
        logits = result.architecture.logits(result.prediction).cpu()
        small = photo.resize((logits.shape[3], logits.shape[2]), Image.Resampling.BOX)
        centres = self.colorizer.architecture.centres.cpu()
        self.calibration.add(logits, colours(np.asarray(small))[None], centres)
        self.kinds.append(kind)

    def mean(self, figures: Sequence[Figures], kind: str | None = None) -> Figures:
        """`metrics.average` of figures and their references, over all photographs or those of a kind."""
        chosen = [i for i, own in enumerate(self.kinds) if kind in (None, own)]
        return metrics.average([{**figures[i], **self.references[i]} for i in chosen])


def revealed(photo: Image.Image, count: int, seed: int = 0, side: int = 6) -> list[Hint]:
    """True hints, as in the evaluation of Zhang et al. (SIGGRAPH 2017): the mean ab of `count` patches of `side` x
    `side` pixels of a 256 x 256 photo, with centres normal around the middle, sigma a quarter of its sides.

    A larger count starts with the hints of a smaller one.
    """
    ab, random = colours(np.asarray(photo)), np.random.default_rng(seed)
    hints = []
    for _ in range(count):
        shares = random.normal(0.5, 0.25, 2)
        left, top = (
            int(np.clip(share * length - side / 2, 0, length - side))
            for share, length in zip(shares, photo.size, strict=True)
        )
        a, b = ab[:, top : top + side, left : left + side].mean(dim=(1, 2)).tolist()
        hints.append(Hint(left + side / 2, top + side / 2, (a, b), radius=side / 2))
    return hints


def _missed(guess: np.ndarray, photo: np.ndarray, hints: Sequence[Hint]) -> float:
    """CIEDE2000 at the hints' points, between a coloured photo and the hints' colours on the photo's lightness, both
    uint8 (H, W, 3)."""
    rows, columns = ([int(place) for place in axis] for axis in zip(*((h.y, h.x) for h in hints), strict=True))
    asked = join(photo[rows, columns][None], torch.tensor([h.ab for h in hints]).T[:, None])
    return metrics.delta_e(guess[rows, columns][None], asked)


def report(found: Examination) -> str:
    """All tables, with text that says how to read them."""
    kinds = ", ".join(f"{found.kinds.count(kind)} of kind `{kind}`" for kind in _several(found))
    parts = [
        f"# `{found.colorizer.name}`, measured",
        prose(
            f"Measured on {len(found.kinds)} photographs{f' ({kinds}, by their names)' if kinds else ''}, stretched to",
            "256 × 256, by `python -m benchmarks flagship PHOTOS --write`, which is part of `make benchmark",
            "PHOTOS=DIR`. PSNR is the mean over pictures, in RGB; colourfulness is relative to the truth. Compare each",
            "figure with plain gray's.",
        ),
        *("## Automatic", *automatic(found), temperatures(found)),
        *("## Presets", *presets(found)),
        *("## Hints", *hints(found)),
        *("## Calibration", *calibration(found.calibration)),
        *("## Cost", cost(found.colorizer)),
    ]
    return "\n\n".join(parts) + "\n"


def _several(found: Examination) -> list[str]:
    """All kinds in alphabetical order; empty if there is only one."""
    names = sorted(set(found.kinds))
    return names if len(names) > 1 else []


def automatic(found: Examination) -> tuple[str, str]:
    """The checkpoint by default, the single-tint oracle, and plain gray; gains for each kind of photograph."""
    kinds = _several(found)
    cells = [[f"`{found.colorizer.name}`", *_row(found, found.readouts[found.own], found.own, kinds)]]
    for label, prefix in ((ORACLE, "mean_"), (GRAY, "gray_")):
        whose = [
            {k.removeprefix(prefix): v for k, v in row.items() if k.startswith(prefix)} for row in found.references
        ]
        cells.append([label, *_row(found, whose, label, kinds)])
    columns = ["", "PSNR, dB", "over gray", *(f"{kind}: over gray" for kind in kinds), *OTHERS]
    return markdown(columns, cells), prose(
        f"At the checkpoint's own temperature, {found.own.temperature:g}. AuC gives each pixel the same weight, and",
        "rebalanced AuC each colour that occurs in these photographs (`benchmarks.colour.measures`).",
    )


def _row(found: Examination, figures: Sequence[Figures], key: Readout | str, kinds: Iterable[str] = ()) -> list[str]:
    """PSNR, its gain on all and on each of `kinds`, and `OTHERS`."""
    mean = found.mean(figures)
    gains = [f"{each['psnr_gain']:+.2f}" for each in (mean, *(found.mean(figures, kind) for kind in kinds))]
    others = [f"{mean['delta_e']:.2f}", f"{mean['auc']:.3f}", f"{found.balanced[key].value:.3f}", _ratio(mean)]
    return [f"{mean['psnr']:.2f}", *gains, *others]


def _ratio(mean: Mapping[str, float]) -> str:
    return f"{mean['colourfulness'] / mean['true_colourfulness']:.2f}"


def temperatures(found: Examination) -> str:
    """The table of temperatures."""
    means = {t: found.mean(found.readouts[Readout(t)]) for t in TEMPERATURES}
    best = max(means, key=lambda t: means[t]["psnr"])
    cells = [
        [bold(f"{t:g}", t == best), f"{m['psnr']:.2f}", bold(f"{m['psnr_gain']:+.2f}", t == best), _ratio(m)]
        for t, m in means.items()
    ]
    return markdown(["temperature", "PSNR, dB", "over gray", "colourfulness"], cells)


def presets(found: Examination) -> tuple[str, str]:
    """The table of presets: what boldness gains and costs."""
    controls = ("temperature", "vividness", "saturation")
    gray = np.mean([each["gray_psnr"] for each in found.references])
    cells = [
        [
            *(name, *(f"{getattr(asked, each):g}" for each in controls)),
            *_row(found, found.readouts[asked], asked),
            f"{np.mean(found.faded[asked]) - gray:+.2f}",
        ]
        for name, asked in found.presets.items()
    ]
    table = markdown(["preset", *controls, "PSNR, dB", "over gray", *OTHERS, "faded: over gray"], cells)
    return table, "*Faded*: with the colours that the photographs get when their tones have half of their range."


def hints(found: Examination) -> tuple[str, str]:
    """PSNR by the number of true hints, and whether a point gets its hint's colour."""
    none, shown_none = (found.mean(found.readouts[each])["psnr"] for each in (found.own, found.presets[DEFAULT_PRESET]))
    cells = [["0", f"{none:.2f}", "+0.00", "", f"{shown_none:.2f}", "+0.00"]]
    for count, rows in found.hinted.items():
        psnr, spots, shown = np.mean(rows, axis=0)
        gains = f"{psnr:.2f}", f"{psnr - none:+.2f}", f"{spots:.2f}", f"{shown:.2f}", f"{shown - shown_none:+.2f}"
        cells.append([str(count), *gains])
    heads = [
        "hints",
        "PSNR, dB",
        "over automatic",
        "ΔE2000 at the hints",
        f"{DEFAULT_PRESET}: PSNR, dB",
        "over automatic",
    ]
    return markdown(heads, cells), prose(
        "Each hint is the true mean colour of 6 × 6 pixels at a random place, as in the evaluation of Zhang et al.",
        "(SIGGRAPH 2017). ΔE2000 is the difference between the colour asked for and the colour shown there. The last",
        f"two columns are of the look `{DEFAULT_PRESET}`, the others of the checkpoint's own readout.",
    )


def calibration(found: Calibration) -> tuple[str, ...]:
    """Expected calibration error and the diagram."""
    errors = "; ".join(
        f"{found.at[t].error:.3f} at {'temperature ' * (t == 1)}{t:g}"
        for t in dict.fromkeys((1.0, found.best_temperature))
    )
    return (
        f"Expected calibration error: {errors}, where the true colours are likeliest.",
        "![Promised probability against how often it came true](calibration.svg)",
        prose(
            "*Pixels, grouped by the predicted probability of their likeliest colour; a point's area is the group's",
            "share. On the diagonal the predictions are calibrated; below it they are overconfident.*",
        ),
    )


def cost(colorizer: Colorizer) -> str:
    """Parameters, bytes, operations, time."""
    card, network = colorizer.card, colorizer.architecture
    size, macs = f"{card.path.stat().st_size / 1e6:.1f} MB", f"{count_macs(network) / 1e9:.2f} G"
    cells = [f"{network.parameter_count:,}", size, macs, f"{relative_time(network):.2f} × `{YARDSTICK}`"]
    return markdown(["parameters", "file", "MACs at 256 × 256", "time of a forward pass at 256 × 256"], [cells])


def bold(text: str, wanted: bool) -> str:
    """The text in Markdown's bold if `wanted`."""
    return f"**{text}**" if wanted else text
