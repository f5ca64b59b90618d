"""Imports torchvision next to a CPU-only PyTorch."""

from __future__ import annotations

from types import ModuleType


def import_torchvision() -> ModuleType:
    """Import torchvision even if its compiled operators do not match torch.

    On import, torchvision registers shapes for two operators, nms and qnms. It fails with "operator torchvision::nms
    does not exist" if its binary part could not load, as with a CPU-only torch. We use only its models, which
    need neither operator, so it is enough to declare them.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        import sys

        import torch

        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _keep.append(library)
        import torchvision
    return torchvision


_keep: list[object] = []  # a torch Library removes its operators when it is garbage-collected
