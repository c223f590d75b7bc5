"""Compiles a program and packs it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

HOCON_PARSER = Path("/usr/share/java/typesafe-config.jar")
_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def build_jar(folders: tuple[Path, ...], libraries: tuple[Path, ...], jar: Path) -> None:
    """Compile all sources of `folders` for Java 17 into `jar`; its resources are the .conf files at their top."""
    for library in libraries:
        if not library.exists():
            raise SystemExit(f"{library} is missing: apt-get install libtypesafe-config-java")
    with tempfile.TemporaryDirectory() as folder:
        classes = Path(folder)
        java_files = sorted(str(path) for sources in folders for path in sources.rglob("*.java"))
        # Classes of others may name annotations that are not there.
        options = ["--release", "17", "-Xlint:all,-classfile", "-Werror", "-proc:none"]
        class_path = ":".join(map(str, libraries))
        subprocess.run(["javac", *options, "-cp", class_path, "-d", folder, *java_files], check=True)
        for resource in (path for sources in folders for path in sources.glob("*.conf")):
            shutil.copy(resource, classes)
        _pack(classes, jar)


def _pack(classes: Path, jar: Path) -> None:
    jar.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(classes.rglob("*")):
            if path.is_file():
                # A fixed date, so that the same sources give the same jar.
                entry = zipfile.ZipInfo(str(path.relative_to(classes)), _EPOCH_OF_ZIP)
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
