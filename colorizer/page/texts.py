"""Every sentence the page shows, by language. Handlers take their words from here, so that a language is one column."""

from __future__ import annotations

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Colorizer",
        "tagline": "Plausible colours for black-and-white photographs, on an ordinary computer.",
        "photo": "Your photograph",
        "photo_placeholder": "Drop a photo here, paste one, or click to choose",
        "examples": "Or try one of these",
        "architecture": "Architecture",
        "architecture_info": "Which network colours the photo.",
        "checkpoint": "Checkpoint",
        "checkpoint_info": "How that network was trained.",
        "no_checkpoints": "There are no weights to colour with; put a .safetensors checkpoint into weights/.",
        "broken_checkpoints": "Not usable: {names}",
        "temperature": "Temperature",
        "temperature_info": "1 is the safest mean of all likely colours; lower is clearer and bolder.",
        "saturation": "Saturation",
        "saturation_info": "1 is what the network says; 0 is gray.",
        "grayscale": "Grayscale",
        "predicted": "Predicted",
        "original": "Original",
        "grayscale_alt": "The photograph in gray, as the network sees it",
        "predicted_alt": "The photograph with predicted colours",
        "original_alt": "The photograph as it was uploaded",
        "no_original": "**No original colours.** This photograph is black and white: the predicted colours are a "
        "guess that nothing here can check.",
        "slider": "Before and after: drag, or use the arrow keys",
        "slider_label": "How much of the picture is shown in colour",
        "waiting": "Your photograph will appear here in gray, in predicted colours, and as it was.",
        "download": "Download PNG, full size",
        "time": "Coloured in {total:.2f} s (network {network:.2f} s) · {checkpoint} · {width} × {height} pixels",
        "figures": "Measured against the original",
        "figures_note": "PSNR: higher is closer. ΔE2000: lower is closer. Plain gray is the row to beat: a bold wrong "
        "guess scores worse than no colour at all. Measured at 256 × 256, as published figures are.",
        "row_predicted": "Predicted",
        "row_gray": "Plain gray",
        "row_original": "Original",
        "parameters": "{millions:.2f} M parameters",
        "measured": "PSNR {psnr:.2f} dB, {gain:+.2f} over plain gray",
        "psnr": "PSNR, dB",
        "delta_e": "ΔE2000",
        "colourfulness": "Colourfulness",
        "honesty": "Colours are a guess. Lightness is the photograph's own; its colours are what a network finds "
        "likely, not what was there. Files you download say so in their metadata. Photographs stay on this server "
        "for about a day and are never used for training.",
        "tab_one": "One photo",
        "tab_compare": "Compare",
        "family_ours": "ours",
        "family_projects": "the five projects",
        "family_papers": "the papers",
        "answers": "Answers: {answers}.",
        "answers_ab": "one colour per pixel",
        "answers_distribution": "how likely every colour is, so there is a temperature",
        "answers_hints": "it takes colour hints (in Python)",
        "answers_rgb": "a picture of its own in RGB",
        "answers_classes": "what the picture shows",
        "classes": "It believes to see: {classes}.",
        "raw": "Show the network's own RGB",
        "raw_info": "What it painted itself, lightness and all, instead of its colours under the photo's lightness. "
        "Saturation does not touch it.",
        "compare_intro": "One photograph through every checkpoint, in the order of how far each came above plain gray "
        "on photographs it had never seen. Figures are PSNR: higher is closer.",
        "compare_button": "Compare all checkpoints",
        "compare_grid": "Every checkpoint's colours",
        "compare_waiting": "The photograph will appear here in gray, as it was, and as every checkpoint colours it.",
        "compare_under_way": "{done} of {count}: {name} …",
        "compare_done": "{count} checkpoints in {seconds:.1f} s, the best measured first.",
        "compare_nothing": "Add a photograph first.",
        "compare_download": "Download contact sheet, PNG",
        "compare_gain": "{gain:+.2f} dB over gray",
        "compare_unmeasured": "never measured",
        "compare_psnr": "this photo {psnr:.2f} dB",
        "gone": "The photo is no longer on the server; please add it again.",
        "preview_failed": "This photo cannot be shown here, but it will be coloured.",
    }
}


def text(key: str, language: str = "en", **values: object) -> str:
    """The sentence `key`, with its blanks filled in; raises KeyError for a key that does not exist."""
    sentence = TEXTS[language][key]
    return sentence.format(**values) if values else sentence
