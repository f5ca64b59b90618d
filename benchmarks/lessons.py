"""Repeats two mistakes of the projects on purpose, to measure their effect: `make lessons PHOTOS=DIR`.

1. Rows, columns and channels mixed up (Arboleda 2021): targets (32, 32, 3) reinterpreted as (3, 32, 32) without a
   transpose, and predictions back again. Fully connected layers can learn the shuffle; a U-Net cannot.
2. Lightness in 0..100 unscaled and one picture at a time (UAB 2023, Wallner 2017): what is left of beta.

Both are measured on held-out photographs and compared with plain gray and with the same network trained like in
`train.py`, which cannot make these mistakes.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import Tensor

from colorizer import build
from colorizer.colour.lab import lab_to_rgb, rgb_to_lab
from colorizer.data.crops import random_crop
from colorizer.data.files import find_pictures, mean_chroma, open_training_photo, split
from colorizer.training.network.health import dead_units


def crops(pictures, size: int, count: int, seed: int) -> Tensor:
    """RGB in [0, 1], (count, 3, size, size), of pictures that are not near gray."""
    random = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        photo = open_training_photo(pictures[random.integers(len(pictures))])
        if mean_chroma(photo) >= 4:
            found.append(torch.from_numpy(random_crop(photo, size, 0.7, random)).permute(2, 0, 1))
    return torch.stack(found).float() / 255


def psnr(predicted: Tensor, truth: Tensor) -> float:
    """Mean over pictures, RGB in [0, 1]."""
    return float((-10 * (predicted - truth).square().mean(dim=(1, 2, 3)).clamp(min=1e-9).log10()).mean())


def reinterpret(rgb: Tensor) -> Tensor:
    """The mistake: (B, 3, H, W) stored as rows of pixels, then read as if channels came first."""
    return rgb.permute(0, 2, 3, 1).reshape(rgb.shape)


def restore(shuffled: Tensor) -> Tensor:
    """The same mistake at display: read channels-first data as if they were rows of pixels."""
    batch, channels, height, width = shuffled.shape
    return shuffled.reshape(batch, height, width, channels).permute(0, 3, 1, 2)


def shown(rgb: Tensor, L: Tensor) -> Tensor:
    """A network's colours with the photograph's own lightness, as RGB."""
    return lab_to_rgb(torch.cat((L, rgb_to_lab(rgb.clamp(0, 1))[:, 1:]), dim=1))


def mixed_up(train: Tensor, test: Tensor, steps: int) -> None:
    """The first lesson."""
    lab = rgb_to_lab(test)
    gray = lab_to_rgb(torch.cat((lab[:, :1], torch.zeros_like(lab[:, 1:])), dim=1))
    print(f"\n1. rows, columns and channels: {len(train)} crops of 32 x 32, {steps} steps of 50")
    print(f"{'':34}{'own RGB, dB':>12}{'colours, dB':>13}{'over gray':>11}")
    for name in ("conv-fc", "unet-rgb"):
        for mistake in (False, True):
            torch.manual_seed(0)
            network = build(name)
            optimizer = torch.optim.Adam(network.parameters(), 1e-3)
            for step in range(steps):
                rgb = train[torch.randint(len(train), (50,), generator=torch.Generator().manual_seed(step))]
                target = reinterpret(rgb) if mistake else rgb
                loss = (network(rgb_to_lab(rgb)[:, :1]) - target).square().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.inference_mode():
                own = network.eval()(lab[:, :1])
                own = restore(own) if mistake else own
            colours = psnr(shown(own, lab[:, :1]), test)
            title = f"{name}, {'mixed up' if mistake else 'as it should be'}"
            print(f"{title:34}{psnr(own, test):12.2f}{colours:13.2f}{colours - psnr(gray, test):+11.2f}")
    print(f"{'plain gray':34}{psnr(gray, test):12.2f}{psnr(gray, test):13.2f}{0:+11.2f}")


def unscaled(train: Tensor, test: Tensor, pictures: int) -> None:
    """The second lesson."""
    lab = rgb_to_lab(test)
    gray = lab_to_rgb(torch.cat((lab[:, :1], torch.zeros_like(lab[:, 1:])), dim=1))
    gray_psnr = psnr(gray, test)
    print(f"\n2. beta at half its width, 64 x 64, {pictures} pictures seen, Adam 1e-3")
    print(f"{'':34}{'PSNR, dB':>10}{'over gray':>11}{'dead units':>12}{'spread of ab':>14}")
    for title, scale, batch in (("L / 100, batches of 16", 1, 16), ("L / 100, one at a time", 1, 1),
                                ("L unscaled, one at a time", 100, 1)):  # fmt: skip
        torch.manual_seed(0)
        network = build("beta", width=0.5)
        optimizer = torch.optim.Adam(network.parameters(), 1e-3)
        for step in range(pictures // batch):
            rgb = train[torch.randint(len(train), (batch,), generator=torch.Generator().manual_seed(step))]
            seen = rgb_to_lab(rgb)
            optimizer.zero_grad()
            network.loss(network(seen[:, :1] * scale), seen[:, :1], seen[:, 1:]).backward()
            optimizer.step()
        optimizer.zero_grad()
        network.loss(network(lab[:, :1] * scale), lab[:, :1], lab[:, 1:]).backward()  # over all test pictures at once
        with torch.inference_mode():
            ab = network.to_ab(network(lab[:, :1] * scale), lab[:, :1])
        value = psnr(lab_to_rgb(torch.cat((lab[:, :1], ab), dim=1)), test)
        dead, spread = dead_units(network), float(ab.std(dim=(2, 3)).mean())
        print(f"{title:34}{value:10.2f}{value - gray_psnr:+11.2f}{dead:12.0%}{spread:14.2f}")
    print(f"{'plain gray':34}{gray_psnr:10.2f}{0:+11.2f}")
    print(f"{'the truth':34}{'':33}{float(lab[:, 1:].std(dim=(2, 3)).mean()):14.2f}")


def main() -> None:
    """Both lessons."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", nargs="+", help="colour photographs: folders, .tar or .zip files")
    parser.add_argument("--steps", type=int, default=500, help="of the first lesson (default 500)")
    parser.add_argument("--pictures", type=int, default=3200, help="seen in the second lesson (default 3200)")
    options = parser.parse_args()
    train, test = split(find_pictures(options.photos), 0.1)
    mixed_up(crops(train, 32, 6000, seed=0), crops(test, 32, 200, seed=1), options.steps)
    unscaled(crops(train, 64, 3000, seed=2), crops(test, 64, 100, seed=3), options.pictures)


if __name__ == "__main__":
    main()
