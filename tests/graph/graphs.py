"""Runs functions of ONNX on arrays."""

from functools import cache

import onnxruntime
from onnx.inliner import inline_local_functions


def run(function, *inputs):
    """The outputs of one onnxscript function: an array, or a list of arrays."""
    session = _session(function)
    names = [each.name for each in session.get_inputs()]
    outputs = session.run(None, dict(zip(names, inputs, strict=True)))
    return outputs[0] if len(outputs) == 1 else outputs


@cache
def _session(function):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    inlined = inline_local_functions(function.to_model_proto())  # as the export has them; older runtimes need it
    return onnxruntime.InferenceSession(inlined.SerializeToString(), options)
