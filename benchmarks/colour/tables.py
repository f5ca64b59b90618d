"""The results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill

import numpy as np

from colorizer.colour.metrics import average
from colorizer.colour.readout import Readout
from colorizer.evaluation.comparison import YARDSTICK, count_macs, markdown, relative_time

from .examination import GRAY, MEAN, TEMPERATURES, Examination, Figures


def report(found: Examination) -> str:
    """All tables, with text that says how to read them."""
    name, count = found.colorizer.name, len(found.kinds)
    kinds = ", ".join(f"{found.kinds.count(kind)} of kind `{kind}`" for kind in found.several_kinds)
    parts = [
        f"# `{name}`, measured",
        prose(
            f"Measured on {count} photographs{f' ({kinds}, by their names)' if kinds else ''}, stretched to 256 × 256,",
            "by `python -m benchmarks flagship PHOTOS --write`, which is part of `make benchmark PHOTOS=DIR`. PSNR is",
            "the mean over pictures, in RGB; colourfulness is relative to the truth. Compare each figure with plain",
            "gray's.",
        ),
        *("## Automatic", automatic(found), temperatures(found)),
        *("## Presets", presets(found)),
        *("## Hints", hints(found)),
        *("## Working size", sizes(found)),
        *("## Calibration", calibration(found)),
        *("## Recognition", recognition(found)),
        *("## Cost", cost(found)),
    ]
    return "\n\n".join(parts) + "\n"


def automatic(found: Examination) -> str:
    """The checkpoint by default, the single-tint oracle, and plain gray; gains for each kind of photograph."""
    rows = {
        f"`{found.colorizer.name}`": (found.readouts[found.own], found.own),
        "*oracle: the picture's own mean colour*": ([_part(row, "mean_") for row in found.references], MEAN),
        "*plain gray*": ([_part(row, "gray_") for row in found.references], GRAY),
    }
    kinds = found.several_kinds
    cells = [[label, *_row(found, figures, found.balanced[key].value, kinds)] for label, (figures, key) in rows.items()]
    columns = ["", "PSNR, dB", "over gray", *(f"{kind}: over gray" for kind in kinds), *_OTHERS]
    said = prose(
        f"At the checkpoint's own temperature, {found.own.temperature:g}. AuC gives each pixel the same weight, and",
        "rebalanced AuC each colour that occurs in these photographs (`benchmarks.colour.balanced_auc`).",
    )
    return f"{markdown(columns, cells)}\n\n{said}"


_OTHERS = ("ΔE2000", "AuC", "rebalanced AuC", "colourfulness")


def _part(row: Figures, prefix: str) -> Figures:
    return {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)}


def _row(found: Examination, figures: Sequence[Figures], balanced: float, kinds: Sequence[str] = ()) -> list[str]:
    """PSNR, its gain on all and on each of `kinds`, ΔE2000, AuC, rebalanced AuC, colourfulness ratio."""
    mean = _mean(found, figures)
    of_kind = [_mean(found, figures, [i for i, own in enumerate(found.kinds) if own == kind]) for kind in kinds]
    gains = [f"{each['psnr_gain']:+.2f}" for each in (mean, *of_kind)]
    others = [f"{mean['delta_e']:.2f}", f"{mean['auc']:.3f}", f"{balanced:.3f}", f"{_ratio(mean):.2f}"]
    return [f"{mean['psnr']:.2f}", *gains, *others]


def _mean(found: Examination, figures: Sequence[Figures], chosen: Iterable[int] | None = None) -> dict[str, float]:
    """`metrics.average` of figures and their references, over all photographs or the `chosen` ones."""
    places = range(len(figures)) if chosen is None else chosen
    return average([{**figures[i], **found.references[i]} for i in places])


def _ratio(mean: Mapping[str, float]) -> float:
    return mean["colourfulness"] / mean["true_colourfulness"]


def temperatures(found: Examination) -> str:
    """The table of temperatures."""
    means = {t: _mean(found, found.readouts[Readout(t)]) for t in TEMPERATURES}
    best = max(means, key=lambda t: means[t]["psnr"])
    cells = [
        [bold(f"{t:g}", t == best), f"{m['psnr']:.2f}", bold(f"{m['psnr_gain']:+.2f}", t == best), f"{_ratio(m):.2f}"]
        for t, m in means.items()
    ]
    return markdown(["temperature", "PSNR, dB", "over gray", "colourfulness"], cells)


def presets(found: Examination) -> str:
    """The table of presets: what boldness gains and costs."""
    controls = ("temperature", "vividness", "saturation")
    cells = []
    for name, asked in found.presets.items():
        row = _row(found, found.readouts[asked], found.balanced[asked].value)
        cells.append([name, *(f"{getattr(asked, control):g}" for control in controls), *row])
    return markdown(["preset", *controls, "PSNR, dB", "over gray", *_OTHERS], cells)


def hints(found: Examination) -> str:
    """PSNR by the number of true hints, and whether a point gets its hint's colour."""
    none = _mean(found, found.readouts[found.own])["psnr"]
    cells = [["0", f"{none:.2f}", "+0.00", ""]]
    for count in found.hints[0]:
        psnr, spots = (float(value) for value in np.mean([row[count] for row in found.hints], axis=0))
        cells.append([str(count), f"{psnr:.2f}", f"{psnr - none:+.2f}", f"{spots:.2f}"])
    said = prose(
        "Each hint is the true mean colour of 6 × 6 pixels at a random place, as in the evaluation of Zhang et al.",
        "(SIGGRAPH 2017). The last column is the difference between the colour asked for and the colour shown there.",
    )
    return f"{markdown(['hints', 'PSNR, dB', 'over automatic', 'ΔE2000 at the hints'], cells)}\n\n{said}"


def sizes(found: Examination) -> str:
    """PSNR by the size of the network's input."""
    means = {size: float(np.mean([row[size] for row in found.sizes])) for size in sorted(found.sizes[0])}
    best = max(means.values())
    own = found.colorizer.working_size
    cells = [
        [f"{size} (its own)" if size == own else str(size), f"{psnr:.2f}", bold(f"{psnr - best:.2f}", psnr == best)]
        for size, psnr in means.items()
    ]
    return markdown(["fed at, pixels", "PSNR, dB", "from the best"], cells)


def calibration(found: Examination) -> str:
    """Expected calibration error and the diagram."""
    at = found.calibration.at
    temperatures = dict.fromkeys((1.0, found.calibration.best_temperature))
    errors = "; ".join(f"{at[t].error:.3f} at {'temperature ' * (t == 1)}{t:g}" for t in temperatures)
    said = prose(
        "*Pixels, grouped by the predicted probability of their likeliest colour; a point's area is the group's share.",
        "On the diagonal the predictions are calibrated; below it they are overconfident.*",
    )
    return (
        f"Expected calibration error: {errors}, where the true colours are likeliest.\n\n"
        f"![Promised probability against how often it came true](calibration.svg)\n\n{said}"
    )


def recognition(found: Examination) -> str:
    """Whether colours help recognition."""
    if not found.recognized:
        return "Not measured: it needs the checkpoint with an ImageNet classifier inside, which is not there."
    names = {name: "plain gray" if name == GRAY else name for name in found.recognized}
    cells = [[names[name], f"{100 * np.mean(hits):.1f} %"] for name, hits in found.recognized.items()]
    said = prose(
        "Share of the photographs in which an ImageNet classifier (MobileNetV2) chooses the same of 1000 classes as in",
        "the original, after the semantic test of Zhang, Isola and Efros (ECCV 2016).",
    )
    return f"{markdown(['', 'seen as in the original'], [*cells, ['*the original*', '100 %']])}\n\n{said}"


def cost(found: Examination) -> str:
    """Parameters, bytes, operations, time."""
    card, network = found.colorizer.card, found.colorizer.architecture
    size, macs = f"{card.path.stat().st_size / 1e6:.1f} MB", f"{count_macs(network) / 1e9:.2f} G"
    cells = [f"{network.parameter_count:,}", size, macs, f"{relative_time(network):.2f} × `{YARDSTICK}`"]
    return markdown(["parameters", "file", "MACs at 256 × 256", "time of a forward pass at 256 × 256"], [cells])


def prose(*parts: str) -> str:
    """A paragraph wrapped to the code's line length."""
    return fill(" ".join(parts), 120, break_on_hyphens=False, break_long_words=False)


def bold(text: str, wanted: bool) -> str:
    """The text in Markdown's bold if `wanted`."""
    return f"**{text}**" if wanted else text
