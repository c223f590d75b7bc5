# `make demo`: the lab, the site on it, the check, and what to look at next.
set -eu
. "$(dirname -- "$0")/environment.sh" "$1" jitsi-lab

"$python" tests/tools/setup.py demo
"$python" tests/tools/tree.py
"$python" tests/lab/lab.py up
"$python" tests/lab/lab.py plug-machine

ansible-playbook --inventory "$JITSI_TREE/inventory/lab" selfhosted.jitsi.site
ansible-playbook --inventory "$JITSI_TREE/inventory/lab" selfhosted.jitsi.check
"$python" tests/lab/lab.py hints
