"""Images, made by mmdebstrap from the Debian archive and kept under the hash of what they are made of."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import archive, topology
from .command import run
from .podman import Podman

REPOSITORY = "localhost/jitsi-lab"
INIT = "/lib/systemd/systemd"

#: A login as users have it: a person's account with a key and sudo, nothing else.
CUSTOMIZE = (
    'chroot "$1" useradd --create-home --shell /bin/bash admin',
    'echo "admin ALL=(ALL) NOPASSWD: ALL" > "$1/etc/sudoers.d/admin"',
    'printf "UseDNS no\\nPasswordAuthentication no\\n" > "$1/etc/ssh/sshd_config.d/lab.conf"',
    'chroot "$1" systemctl mask systemd-udevd.service systemd-modules-load.service systemd-remount-fs.service',
    'rm -f "$1/etc/machine-id" "$1/etc/hostname"; touch "$1/etc/machine-id"',
    # A container may not raise priorities or lock memory; these sandboxes are the package's, not ours.
    'mkdir -p "$1/home/admin/.ssh" && chroot "$1" chown admin:admin /home/admin/.ssh',
)
#: A machine that runs has package lists.
KEEP = ("--skip=cleanup/apt/lists",)


def tag(image: str, suite: str) -> str:
    """The full name of an image; it changes with everything that goes into it."""
    recipe = repr((suite, topology.IMAGES[image], CUSTOMIZE, KEEP, archive.sources(suite)))
    return f"{REPOSITORY}-{image}:{suite}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def _build(podman: Podman, image: str, suite: str) -> None:
    with tempfile.TemporaryDirectory(prefix="jitsi-lab-") as folder:
        tarball = Path(folder) / "root.tar"
        command = ["mmdebstrap", "--variant=minbase", "--mode=root", *KEEP]
        command += [f"--include={','.join(topology.IMAGES[image])}"]
        command += [f"--customize-hook={hook}" for hook in CUSTOMIZE]
        own_sources = Path(folder) / "debian.sources"
        own_sources.write_text(archive.sources(suite))
        run(*command, suite, tarball, *([own_sources] if own_sources.stat().st_size else []))
        podman("import", "--change", f'CMD ["{INIT}"]', tarball, tag(image, suite))


def ensure(podman: Podman, suite: str, say: Callable[[str], None]) -> None:
    """Build the images that are missing; a second lab that starts meanwhile waits for them."""
    folder = podman.configuration.parents[1]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _ensure(podman, suite, say)


def _ensure(podman: Podman, suite: str, say: Callable[[str], None]) -> None:
    missing = [image for image in topology.IMAGES if not podman.succeeds("image", "exists", tag(image, suite))]
    if not missing:
        return
    say(f"building the images {', '.join(missing)} from Debian {suite} (a few minutes, once)")
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda image: _build(podman, image, suite), missing))


def remove_all(podman: Podman) -> None:
    """Remove every image of the lab, of whatever recipe."""
    listed = podman("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    for name in (name for name in listed if name.startswith(f"{REPOSITORY}-")):
        podman("rmi", "--force", name)
