"""The work that all endpoints share: check the arguments, say in one sentence what is wrong with them, hand out
files."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, getdoc, signature
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import gradio as gr
from pydantic import ConfigDict, ValidationError, validate_call

from colorizer.colour.readout import CONTROLS, PRESETS, Control
from colorizer.photo.form import OPTIONS, Form, Option

from ..gradio_private import serve_until_cleaned
from ..i18n.texts import plain_errors
from ..serving.headers import in_cache
from ..session.request import MOST_COLOURS

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

UPLOAD = (
    'photo must be a file that was uploaded here, {"path": ..., "meta": {"_type": "gradio.FileData"}} with the path '
    "that POST /gradio_api/upload answered; Gradio's clients do this by handle_file"
)


MOST_LETTERS = 200
"""Most letters of a name."""

ORDER = (
    "self", "photo", "checkpoint", "temperature", "saturation", "preset", "vividness", "hints", "palette", "strength",
    "format", "bits", "levels", "mark", "partial", "strip",
)  # fmt: skip
"""Parameters by position, as programs may name them; those of later controls come after these."""


def offers_options(endpoint: Endpoint) -> Endpoint:
    """Give an endpoint that takes **options a parameter for each option of a `Form` that programs may set, and for each
    control of a `Readout`, except pictures: name, type, default and description, where Gradio and `checked` look for
    them."""
    shown = signature(endpoint)
    own = [each for each in shown.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    form = {name: option for name, option in OPTIONS.items() if option.says}
    offered = {name: control for name, control in CONTROLS.items() if control.kind != "picture"}
    more = [_option(name, option) for name, option in form.items()]
    more += [_parameter(name, control) for name, control in offered.items()]
    ordered = sorted([*own, *more], key=lambda each: ORDER.index(each.name) if each.name in ORDER else len(ORDER))
    endpoint.__signature__ = shown.replace(parameters=ordered)  # type: ignore[attr-defined]
    endpoint.__annotations__ = {
        **{each.name: each.annotation for each in ordered if each.annotation is not Parameter.empty},
        "return": shown.return_annotation,
    }
    lines = "".join(f"    {name}: {option.says}\n" for name, option in form.items())
    lines += "".join(f"    {name}: {_described(name, control)}\n" for name, control in offered.items())
    arguments, returns, answer = (getdoc(endpoint) or "").partition("\nReturns:")
    endpoint.__doc__ = f"{arguments}{lines}{returns}{answer}"
    return endpoint


def form_of(options: dict[str, Any]) -> Form:
    """The form whose options are among those that a program gave; they are taken out. None is an option's default.
    Raises UserError where they do not go together."""
    given = {name: options.pop(name) for name in OPTIONS if name in options}
    form = Form(**{name: value for name, value in given.items() if value is not None})
    form.check()
    return form


def _option(name: str, option: Option) -> Parameter:
    values = tuple(choice for choice in option.choices if choice != "")
    annotation: Any = bool if option.choices == (False, True) else Literal[values]
    if "" in option.choices:
        return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=annotation | None)
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=option.default, annotation=annotation)


def _parameter(name: str, control: Control) -> Parameter:
    default: Any = control.default
    annotation: Any = float
    if control.kind == "colours":
        default, annotation = None, list[str] | None
    elif _in_presets(name):
        default, annotation = None, float | None
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)


def _described(name: str, control: Control) -> str:
    if control.kind == "colours":
        return f'{control.help}, ["#rrggbb", ...], {MOST_COLOURS} at most.'
    otherwise = "the preset's or the checkpoint's own" if control.default is None else "the preset's"
    null = f"; null is {otherwise}" if _in_presets(name) else ""
    return f"{control.help}; from {control.lowest:g} to {control.highest:g}{null}."


def _in_presets(name: str) -> bool:
    return any(name in values for values in PRESETS.values())


def checked(endpoint: Endpoint) -> Endpoint:
    """Let an endpoint, a method, run only with values that its annotations allow; for others it raises gr.Error with
    one sentence. `validated` of what this returns checks the types of values by name, and does nothing else.

    Gradio writes the annotations of `gr.api` functions into schemas, but does not enforce them.
    """
    _, *parameters = signature(endpoint).parameters.values()
    names = [each.name for each in parameters]

    def same(**named: Any) -> dict[str, Any]:
        return named

    same.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    same.__annotations__ = {each.name: each.annotation for each in parameters}
    validated = validate_call(config=ConfigDict(allow_inf_nan=False, str_max_length=MOST_LETTERS))(same)

    @wraps(endpoint)
    def call(self: Any, *values: Any, **named: Any) -> Any:
        with plain_errors():
            try:
                given = validated(**dict(zip(names, values, strict=False)), **named)
            except ValidationError as error:
                raise ValueError(in_words(names, error)) from None
            return endpoint(self, **given)

    call.validated = validated  # type: ignore[attr-defined]
    return cast(Endpoint, call)


def in_words(names: list[str], error: ValidationError) -> str:
    """Describe the error in a call, in one sentence. names: the parameters, in order."""
    first = error.errors(include_url=False)[0]
    place = first["loc"][0]
    name = names[place] if isinstance(place, int) else str(place)
    if name == "photo":
        return UPLOAD
    given = repr(first["input"])
    said = first["msg"][0].lower() + first["msg"][1:]
    return f"{name}: {said}; {given if len(given) <= 60 else given[:60] + '…'} is not"


def uploaded(photo: gr.FileData) -> str:
    """The path of a file in the folder that Gradio keeps uploads in.

    Gradio checks only values that declare themselves to be files (`meta`); a plain {"path": "/etc/passwd"} gets
    through. Raises ValueError for a path elsewhere, FileNotFoundError for a file that is no longer there.
    """
    if not in_cache(photo.path):
        raise ValueError(UPLOAD)
    path = Path(photo.path).resolve()
    if not path.is_file():
        raise FileNotFoundError
    return str(path)


def served(page: gr.Blocks, target: Path) -> gr.FileData:
    """A file that was made (`served_file`), which Gradio serves, and deletes with the page's other files."""
    serve_until_cleaned(page, target)
    # As a dict: Gradio finds files deep in an answer, to say where they are served, in this form only.
    return cast(gr.FileData, gr.FileData(path=str(target)).model_dump())
