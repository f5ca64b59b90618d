"""The training of every system as a named recipe: the originals' recipes without their mistakes, and ours.

We keep what an original specified: loss, optimizer, rate and its schedule, batch, epochs, picture size, augmentation.
Its mistakes cannot be selected: lightness is always scaled, colours are centred, batches are reshuffled, losses are
means over pictures, splits are disjoint, and networks with batch norm never train on one picture at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .recipes import Recipe

PLAIN = Recipe(
    flip=False, jitter=0.0, optimizer="adam", weight_decay=0.0, schedule="constant", warmup=0, clip=0.0, ema=0.0
)
"""The settings that the originals have in common: a loss and an optimizer, nothing else."""


@dataclass(frozen=True)
class Protocol:
    """A named recipe for each of the architectures it was made for."""

    line: str
    recipes: Mapping[str, Recipe]
    """By architecture; "" is for any other that works with its loss and size."""
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Config values that the protocol needs, by architecture."""


_SMALL = Recipe(pictures=32_000, sizes=(96,), batch=16, rate=1e-3, warmup=100, precision="auto")
"""The budget under which the systems are compared."""

OURS = {
    "mobile-unet": Recipe(
        sizes=(96, 96, 96, 128), rate=1.5e-3, encoder_rate=0.3, hints=0.25, precision="auto", pictures=200_000
    ),
    "resnet18-decoder": replace(_SMALL, rate=2e-3),
    "conv-fc": replace(_SMALL, sizes=(32,)),
    "conv-autoencoder": replace(_SMALL, sizes=(256,), rate=3e-3),
    "alpha": replace(_SMALL, rate=3e-3),
    "siggraph17": replace(_SMALL, hints=0.25),
}
"""Our recommended settings, by architecture; `_SMALL` for all others."""

_FLIP_224 = replace(PLAIN, sizes=(224,), flip=True)
_UAB = replace(PLAIN, sizes=(256,), smallest_crop=1.0, batch=1, schedule="steps", decay_epochs=500, rate=1e-3)
_ARBOLEDA = replace(PLAIN, sizes=(32,), smallest_crop=1.0, batch=100, rate=1e-4, epochs=2000)
_SHESTAKOV = replace(PLAIN, sizes=(224,), smallest_crop=1.0, batch=32, rate=1e-3, epochs=33)
_WALLNER = replace(
    PLAIN, sizes=(256,), smallest_crop=1.0, batch=10, pictures=100, optimizer="rmsprop", momentum=0.0, flip=True,
    rotation=20, shear=0.2, zoom=0.2, held_out=0.05,
)  # fmt: skip
_ZHANG17 = replace(
    PLAIN, sizes=(176,), smallest_crop=0.69, flip=True, batch=25, rate=1e-5, epochs=15, schedule="steps", hints=1.0,
    decay_epochs=10,
)  # fmt: skip

_TUNE: dict[str, Any] = {
    "pictures": 6_000, "batch": 16, "rate": 3e-4, "encoder_rate": 0.1, "warmup": 50, "ema": 0.99, "held_out": 0.15,
    "best_by": "delta_e",
}  # fmt: skip

_FINISH = Recipe(
    pictures=300_000, sizes=(128,), batch=8, smallest_crop=0.8, jitter=0.1, old=0.5, hints=1 / 3, whims=0.4,
    optimizer="adam", rate=1e-4, encoder_rate=0.2, weight_decay=0.0, beta1=0.5, beta2=0.99, schedule="constant",
    warmup=100, clip=5.0, ema=0.999, precision="auto", adversarial=0.8,
)  # fmt: skip

PROTOCOLS: dict[str, Protocol] = {
    "ours": Protocol("What we recommend.", {"": _SMALL, **OURS}),
    "fine-tune": Protocol(
        "For pictures of your own, from a checkpoint (--init): low rates, lowest where a pretrained encoder is.",
        {name: replace(recipe, **_TUNE) for name, recipe in {"": _SMALL, **OURS}.items()},
    ),
    "finish": Protocol(
        "For colours that look true, from a checkpoint (--init) and with a judge (--judge): an adversarial finish.",
        {"": _FINISH, "mobile-unet": _FINISH},
        {"mobile-unet": {"finish": True, "agree": True, "finish_rank": 4}},
    ),
    "bianchini": Protocol(
        "E. Bianchini (2022): squared error, Adam 1e-5, 8 epochs over 8,000 scenes of Places.",
        {"resnet18-decoder": replace(PLAIN, sizes=(224,), smallest_crop=0.87, batch=32, rate=1e-5, epochs=8)},
    ),
    "melas-kyriazi": Protocol(
        "L. Melas-Kyriazi's tutorial (2018): squared error, Adam 1e-2, 100 epochs over 40,000 scenes of Places.",
        {"resnet18-decoder": replace(_FLIP_224, smallest_crop=0.3, batch=64, rate=1e-2, epochs=100)},
    ),
    "robsgeorge": Protocol(
        "RobsGeorge (2022): the tutorial's with Adam 0.1 and weight decay 1e-10, batches of 16, 50 epochs.",
        {"resnet18-decoder": replace(_FLIP_224, smallest_crop=0.3, batch=16, rate=0.1, weight_decay=1e-10, epochs=50)},
        {"resnet18-decoder": {"variant": "sigmoid"}},
    ),
    "arboleda": Protocol(
        "R. Arboleda (2021): RGB squared error, Adam 1e-4, batches of 100, 2,000 epochs over CIFAR-10 and Linnaeus 5.",
        {"conv-fc": _ARBOLEDA, "unet-rgb": _ARBOLEDA},
    ),
    "arboleda-plateau": Protocol(
        "R. Arboleda's other try: Adam 1e-3, lowered when validation stands still (by how much is not recorded).",
        {"conv-fc": replace(_ARBOLEDA, rate=1e-3, schedule="plateau")},
    ),
    "uab": Protocol(
        "UAB (2023): squared error, Adam, one picture at a time, the rate divided by 10 every 500 epochs.",
        {
            "alpha": replace(_UAB, epochs=200),
            "beta": replace(_UAB, epochs=1000),
            "fusion": replace(_UAB, epochs=250, rate=1e-4),
            "conv-autoencoder": replace(_UAB, epochs=100, rate=1e-2),
            "resnet18-decoder": replace(_UAB, epochs=100, batch=8),  # batch norm needs more than one picture
        },
    ),
    "wallner": Protocol(
        "E. Wallner (2017): squared error, RMSprop; alpha learns one picture; beta and fusion stop after 10 steps "
        "and 1, as his demonstrations did: give --epochs.",
        {
            "alpha": replace(
                PLAIN, sizes=(400,), smallest_crop=1.0, batch=1, epochs=1000, optimizer="rmsprop", momentum=0.0
            ),
            "beta": _WALLNER,
            "fusion": replace(_WALLNER, pictures=10, rotation=40, shear=0.4, zoom=0.4),
        },
    ),
    "deep-koalarization": Protocol(
        "F. Baldassarre and others (2017), fusion's ancestor: squared error, Adam 1e-3, batches of 100, ImageNet.",
        {"fusion": replace(PLAIN, sizes=(224,), smallest_crop=1.0, batch=100, rate=1e-3)},
    ),
    "shestakov": Protocol(
        "S. Shestakov (2023): squared error and classes, Adam 1e-3, 33 epochs over 100 kinds of butterflies.",
        # The original weighed them 1 to 1, so that a class loss of 4.9 nats drowned a colour loss of 0.02. This
        # makes them equal.
        {"inception-skip": replace(_SHESTAKOV, class_weight=0.004), "vgg-fcn": _SHESTAKOV},
    ),
    "zhang2016": Protocol(
        # Their targets were single pixels, ours are means of 4 x 4. They masked near-gray pictures; we skip them at
        # reading.
        "Zhang, Isola, Efros (2016): rebalanced cross-entropy, Adam 3e-5 lowered once, batches of 40, ImageNet.",
        {
            "eccv16": replace(
                PLAIN,
                loss="rebalanced",
                sizes=(176,),
                smallest_crop=0.69,
                flip=True,
                batch=40,
                rate=3e-5,
                beta2=0.99,
                weight_decay=1e-3,
                pictures=20_000_000,
                schedule="steps",
                decay_epochs=7,
            )
        },
    ),
    "zhang2017-classes": Protocol(
        "Zhang and others (2017), first stage: the class head teaches the trunk, without hints; Adam 1e-4, 15 epochs.",
        {"siggraph17": replace(_ZHANG17, rate=1e-4, hints=0.0, schedule="constant")},
        {"siggraph17": {"stage": "classification"}},
    ),
    "zhang2017": Protocol(
        "Zhang and others (2017), second stage: colours, with hints; Adam 1e-5 for 10 epochs, 1e-6 for 5.",
        {"siggraph17": _ZHANG17},
        {"siggraph17": {"stage": "regression"}},
    ),
    "iizuka": Protocol(
        "Iizuka and others (2016): squared error and classes / 300, Adadelta, batches of 128, 11 epochs of Places.",
        {
            "iizuka16": replace(
                _FLIP_224,
                smallest_crop=0.87,
                batch=128,
                optimizer="adadelta",
                rate=1.0,
                epochs=11,
                class_weight=1 / 300,
            )
        },
    ),
}
"""By the name that `train.py --recipe` takes."""


def recipe_for(architecture: str, protocol: str = "ours") -> tuple[Recipe, Mapping[str, Any]]:
    """A protocol's recipe for an architecture, and the config values that it needs.

    An architecture that a protocol was not made for gets the recipe of the protocol's first architecture. Training
    checks at its start whether loss and sizes fit. Raises ValueError for an unknown protocol.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"there is no recipe {protocol!r}; choose one of {', '.join(PROTOCOLS)}")
    chosen = PROTOCOLS[protocol]
    recipe = chosen.recipes.get(architecture) or chosen.recipes.get("") or next(iter(chosen.recipes.values()))
    return recipe, chosen.config.get(architecture, {})
