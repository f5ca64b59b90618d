"""torchvision beside a PyTorch built for CPU only."""

from __future__ import annotations

from types import ModuleType


def import_torchvision() -> ModuleType:
    """torchvision, also where its compiled operators do not match torch.

    torchvision registers shapes for two operators, nms and qnms, when it is imported, and fails with "operator
    torchvision::nms does not exist" where its own binary part could not load, as beside a CPU-only torch. Only its
    models, transforms and datasets are used here, and those need neither: declaring the two operators is enough.
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


_keep: list[object] = []  # a torch Library takes its operators away when it is collected
