# Two commands matter: `make demo` and `make test`. README.md says what they do.
PYTHON ?= python3

.PHONY: help demo test clean

help:
	@echo 'make demo    deploy the whole site on a lab of containers, and check it'
	@echo 'make test    run every check and test'
	@echo 'make clean   remove the lab, its images and everything that was built'

demo:
	@sh tests/tools/demo.sh $(PYTHON)

test:
	@sh tests/tools/test.sh $(PYTHON)

clean:
	@sh tests/tools/clean.sh $(PYTHON)
