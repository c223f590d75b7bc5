# Two commands matter: `make demo` and `make test`. README.md says what they do.
PYTHON ?= python3

.PHONY: help demo test clean

help:
	@echo 'make demo    deploy the whole site on a lab of containers, and check it'
	@echo 'make test    run every check and test'
	@echo 'make clean   remove the lab, its images and everything that was built'

demo:
	@sh tests/tools/make.sh demo "$(PYTHON)"

test:
	@sh tests/tools/make.sh test "$(PYTHON)"

clean:
	@sh tests/tools/make.sh clean "$(PYTHON)"
