"""Learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def learning_curve(history: Sequence[Mapping[str, float]], path: str | Path) -> None:
    """Plot loss and PSNR over pictures seen, with a line for plain gray, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    seen = [point["pictures_seen"] for point in history]
    left, right = figure.subplots(1, 2)
    left.plot(seen, [point["loss"] for point in history])
    left.set(xlabel="pictures seen", ylabel="training loss")
    right.plot(seen, [point["psnr"] for point in history], label="predicted")
    right.plot(seen, [point["gray_psnr"] for point in history], "--", color="gray", label="plain gray")
    right.set(xlabel="pictures seen", ylabel="PSNR, dB")
    right.legend()
    figure.savefig(path, dpi=110)
