"""Turns the trees below packages/ into Debian packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from builder import versions
from builder.programs import Program


def build_deb(generation: str, package: str, packages: Path, program: Program | None, output: Path) -> None:
    """Build one package of one generation into the folder `output`.

    Files come from packages/TREE/PACKAGE for each tree of the generation, then those of the program. A name that ends
    in `.in` has its placeholders filled in and loses the ending.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / package
        tree.mkdir(mode=0o755)
        for source in (packages / name / package for name in versions.TREES[generation]):
            if source.is_dir():
                shutil.copytree(source, tree, dirs_exist_ok=True)
        if program:
            _add(program, tree)
        _fill_in(tree, {**versions.placeholders(generation, package), **(program.placeholders if program else {})})
        _make_folders(tree)
        _make_links(tree)
        _set_modes(tree)
        _pack(tree, output, versions.BUILD_DATES[generation])


def _add(program: Program, tree: Path) -> None:
    for path, file in program.files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, tree / path)


def _fill_in(tree: Path, placeholders: dict[str, str]) -> None:
    for template in sorted(tree.rglob("*.in")):
        text = template.read_text(encoding="utf-8")
        for name, value in placeholders.items():
            text = text.replace(name, value)
        template.with_suffix("").write_text(text, encoding="utf-8")
        template.unlink()


def _make_folders(tree: Path) -> None:
    """DEBIAN/dirs lists folders that are empty in the package, as debhelper's file of that name does."""
    folders = tree / "DEBIAN" / "dirs"
    if not folders.exists():
        return
    for line in folders.read_text(encoding="utf-8").splitlines():
        (tree / line).mkdir(parents=True, exist_ok=True)
    folders.unlink()


def _make_links(tree: Path) -> None:
    """DEBIAN/links lists `target link` pairs, as debhelper's file of that name does."""
    links = tree / "DEBIAN" / "links"
    if not links.exists():
        return
    for line in links.read_text(encoding="utf-8").splitlines():
        target, link = line.split()
        (tree / link).parent.mkdir(parents=True, exist_ok=True)
        (tree / link).symlink_to(target)
    links.unlink()


def _set_modes(tree: Path) -> None:
    """The sources are all 0644; what begins with a shebang is a program in the package."""
    for path in tree.rglob("*"):
        if path.is_symlink():
            continue
        path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _pack(tree: Path, output: Path, date: int) -> None:
    output.mkdir(parents=True, exist_ok=True)
    for path in tree.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (date, date))
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(output)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(date)},
    )
