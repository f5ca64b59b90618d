# The page in a container: docker build -t colorizer . && docker run --rm -p 7860:7860 colorizer
# With nothing to write to but memory, and no internet: see docs/hosting.md.
FROM python:3.12-slim AS build
# PyTorch without CUDA is published nowhere but here; what the usual index has for Linux brings several GB that no CPU
# can use. For a machine with an NVIDIA GPU: --build-arg TORCH_INDEX= (nothing after the equals sign).
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt .
RUN pip --python /opt/venv/bin/python install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
        -r requirements.txt
# A sixth of it all is what only developers of these packages use.
RUN site="$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && rm -rf "$site"/torch/include "$site"/torch/test "$site"/torch/bin/protoc* "$site"/torch/bin/*[Tt]est* \
    && find "$site" -type d -name tests -prune -exec rm -rf {} +
COPY LICENSE app.py ./
COPY examples examples
COPY weights weights
COPY colorizer colorizer
# Who runs it may not write here, so that every start would compile it all again.
RUN /opt/venv/bin/python -m compileall -q .

FROM python:3.12-slim
# The user that Hugging Face Spaces runs containers as.
RUN useradd --uid 1000 --create-home user
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 1000
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    GRADIO_TEMP_DIR=/tmp/gradio \
    MPLCONFIGDIR=/tmp/matplotlib
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/gradio_api/app_id', timeout=8)"]
CMD ["python", "app.py"]
