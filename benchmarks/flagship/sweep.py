"""Candidates for the presets: what every combination of temperature and vividness costs and gains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
from PIL import Image

from colorizer import Colorizer
from colorizer.colour.metrics import average, colourfulness, delta_e, psnr, reference
from colorizer.colour.readout import Readout
from colorizer.evaluation.comparison import markdown

from .examination import Figures
from .tables import bold

TEMPERATURES = (0.4, 0.5, 0.6, 0.75, 1.0)
VIVIDNESSES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
VIVID = (0.85, 1.1)
"""Colourfulness relative to the truth that the boldest preset should reach."""


def sweep(colorizer: Colorizer, photos: Iterable[Image.Image]) -> dict[Readout, Figures]:
    """For every readout, mean psnr, psnr_gain, delta_e and `ratio`, the colourfulness relative to the truth.

    photos: "RGB", 256 x 256. Raises ValueError if there is no distribution.
    """
    if not colorizer.architecture.has_distribution:
        raise ValueError(f"{colorizer.name} predicts one colour only; there is no temperature or vividness to sweep")
    rows: dict[Readout, list[Figures]] = {Readout(t, v): [] for t, v in product(TEMPERATURES, VIVIDNESSES)}
    for photo in photos:
        truth, beside = np.asarray(photo), reference(photo)
        result = colorizer.colorize(photo)
        for asked, figures in rows.items():
            guess = np.asarray(result.with_readout(asked).image)
            ours = {"psnr": psnr(guess, truth), "delta_e": delta_e(guess, truth), "colourfulness": colourfulness(guess)}
            figures.append({**ours, **beside})
    means = {asked: average(figures) for asked, figures in rows.items()}
    return {asked: {**m, "ratio": m["colourfulness"] / m["true_colourfulness"]} for asked, m in means.items()}


def candidates(swept: Mapping[Readout, Figures]) -> dict[str, Readout]:
    """faithful: the best PSNR. vivid: the best PSNR among readouts at least as colourful as `VIVID`, or else the most
    colourful one, not counting readouts below plain gray in PSNR. natural: the best PSNR among those at least half-way
    between the two.
    """

    def best(chosen: Iterable[Readout], key: str = "psnr") -> Readout:
        return max(chosen, key=lambda asked: swept[asked][key])

    faithful = best(swept)
    allowed = [asked for asked, m in swept.items() if m["psnr_gain"] >= 0] or [faithful]
    wanted = [asked for asked in allowed if VIVID[0] <= swept[asked]["ratio"] <= VIVID[1]]
    vivid = best(wanted) if wanted else best(allowed, "ratio")
    half_way = (swept[faithful]["ratio"] + swept[vivid]["ratio"]) / 2
    natural = best(asked for asked in allowed if half_way <= swept[asked]["ratio"] <= swept[vivid]["ratio"])
    return {"faithful": faithful, "natural": natural, "vivid": vivid}


def sweep_report(swept: Mapping[Readout, Figures]) -> str:
    """A table for each figure, with temperatures as rows and vividness as columns, and the candidates."""
    columns = ["temperature \\ vividness", *(f"{v:g}" for v in VIVIDNESSES)]
    chosen = candidates(swept)
    parts = []
    for title, key, form in (
        ("PSNR over gray, dB", "psnr_gain", "+.2f"),
        ("Colourfulness relative to the truth", "ratio", ".2f"),
        ("ΔE2000", "delta_e", ".2f"),
    ):
        cells = [
            [
                f"{t:g}",
                *(bold(f"{swept[r][key]:{form}}", r in chosen.values()) for v in VIVIDNESSES for r in [Readout(t, v)]),
            ]
            for t in TEMPERATURES
        ]
        parts += [f"## {title}", markdown(columns, cells)]
    said = [f"- {name}: temperature {r.temperature:g}, vividness {r.vividness:g}" for name, r in chosen.items()]
    low, high = VIVID
    if not low <= swept[chosen["vivid"]]["ratio"] <= high:
        said.append(f"- (none is {low} to {high} as colourful as the truth without falling below plain gray in PSNR)")
    return "\n\n".join([*parts, "## Candidates", "\n".join(said)]) + "\n"
