"""The whole pipeline as one ONNX graph: photograph in, coloured photograph out."""
