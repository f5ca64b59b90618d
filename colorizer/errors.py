"""Errors that a person can cause: each has an English sentence, and its kind and values, so that the page can say it in
the visitor's language."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self

SENTENCES = {
    "photo_missing": "{name} cannot be opened ({reason}); check the path.",
    "photo_unopened": "{name} cannot be opened ({reason}); check the path.",
    "photo_folder": "{name} is a folder; choose a photograph in it.",
    "photo_empty": "{name} is empty: it has no bytes; try another copy.",
    "photo_unknown": "{name} is not a picture that can be read; "
    "use a JPEG, PNG, TIFF, WebP, AVIF, HEIC, GIF, BMP or JPEG 2000 file.",
    "photo_unsupported": "{name} is stored in a way that is not supported; save it anew as PNG or as plain TIFF.",
    "photo_huge": "{name} has more than {limit:.0f} megapixels; make it smaller first.",
    "photo_megapixels": "{name} has {megapixels:.0f} megapixels, the limit is {limit:.0f}; make it smaller first.",
    "photo_memory": "{name} is too large for this machine's memory; make it smaller first.",
    "photo_long": "{name} is {pixels} pixels long, the limit is {most}; cut it into pieces first.",
    "photo_scans": "{name} is a JPEG of {scans} scans or more, as no camera makes them; save it anew.",
    "photo_slow": "{name} takes more than {seconds:.0f} seconds to read; make it smaller, or save it as a plain JPEG.",
    "photo_damaged": "{name} is damaged; try another copy.",
    "photo_incomplete": "{name} is damaged or incomplete; try another copy, or take the part that can be read.",
    "photo_no_page": "{name} has no page {page}; it has {pages}.",
    "photo_ignored": "{name}: what could not be read beside the picture was ignored ({parts}).",
    "photo_pages": "{name}: this is page {page} of {pages}.",
    "photo_pixels": "{name} says that its pixels are {wide:.2f} times as wide as high; they are shown square. "
    "If it looks squeezed, scale it first.",
    "photo_partial": "{name} is incomplete: a part of the picture is missing.",
    "photo_zeros": "{name} ends in zeros, as where a copy broke off; if a part of the picture is missing, try another "
    "copy.",
    "photo_coloured": "{name} was coloured by Colorizer: its colours are a guess, and nothing is measured by them.",
    "photo_negative": "{name} looks like a negative: its tones are reversed.",
    "photo_film": "{name} is a film: this is a frame of its beginning.",
    "photo_suffix": "{name} must end in .png, .jpg or .tif; these are the formats written.",
    "photo_deep_jpeg": "{name} cannot have 16 bits, as a JPEG has 8; choose .png or .tif.",
    "form_jpeg": "a JPEG has 8 bits; choose PNG or TIFF for 16",
    "form_deep": "corrected levels and a visible mark are for files of 8 bits; choose these, or 16 bits",
    "film_unknown": "{name} is not a film that can be read, or it lost its end; use a whole MP4, MOV, MKV, AVI, MPEG "
    "or WebM file.",
    "film_no_picture": "{name} has no moving picture, only sound; choose another file.",
    "film_empty": "{name} has no frame that can be decoded; try another copy.",
    "film_huge": "{name} has frames of {width} x {height} pixels, the limit is 7680 x 4320; make it smaller first.",
    "film_locked": "{name} is protected against copying and cannot be read; use a copy without protection.",
    "film_suffix": "{name} must end in .mp4, .mov or .mkv; these are the films written.",
    "film_track": "{name} cannot hold the film's subtitles ({track}), which are pictures: they were left out.",
    "film_aac": "{name} cannot hold the film's sound as it is ({track}): it was encoded as AAC.",
    "film_text": "{name} cannot hold the film's subtitles as they are ({track}): they were made plain text.",
    "film_coloured": "{name} is in colour; only its lightness was used.",
    "film_pixels": "{name} has pixels that are not square: its frames were made {width} pixels wide.",
    "film_interlaced": "{name} is interlaced: whole frames were made of its half pictures.",
    "film_cut": "{name} is damaged or incomplete: it was coloured up to second {seconds:.1f}, without what could not "
    "be read.",
    "film_sound": "{name} is damaged: its sound and subtitles could be read up to second {seconds:.1f} only.",
    "film_long": "{name} is {seconds:.0f} seconds long, the limit is {most:.0f}; cut it, or colour it on the command "
    "line.",
    "film_moment": "{name} is {seconds:.1f} seconds long; a hint at second {at:.1f} lies outside.",
    "film_hint": "{name}: the hint at second {at:.1f} was not used, as no frame with something to see follows.",
    "film_busy": "Another run is making {name}; wait until it ends, or stop it.",
    "film_room": "{name} needs about {needed:.0f} MB more on the disk, and {free:.0f} MB are free; make room for it.",
    "letters_missing": "{name}: no font here has {letters}; install one that does, such as Noto, and start again.",
    "letters_loose": "{name}: {letters} cannot be put in order here; install FriBiDi (libfribidi) and start again.",
    "unwritten": "{name} could not be written ({reason}); is there room, and may you write here?",
    "archive_not_zip": "{name} is not a ZIP archive that can be read; make it again.",
    "archive_entries": "The archives' lists of files are too long; the limit for all together is {most} files and "
    "{megabytes:.0f} MB, so pack or add fewer at a time.",
    "archive_unpacked": "{name} would be {megabytes:.0f} MB unpacked, the limit is {most:.0f} MB; "
    "make several archives of it.",
    "archive_no_pictures": "{name} holds no picture.",
    "archive_other": "{name}: files that are no pictures were left out ({count}, such as {example}).",
    "archive_junk": "{name}: files that the operating system keeps for itself were left out ({count}).",
    "archive_outside": "{name} points outside of the archive and was refused.",
    "archive_link": "{name} is a link, not a picture, and was refused; put the picture itself in the archive.",
    "archive_encrypted": "{name} is encrypted; make an archive without a password.",
    "archive_nested": "{name} is an archive within the archive; add it by itself.",
    "archive_method": "{name} is compressed in a way that is not read here; make an ordinary ZIP archive.",
    "archive_large": "{name} has {megabytes:.0f} MB, the limit for a picture is {most:.0f} MB; make it smaller first.",
    "archive_bomb": "{name} is {ratio:.0f} times larger than in the archive, as no photograph is, and was refused.",
    "archive_overlap": "{name} has files that share the same bytes, as no archive program makes them, and was refused.",
    "archive_nameless": "{name}: files without a name were left out ({count}).",
    "archive_name": "{name} has a name of more than {most} letters and was refused; shorten it.",
    "archive_damaged": "{name} is damaged in the archive; make the archive again.",
    "album_photos": "These are {count} photographs; the limit is {most} at a time, so leave some out.",
    "album_more": "Besides these, files were left out: {count}.",
    "album_bytes": "The photographs have {megabytes:.0f} MB together; the limit is {most:.0f} MB at a time, "
    "so leave some out.",
    "album_failed": "{name} could not be coloured ({reason}).",
    "needs_page": "The page needs {packages}; install colorizer[page].",
    "needs_train": "Training needs {packages}; install colorizer[train].",
    "no_npm": "onnxruntime-web {version} comes from npm, which is not here; install Node.js, "
    "or name a folder with `--onnxruntime`.",
    "npm_failed": "npm could not fetch onnxruntime-web {version} ({reason}); check the connection, "
    "or name a folder with `--onnxruntime`.",
    "no_runtime": "{name} does not hold onnxruntime-web {version} ({missing} is missing); "
    "name the folder of its npm package.",
    "site_folder": "{name} holds other files; choose an empty folder, or add --overwrite.",
    "needs_onnx": "Exporting needs {packages}; install colorizer[onnx].",
    "needs_ray": "A cluster needs {packages}; install colorizer[ray], or leave --engine ray out.",
    "checkpoint_gone": "There is no checkpoint {name}; `models` lists those there are.",
    "checkpoint_unreadable": "{name} is not a readable .safetensors file ({reason}); download or train it again.",
    "checkpoint_foreign": "{name} is no {format} checkpoint; "
    "import published weights with `python -m colorizer convert`.",
    "checkpoint_header": "The header of {name} is damaged ({reason}); download it again.",
    "checkpoint_no_file": "There is no file {name} at the path given.",
    "checkpoint_unknown": "There is no checkpoint {name!r}; available: {known}.",
    "checkpoint_none": "There is no checkpoint {name!r}; available: none.",
    "checkpoint_damaged": "The weights in {name} are damaged (SHA-256 differs); download it again.",
    "checkpoint_misfit": "{name} does not fit {architecture}: {reason}",
    "checkpoint_fits_none": "{name} does not fit any architecture: {reason}",
    "no_hints": "{architecture} takes no colour hints; choose an architecture that does",
    "no_alternatives": "{architecture} predicts one version only and has no alternatives",
    "no_suggestions": "{architecture} predicts one colour only and cannot suggest others",
    "no_doubt": "{architecture} predicts one colour only and is never in doubt",
    "no_readout": "{architecture} predicts one colour only and has no {asked}; leave this out",
    "fixed_size": "{architecture} takes pictures of {side} x {side} only",
    "out_of_range": "{name} must be a number from {lowest:g} to {highest:g}, not {value}",
    "space": "there is no space of colours {name!r}; there are {known}",
    "one_reference": "give a reference or a palette, not both",
    "preset": "there is no preset {name!r}; there are {known}",
    "hint_outside": "the hint at ({x:g}, {y:g}) lies outside the photo, {width} x {height} pixels",
    "hint_strength": "a hint's strength is from 0 to 1; {strength!r} is not",
    "hint_moment": "a hint's moment is in seconds from the film's beginning, 0 or more; {seconds!r} is not",
    "hint_note": "a hint's note has {most} letters at most, not {count}",
    "points_many": "all strokes together have {most} points at most, not {count}; remove some",
    "hint_reach": "a hint's reach is one of {known}, or nothing; {reach!r} is not",
    "stroke_empty": "a stroke has one point or more",
    "point_outside": "the point ({x:g}, {y:g}) lies outside the photo, {width} x {height} pixels",
    "suggestions": "count must be from 1 to {most}, not {count}",
    "hint_form": 'a hint is [x, y, "#rrggbb"], x and y in pixels of the photo; {hint!r} is not',
    "ab": "ab are two numbers, such as [40, 30]; {ab!r} is not",
    "hint_place": "a point's x and y are fractions of the picture, such as 0.5; {fraction!r} is not",
    "hints_many": "a photograph takes {most} hints at most, not {count}; remove some",
    "palette_many": "a palette has {most} colours at most, not {count}; leave some out",
    "colour_form": "a colour is written as #rrggbb, such as #c03020; {colour!r} is not",
}
"""English sentences by kind; the placeholders are the values of an error of that kind."""


class UserError(ValueError):
    """An error that a person can fix; the message says in one English sentence what is wrong, and often what to do."""

    kind = ""
    """A key of `SENTENCES`; "" for a free sentence, which only commands print."""
    values: dict[str, Any] = {}  # noqa: RUF012  # never changed: `of` gives each error its own

    @classmethod
    def of(cls, kind: str, **values: Any) -> Self:
        """An error of a kind; KeyError for an unknown kind or a missing value."""
        error = cls(SENTENCES[kind].format(**values))
        error.kind, error.values = kind, values
        return error


class PhotoError(UserError):
    """A file is not a usable photograph; the message says in one sentence what is wrong and what to do."""


class FilmError(UserError):
    """A film cannot be read or written; the message says in one sentence what is wrong and what to do."""


class CheckpointError(UserError):
    """A checkpoint cannot be read; the message says why in one sentence."""


def expect(given: object, kinds: Any, words: str, error: type[UserError] = UserError) -> None:
    """Raise an error if a value is of none of these kinds. words: what is expected, the beginning of a sentence."""
    if not isinstance(given, kinds):
        plain = given is None or isinstance(given, int | float)
        raise error(f"{words}, not {given if plain else type(given).__name__}")


PATH = (str, os.PathLike)
"""Kinds of paths."""


def need(kind: str, *packages: str) -> None:
    """Raise UserError, of a kind such as "needs_page", if any of these packages is not installed: those that only parts
    of the program need, the extras of `pip install colorizer[...]`."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise UserError.of(kind, packages=", ".join(missing))
