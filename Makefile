# Two commands matter: `make demo` and `make test`. README.md says what they do.
# Debian's own Python is faster than most that are built by hand. Another one is used where that is older than 3.11.
PYTHON ?= $(shell for one in /usr/bin/python3 python3; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$one" && exit; done; echo python3)

# How many generated cases `make fuzz` has judged, and for which editors (all when empty).
CASES ?= 100000
EDITORS ?=

# Words of the faults that `make faults` puts into the lab (all when empty).
FAULTS ?=

.PHONY: help demo test quick docs faults fuzz benchmark clean

help:
	@echo 'make demo        deploy the whole site on a lab of containers, and check it'
	@echo 'make test        run every check and test'
	@echo 'make quick       run lint, types, unit tests and some generated cases, in minutes'
	@echo 'make docs        build the documentation as a site, in .build/docs/html'
	@echo 'make fuzz        have the real parsers judge CASES=100000 generated cases of the editors'
	@echo 'make faults      put each fault of molecule/shared/faults into a lab alone, in about half an hour'
	@echo 'make benchmark   measure what tasks cost, as ratios against others in the same run'
	@echo 'make clean       remove the lab, its images and everything that was built'

demo:
	@sh tests/tools/make.sh demo "$(PYTHON)"

test:
	@sh tests/tools/make.sh test "$(PYTHON)"

quick:
	@sh tests/tools/make.sh test "$(PYTHON)" 'ruff check' 'ruff format' mypy reuse vulture antsibull-docs \
		'ansible-test units' 'oracle in short'

docs:
	@sh tests/tools/make.sh docs "$(PYTHON)"

fuzz:
	@sh tests/tools/make.sh fuzz "$(PYTHON)" $(CASES) $(EDITORS)

faults:
	@sh tests/tools/make.sh faults "$(PYTHON)" $(FAULTS)

benchmark:
	@sh tests/tools/make.sh benchmark "$(PYTHON)"

clean:
	@sh tests/tools/make.sh clean "$(PYTHON)"
