# Sourced by the scripts beside it: where things are, and what is tidied up whatever happens.
# $1 is the Python interpreter, $2 the lab's name.
checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$checkout" || exit 1
python=$1
build=$checkout/.build

JITSI_LAB_NAME=${JITSI_LAB_NAME:-$2}
JITSI_LAB_STATE=$build/lab/$JITSI_LAB_NAME
JITSI_TREE=$build/ansible_collections/selfhosted/jitsi
ANSIBLE_COLLECTIONS_PATH=$build
# A configuration of the person's own would make the result depend on who runs it.
ANSIBLE_CONFIG=$checkout/tests/tools/ansible.cfg
ANSIBLE_HOME=$build/home/.ansible
# A socket's name may have 107 characters at most, so these do not lie below the checkout.
ANSIBLE_SSH_CONTROL_PATH_DIR=$(mktemp -d /tmp/jitsi-ssh.XXXXXX)
PATH=$build/venv/bin:$PATH
PYTHONDONTWRITEBYTECODE=1
export JITSI_LAB_NAME JITSI_LAB_STATE JITSI_TREE ANSIBLE_COLLECTIONS_PATH ANSIBLE_CONFIG ANSIBLE_HOME \
    ANSIBLE_SSH_CONTROL_PATH_DIR PATH PYTHONDONTWRITEBYTECODE

# ssh keeps connections open for the next task; the last one ends them.
close_connections() {
    for socket in "$ANSIBLE_SSH_CONTROL_PATH_DIR"/*; do
        [ -S "$socket" ] && ssh -o ControlPath="$socket" -O exit lab 2>/dev/null
    done
    rm -rf "$ANSIBLE_SSH_CONTROL_PATH_DIR"
}
trap close_connections EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
