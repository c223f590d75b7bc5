# `make clean`: no lab, no image and no build is left; the Debian packages that were installed stay.
set -eu
. "$(dirname -- "$0")/environment.sh" "$1" jitsi-lab

if command -v podman > /dev/null; then
    for name in jitsi-lab-test jitsi-lab; do
        JITSI_LAB_NAME=$name JITSI_LAB_STATE=$build/lab/$name "$python" tests/lab/lab.py clean
    done
fi
rm -rf "$build" tests/output .ansible .pytest_cache .hypothesis .ruff_cache
