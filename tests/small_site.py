"""A site of small stand-ins: a pipeline of a few bytes, and a folder like onnxruntime-web's package."""

import json

from colorizer.graph.whole import Pipeline
from colorizer.site.runtime import FILES, VERSION
from colorizer.site.write import PARTS

CARD = {
    "name": "tiny", "sha256": "ab" * 32, "licence": "MIT", "working_size": 64, "stride": 32,
    "defaults": {"temperature": 0.8, "histogram": [0.5, 0.5]},
}  # fmt: skip
PIPELINE = Pipeline(CARD, {name: name.encode() for name in PARTS}, b"", 0.0)


def write_package(folder, version=VERSION, without=()):
    """A folder like the npm package, unpacked."""
    (folder / "dist").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
    for name in FILES:
        if name not in without:
            (folder / "dist" / name).write_text(f"// {name}\n", encoding="utf-8")
    return folder
