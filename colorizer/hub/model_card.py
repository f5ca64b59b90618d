"""Makes a Hugging Face model card from a checkpoint's header alone. It invents nothing: the card says so if the header
lacks something."""

from __future__ import annotations

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from ..checkpoints.card import FORMAT, Card
from ..checkpoints.card_text import described, figures_table, one_line, photographs
from ..colour import metrics

LIBRARY = "colorizer"
TASK = "image-to-image"
LICENCES = ("mit", "apache-2.0", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "gpl-3.0")
"""The Hub's names for known licences; any other licence is "other" on the Hub, and the card quotes it."""
ROWS = {"predicted": "", "*oracle: the picture's own mean colour*": "mean_", "*plain gray*": "gray_"}

HONESTY = """
**Colours are a guess.** The lightness of a result is the photograph's own; its colours are what this network finds
likely, not what was there. Keep the original, say that the colours were computed wherever the picture is shown, and
draw no conclusions from them. Where many colours are likely, as for cloth, paint or print, the guess is often brown or
gray, and sometimes bold and wrong. Read every figure beside plain gray's: a picture without any colour scores as much.
""".strip()

USE = """
This is no `transformers` or `diffusers` model: it needs the `colorizer` package it comes from. In that package's
folder:

```python
from colorizer import Colorizer, open_photo, save_photo

colorizer = Colorizer.from_pretrained("{repo}")
result = colorizer.colorize(open_photo("old.jpg"))
save_photo(result.image, "old-in-colour.png", checkpoint=colorizer.name)
```
""".strip()


def model_card(card: Card, repo_id: str = "") -> ModelCard:
    """The README.md of a repository on the Hub: metadata in YAML, then Markdown in English.

    repo_id: "owner/name", if known. Needs neither torch nor a network.
    """
    parts = [
        f"# {one_line(card.title) or card.name}",
        _story(card),
        HONESTY,
        "## Use",
        USE.format(repo=repo_id or f"OWNER/{card.name}"),
        "## Measured",
        figures_table(card, _photographs(card), ROWS) or "Not measured.",
        "## File and training",
        f"`model.safetensors`, format `{FORMAT}`: float16 tensors, and a header that says all of this.",
        described(card),
    ]
    return ModelCard(f"---\n{_data(card).to_yaml()}\n---\n\n" + "\n\n".join(parts) + "\n")


def _data(card: Card) -> ModelCardData:
    """The README's YAML header, which the Hub reads."""
    licence = card.licence.strip().lower()
    known = licence in LICENCES
    tags = [LIBRARY, "image-colorization", "old-photos", *([card.architecture] if card.architecture else [])]
    return ModelCardData(
        license=(licence if known else "other") if licence else None,
        license_name=None if known or not licence else "see-model-card",
        library_name=LIBRARY,
        pipeline_tag=TASK,
        tags=tags,
        model_name=card.name,
        eval_results=_results(card) or None,
    )


def _results(card: Card) -> list[EvalResult]:
    """Figures for the Hub's model-index, each with plain gray's for comparison."""
    results = []
    for measure in metrics.FIGURES:
        for whose, beside in (("", ""), ("gray_", ", plain gray")):
            value = measure.shown(card.metrics, whose)
            if value is not None:
                results.append(
                    EvalResult(
                        task_type=TASK,
                        task_name="Image colorization",
                        dataset_type="photographs",
                        dataset_name=_photographs(card),
                        metric_type=measure.key,
                        metric_name=measure.heading + beside,
                        metric_value=round(value, 4),
                    )
                )
    return results


def _photographs(card: Card) -> str:
    return f"{photographs(card)} at 256 × 256"


def _story(card: Card) -> str:
    try:
        known = card.facts
    except ValueError:
        return f"Architecture `{card.architecture}`, which this version of the package does not have."
    answers = ["how likely every colour is at every place" if known.has_distribution else "one colour per pixel"]
    if known.predicts_rgb:
        answers.append("a picture of its own in RGB")
    if known.classifies:
        answers.append("what the picture shows")
    if known.takes_hints:
        answers.append("and it takes colour hints")
    return f"`{card.architecture}`: {known.story} It answers: {', '.join(answers)}."
