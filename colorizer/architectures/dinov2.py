"""DINOv2's small vision transformer, as an encoder: what it sees at a place tells what is there, in colour or gray.

Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision" (TMLR 2024), ViT-S/14. Names of tensors are
those of the authors' file `dinov2_vits14_pretrain`, so that it loads.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PATCH = 14
"""Side of a patch, in pixels."""
LEARNED = 37
"""Patches along a side of the pictures whose places have learned embeddings."""
TAPS = (2, 5, 8, 11)
"""The blocks after which features are taken."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and deviation of ImageNet's RGB, in [0, 1]."""


class Attention(nn.Module):
    """Self-attention: (B, N, C) -> the same."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = self.qkv(x).unflatten(2, (3, self.heads, -1)).unbind(2)
        seen = F.scaled_dot_product_attention(*(each.transpose(1, 2) for each in (query, key, value)))
        return self.proj(seen.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    """Two layers, four times as wide between."""

    def __init__(self, channels: int):
        super().__init__()
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Scale(nn.Module):
    """A learned factor for each channel."""

    def __init__(self, channels: int):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Block(nn.Module):
    """Attention and two layers, each beside what it adds to."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(channels, eps=1e-6) for _ in range(2))
        self.attn, self.mlp = Attention(channels, heads), Mlp(channels)
        self.ls1, self.ls2 = Scale(channels), Scale(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class Patches(nn.Module):
    """Features of each patch alone."""

    def __init__(self, channels: int):
        super().__init__()
        self.proj = nn.Conv2d(3, channels, PATCH, PATCH)

    def forward(self, rgb: Tensor) -> Tensor:
        return self.proj(rgb)


class DinoV2(nn.Module):
    """RGB (B, 3, H, W) in [0, 1], sides multiples of `PATCH` -> features (B, C, H/14, W/14) after each of `TAPS`."""

    def __init__(self, channels: int = 384, heads: int = 6):
        super().__init__()
        self.channels = (channels,) * len(TAPS)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, channels))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + LEARNED**2, channels))
        self.patch_embed = Patches(channels)
        self.blocks = nn.ModuleList(Block(channels, heads) for _ in range(1 + TAPS[-1]))

    def forward(self, rgb: Tensor) -> list[Tensor]:
        mean, deviation = (torch.tensor(each, device=rgb.device)[:, None, None] for each in (MEAN, DEVIATION))
        patches = self.patch_embed((rgb - mean) / deviation)
        places = self.pos_embed[:, 1:].transpose(1, 2).unflatten(2, (LEARNED, LEARNED))
        patches = patches + F.interpolate(places, patches.shape[2:], mode="bicubic", align_corners=False)
        whole = (self.cls_token + self.pos_embed[:, :1]).expand(len(rgb), -1, -1)
        x, taps = torch.cat((whole, patches.flatten(2).transpose(1, 2)), dim=1), []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in TAPS:
                taps.append(x[:, 1:].transpose(1, 2).unflatten(2, patches.shape[2:]))
        return taps
