"""Build the lab's stand-in of Jitsi's package repository; README.md says what is in it.

python3 build.py --generation current|2020|websockets|later|all --output DIR --key-home GNUPGHOME_DIR
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from builder import debs, index, programs, signing, versions

HERE = Path(__file__).resolve().parent


def main() -> int:
    arguments = parse_arguments()
    generations = versions.GENERATIONS if arguments.generation == "all" else (arguments.generation,)
    output = arguments.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    key = signing.SigningKey(arguments.key_home.resolve())
    try:
        with tempfile.TemporaryDirectory() as folder:
            built = programs.Programs(HERE, Path(folder))
            for generation in generations:
                build_generation(generation, output, built, key)
        (output / "bridge").write_text(built.lacking + "\n", encoding="utf-8")
        if arguments.generation == "all":
            gather(versions.SEVERAL, output, key)
        key.export(output / "jitsi-key.gpg.key")
        (output / "fingerprint").write_text(key.fingerprint() + "\n", encoding="ascii")
    finally:
        key.close()
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generation", choices=(*versions.GENERATIONS, "all"), default="all")
    parser.add_argument("--output", type=Path, required=True, help="folder that a web server shows as packages.test")
    parser.add_argument("--key-home", type=Path, required=True, help="GnuPG home of the signing key; made if missing")
    return parser.parse_args()


def build_generation(generation: str, output: Path, built: programs.Programs, key: signing.SigningKey) -> None:
    """Build OUTPUT/GENERATION afresh."""
    with publishing(output, generation, key) as fresh:
        for package in versions.package_names(generation):
            program = built.of(generation, package)
            debs.build_deb(generation, package, HERE / "packages", program, fresh / index.SUITE)


def gather(generations: tuple[str, ...], output: Path, key: signing.SigningKey) -> None:
    """Make OUTPUT/several of the packages of several generations, which are there already."""
    with publishing(output, "several", key) as fresh:
        (fresh / index.SUITE).mkdir()
        for package in (path for name in generations for path in (output / name).rglob("*.deb")):
            os.link(package, fresh / index.SUITE / package.name)


@contextmanager
def publishing(output: Path, name: str, key: signing.SigningKey) -> Iterator[Path]:
    """Give a folder for packages, write its index, and put it in its place when it is complete."""
    with tempfile.TemporaryDirectory(dir=output) as folder:
        fresh = Path(folder) / name
        fresh.mkdir()
        yield fresh
        index.write_index(fresh)
        key.sign_release(fresh / index.SUITE)
        shutil.rmtree(output / name, ignore_errors=True)
        fresh.rename(output / name)


if __name__ == "__main__":
    sys.exit(main())
