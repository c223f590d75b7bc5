# `make test`: everything, on a lab of its own beside the demo's.
set -eu
. "$(dirname -- "$0")/environment.sh" "$1" jitsi-lab-test

"$python" tests/tools/setup.py test
"$python" tests/tools/tree.py
"$build/venv/bin/python" tests/tools/suite.py
