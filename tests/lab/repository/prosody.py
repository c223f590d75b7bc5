"""Build the lab's stand-in of prosody's own package repository from Debian's package; README.md says what is in it.

python3 prosody.py PROSODY.deb --suite bookworm --output DIR --key-home GNUPGHOME_DIR
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from builder import index, signing

#: What makes a version higher than Debian's, and shows where a package came from.
MARK = "+prosody.im1"
OWNER = "Prosody stand-in repository of the lab <packages@packages.test>"


def main() -> int:
    arguments = parse_arguments()
    key = signing.SigningKey(arguments.key_home.resolve(), OWNER)
    output = arguments.output.resolve()
    try:
        shutil.rmtree(output, ignore_errors=True)
        repack(arguments.package.resolve(), output / "pool")
        index.write_dists(output, arguments.suite)
        key.sign_release(output / "dists" / arguments.suite)
        # As prosody's own: not in ASCII.
        key.export(output / "prosody-debian-packages.key", "--no-armor")
        (output / "fingerprint").write_text(key.fingerprint() + "\n", encoding="ascii")
    finally:
        key.close()
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="Debian's package of prosody")
    parser.add_argument("--suite", required=True, help="the Debian that it is from")
    parser.add_argument("--output", type=Path, required=True, help="folder that a web server shows")
    parser.add_argument("--key-home", type=Path, required=True, help="GnuPG home of the signing key; made if missing")
    return parser.parse_args()


def repack(package: Path, folder: Path) -> None:
    """Pack the package again, with nothing changed but its version."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
        control = tree / "DEBIAN" / "control"
        text = control.read_text(encoding="utf-8")
        control.write_text(re.sub(r"(?m)^Version: (.*)$", rf"Version: \1{MARK}", text), encoding="utf-8")
        build = ["dpkg-deb", "-Zgzip", "-z1", "--build", str(tree), str(folder)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
