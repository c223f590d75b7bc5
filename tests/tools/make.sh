# What the Makefile's targets do: `sh tests/tools/make.sh demo|test|docs|faults|fuzz|benchmark|clean PYTHON [PART ... | WORD ... | CASES [EDITOR ...]]`.
# shellcheck shell=sh
set -eu

target=$1
python=$2
shift 2
case $target in
    test) lab=jitsi-lab-test ;;
    faults) lab=jitsi-lab-faults ;;
    *) lab=jitsi-lab ;;
esac
checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$checkout" || exit 1
build=$checkout/.build

JITSI_LAB_NAME=${JITSI_LAB_NAME:-$lab}
JITSI_LAB_STATE=$build/lab/$JITSI_LAB_NAME
JITSI_TREE=$build/ansible_collections/selfhosted/jitsi
ANSIBLE_COLLECTIONS_PATH=$build
# A configuration of the person's own would make the result depend on who runs it.
ANSIBLE_CONFIG=$checkout/tests/tools/ansible.cfg
ANSIBLE_HOME=$build/home/.ansible
# A socket's name may have 107 characters at most, and ansible-test starts no interpreter with a blank in its path:
# a folder with a short name serves both, wherever the checkout lies.
short=$(mktemp -d /tmp/jitsi.XXXXXX)
ln -s "$build/venv" "$short/venv"
ANSIBLE_SSH_CONTROL_PATH_DIR=$short
PATH=$build/venv/bin:$PATH
PYTHONDONTWRITEBYTECODE=1
export JITSI_LAB_NAME JITSI_LAB_STATE JITSI_TREE ANSIBLE_COLLECTIONS_PATH ANSIBLE_CONFIG ANSIBLE_HOME \
    ANSIBLE_SSH_CONTROL_PATH_DIR PATH PYTHONDONTWRITEBYTECODE

# ssh keeps connections open for the next task; the last one ends them.
close_connections() {
    for socket in "$short"/* "$short"/*/*; do
        if [ -S "$socket" ]; then
            # It may have ended by itself meanwhile.
            ssh -o ControlPath="$socket" -O exit lab 2>/dev/null || :
        fi
    done
    rm -rf "$short"
}
trap close_connections EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The lab, the site on it, the check, and what to look at next.
demo() {
    "$python" tests/lab/lab.py check-settings
    "$python" tests/tools/setup.py demo
    "$python" tests/tools/tree.py
    "$python" tests/lab/lab.py up
    "$python" tests/lab/lab.py plug-machine
    ansible-playbook --inventory "$JITSI_TREE/inventory/lab" selfhosted.jitsi.site
    ansible-playbook --inventory "$JITSI_TREE/inventory/lab" selfhosted.jitsi.check \
        --extra-vars "{\"check_html\": \"$build/check.html\"}"
    "$python" tests/lab/lab.py hints
    echo "The results of the check as a page: $build/check.html"
}

# Everything, on a lab of its own beside the demo's.
tests() {
    "$python" tests/lab/lab.py check-settings
    "$python" tests/tools/setup.py test
    "$python" tests/tools/tree.py
    "$build/venv/bin/python" tests/tools/suite.py "$@"
}

# The documentation site, without a lab.
docs() {
    "$python" tests/tools/setup.py docs
    "$python" tests/tools/tree.py
    "$python" tests/tools/docs.py
}

# Many more generated cases for the editors than `test` runs.
fuzz() {
    "$python" tests/tools/setup.py test
    "$python" tests/tools/tree.py
    PYTHONPATH=$build "$build/venv/bin/python" tests/tools/wrong_types.py 80000
    "$build/venv/bin/python" tests/tools/fuzz.py "$@"
}

# Each fault alone, on a deployed lab that goes afterwards.
faults() {
    "$python" tests/lab/lab.py check-settings
    "$python" tests/tools/setup.py test
    "$python" tests/tools/tree.py
    trap 'status=$?; "$python" tests/lab/lab.py down; close_connections; exit $status' EXIT
    "$python" tests/lab/lab.py up
    ansible-playbook --inventory "$JITSI_TREE/inventory/lab" selfhosted.jitsi.site
    "$build/venv/bin/python" molecule/shared/fault_runs.py "$@"
}

# Everything that is measured, one after the other.
benchmark() {
    "$python" tests/tools/setup.py test
    "$python" tests/tools/tree.py
    for script in "$JITSI_TREE"/tests/benchmarks/*.py; do
        echo "===== ${script##*/} ====="
        PYTHONPATH=$build "$build/venv/bin/python" "$script"
    done
}

# No lab, no image and no build is left; the Debian packages that were installed stay.
clean() {
    if command -v podman > /dev/null; then
        for name in jitsi-lab-test jitsi-lab-test-1; do
            JITSI_LAB_NAME=$name JITSI_LAB_STATE=$build/lab/$name "$python" tests/lab/lab.py down
        done
        "$python" tests/lab/lab.py clean
    fi
    rm -rf "$build" tests/output .ansible .pytest_cache .hypothesis .ruff_cache
}

case $target in
    demo) demo ;;
    test) tests "$@" ;;
    docs) docs ;;
    faults) faults "$@" ;;
    fuzz) fuzz "$@" ;;
    benchmark) benchmark ;;
    clean) clean ;;
esac
