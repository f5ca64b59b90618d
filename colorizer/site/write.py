"""Writes the site: a folder of files for any web server, which colours photographs in the visitor's own browser."""

from __future__ import annotations

import html
import io
import json
import re
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from .. import __version__
from ..colour.names import DEEP, KEPT, NAMES, PALE, SCALE, SHADES, SURE, UNSURE
from ..colour.readout import PRESETS
from ..figures.fonts import INTER
from ..figures.mark import half_coloured
from ..figures.slide import Exhibit
from ..figures.web_page import Words, write_web_page
from ..files.atomic import write_whole
from ..files.shipped import example_photos, shipped
from ..graph.whole import Pipeline
from . import assets
from .runtime import runtime

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""The site's Content-Security-Policy: nothing of another origin."""
PREVIEW = 1600
"""Longest side of the pictures on the screen, in pixels."""
PARTS = ("network", "clues", "look", "reached", "paint", "suggestions")
"""The pieces of the pipeline that a browser runs. It resizes the photograph and joins it with its colours itself, strip
by strip: the whole graph would need a gigabyte for a photograph of some megapixels."""
LOOK = "natural"
"""The look that a photograph has first."""


def write_site(out: Path, pipeline: Pipeline, onnxruntime: Path | None = None) -> dict[str, int]:
    """Write the site into a folder; returns the size of every file in bytes, by name.

    onnxruntime: the folder of onnxruntime-web's npm package; None to fetch it with npm. Raises UserError.
    """
    with runtime(onnxruntime) as program:
        files = _files(pipeline, program)
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(out / name, content)
    return {name: len(content) for name, content in files.items()}


def _files(pipeline: Pipeline, program: Mapping[str, bytes]) -> dict[str, bytes]:
    large = {f"{name}.onnx": pipeline.parts[name] for name in PARTS}
    large |= {f"onnxruntime/{name}": content for name, content in program.items()}
    examples = {f"examples/{path.name}": path.read_bytes() for path in example_photos(shipped("examples"))}
    small = {f"examples/small/{Path(name).name}": _thumbnail(content) for name, content in examples.items()}
    said = facts(pipeline.card, {name: len(content) for name, content in large.items()})
    weights = [f"Inter-{weight}.woff2" for weight in ("Regular", "SemiBold")]
    constants = f"const FACTS = {json.dumps(said, ensure_ascii=False)};"
    page = index([Path(name).name for name in examples])
    script = assets.script(assets.PAGE, constants)
    words = assets.sentences(page + script)
    files: dict[str, bytes] = {
        "index.html": page.encode(),
        "site.css": assets.style(f"linear-gradient(90deg, {', '.join(SCALE)})").encode(),
        "site.js": script.encode(),
        **{f"sent-{panes}.html": _sent_page(panes).encode() for panes in (2, 3)},
        "worker.js": assets.script(assets.WORKER, constants).encode(),
        **{f"words/{code}.json": json.dumps(own, ensure_ascii=False).encode() for code, own in words.items()},
        **{name: (INTER / name).read_bytes() for name in weights},
        **{f"icon-{side}.png": icon(side) for side in (192, 512)},
        "manifest.webmanifest": json.dumps(_manifest()).encode(),
        "LICENSE.txt": licences(said).encode(),
        **large,
        **small,
        **examples,
    }  # fmt: skip
    names = ["./", *(name for name in files if name != "index.html")]
    version = sha256(b"".join(name.encode() + content for name, content in sorted(files.items()))).hexdigest()[:16]
    worker = (assets.OWN / "service-worker.js").read_text(encoding="utf-8")
    heading = [f"const {k} = {json.dumps(v)};" for k, v in (("VERSION", version), ("FILES", names), ("POLICY", POLICY))]
    files["service-worker.js"] = "\n".join([*heading, worker]).encode()
    return files


def facts(card: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """The facts that the scripts need: about the checkpoint, by its card, about colours, and the sizes of files in
    bytes."""
    from ..colour.bins import palette_histogram
    from ..colour.gamut import SRGB
    from ..colour.lab import WHITE, XYZ_FROM_RGB

    bins = card["defaults"]["histogram"]
    looks: dict[str, Any] = {name: {k: v for k, v in each.items() if v is not None} for name, each in PRESETS.items()}
    for name, values in PRESETS.items():
        if "palette" in values:
            histogram = palette_histogram(values["palette"])
            looks[name]["histogram"] = [round(float(share), 7) for share in histogram]
            if len(histogram) != len(bins):
                del looks[name]  # this network has bins of its own
    return {
        "preview": PREVIEW,
        "checkpoint": card["name"],
        "sha256": card.get("sha256", ""),
        "licence": card.get("licence", ""),
        "software": f"Colorizer {__version__}",
        "temperature": card["defaults"]["temperature"],
        "finishes": "finish" in card["defaults"],
        "histogram": bins,
        "working_size": card["working_size"],
        "stride": card["stride"],
        "gamut": {
            "from_y": SRGB.from_y.ravel().tolist(),
            "from_xz": SRGB.from_xz.tolist(),
            "to_xyz": (XYZ_FROM_RGB / WHITE[:, None]).tolist(),
        },
        "names": NAMES,
        "shades": {name: list(shades) for name, shades in SHADES.items()},
        "pale": PALE,
        "dark": DEEP,
        "kept": KEPT,
        "doubt": {"scale": SCALE, "sure": SURE, "unsure": UNSURE},
        "looks": looks,
        "look": LOOK,
        "languages": list(assets.LANGUAGES),
        "sizes": dict(sizes),
    }


def index(examples: list[str]) -> str:
    """The page's HTML."""
    languages = "".join(
        f'<option value="{code}" lang="{code}">{name}</option>' for code, name in assets.LANGUAGES.items()
    )
    pictures = "".join(
        f'<button type="button" data-example="{name}"><img src="examples/small/{name}" width="240" height="180" '
        f'loading="lazy" alt="" data-words="example_{Path(name).stem}@alt"></button>'
        for name in map(html.escape, examples)
    )
    page = (assets.OWN / "index.html").read_text(encoding="utf-8")
    parts = {"policy": POLICY, "languages": languages, "examples": pictures, **assets.templates()}
    for name, part in parts.items():
        page = page.replace(f"{{{name}}}", part)
    return page


def licences(said: Mapping[str, Any]) -> str:
    """The licences of the parts of the site."""
    return "\n".join(
        [
            f"{said['software']}: MIT License. The site's page, its style sheet and its scripts.",
            f"The network {said['checkpoint']}: {said['licence']}.",
            "onnxruntime-web: MIT License; see onnxruntime/LICENSE.txt.",
            "Inter, the typeface: SIL Open Font License 1.1.",
            "",
            (INTER / "OFL.txt").read_text(encoding="utf-8"),
        ]
    )


def icon(side: int) -> bytes:
    """A disc, half gray and half in colours, as PNG. It fills so little that a phone may cut the corners."""
    large, edge = 4 * side, 4 * side // 5
    picture = Image.new("RGB", (large, large), (28, 25, 23))
    square, disc = half_coloured(large - 2 * edge, 150)
    picture.paste(square, (edge, edge), disc)
    return _encoded(picture.resize((side, side), Image.Resampling.BOX), "PNG")


def _manifest() -> dict[str, Any]:
    icons = [
        {"src": f"icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for side in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return {
        "name": "Colorizer", "short_name": "Colorizer", "start_url": "./", "scope": "./", "display": "standalone",
        "background_color": "#1c1917", "theme_color": "#1c1917", "icons": icons,
    }  # fmt: skip


def _thumbnail(jpeg: bytes) -> bytes:
    with Image.open(io.BytesIO(jpeg)) as picture:
        small = picture.convert("RGB")
        small.thumbnail((240, 240))
        return _encoded(small, "JPEG")


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def _sent_page(panes: int) -> str:
    """The page that visitors send, with two or three pictures: that of `figures.web_page`, with places like {{name}}
    for what their browser puts in."""
    dot = Image.new("L", (1, 1))
    captions = [(f"{{{{{name}_name}}}}", dot) for name in ("gray", "colour", "original")[:panes]]
    photo = Exhibit("{{name}}", captions, "{{guess}}", about=["{{about}}"])
    words = Words("{{language}}", divider="{{divider}}", left="{{left}}", about="{{about_name}}")
    with tempfile.TemporaryDirectory() as folder:
        page = write_web_page([photo], Path(folder) / "sent.html", words=words).read_text(encoding="utf-8")
    page = page.replace('width="1" height="1"', 'width="{{width}}" height="{{height}}"')
    page = page.replace("--ratio: 1.0000; --most: 2px", "--ratio: {{ratio}}; --most: {{most}}px")
    for kind, names in (("image/jpeg", ("colour", "gray", "original")), ("font/woff2", ("Regular", "SemiBold"))):
        for name in names:
            page = re.sub(rf"data:{kind};base64,[\w+/=]+", f"{{{{{name}}}}}", page, count=1)
    return page
