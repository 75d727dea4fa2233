"""The base install: protocol, client, server and `addad read` on `cryptography` alone."""

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MEGABYTES_MAX = 40


def _distribution_and_needs(name: str) -> set[str]:
    """A distribution and what it requires at run time, without extras, transitively."""
    found, todo = set(), [name]
    while todo:
        current = todo.pop()
        if current in found:
            continue
        found.add(current)
        for requirement in importlib.metadata.requires(current) or ():
            if "extra ==" in requirement:
                continue
            needed = requirement.split(";")[0]
            for sign in "<>=!~[( ":
                needed = needed.split(sign)[0]
            try:
                importlib.metadata.version(needed)
            except importlib.metadata.PackageNotFoundError:
                continue  # excluded by its marker on this Python
            todo.append(needed)
    return found


@pytest.fixture(scope="module")
def base_install(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what `pip install addad` holds: links to those packages only."""
    folder = tmp_path_factory.mktemp("base")
    for name in _distribution_and_needs("cryptography"):
        for file in importlib.metadata.files(name) or ():
            top = file.parts[0]
            source = Path(str(importlib.metadata.distribution(name).locate_file(top)))
            if not top.startswith("..") and source.exists() and not (folder / top).exists():
                (folder / top).symlink_to(source)
    (folder / "addad").symlink_to(ROOT / "src" / "addad")
    return folder


def _python(base: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(base), "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-S", "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_only_cryptography_is_needed() -> None:
    required = [r for r in importlib.metadata.requires("addad") or () if "extra ==" not in r]
    assert [r.split(">")[0] for r in required] == ["cryptography"]


def test_protocol_client_server_and_reader_load_without_numpy(base_install: Path) -> None:
    code = (
        "import json, sys\n"
        "import addad.net, addad.net.client, addad.net.server, addad.net.push\n"
        "import addad.cosem.server, addad.dlms.connection, addad.reader\n"
        "import addad.cli.read, addad.cli.push\n"
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    done = _python(base_install, code)
    assert done.returncode == 0, done.stderr
    assert not {"numpy", "numba", "rich", "fastapi", "sqlalchemy"} & set(json.loads(done.stdout))


@pytest.mark.parametrize("command", ["measure", "meter", "headend", "register", "demo"])
def test_a_command_that_lacks_its_extra_names_it(
    base_install: Path, command: str, tmp_path: Path
) -> None:
    recording = tmp_path / "u.csv"
    recording.write_text("t,u1 [V]\n0,1\n0.001,2\n")
    arguments = {
        "measure": [str(recording)],
        "meter": ["--listen", "127.0.0.1:0", "--data", str(tmp_path / "m"), "--source", "site"],
        "headend": ["--web", "127.0.0.1:0", "--data", str(tmp_path / "h")],
        "register": ["--data", str(tmp_path / "h"), "--service-point", "SP-1", "127.0.0.1:4059"],
        "demo": ["--for", "1s"],
    }[command]
    code = "import sys; from addad.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = _python(base_install, code, command, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "pip install 'addad[" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_works_without_any_extra(base_install: Path) -> None:
    code = "import sys; from addad.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = _python(base_install, code, "--help")
    assert done.returncode == 0, done.stderr
    for command in ("demo", "measure", "meter", "headend", "register", "read", "push"):
        assert command in done.stdout


def test_the_base_install_is_small() -> None:
    total = sum(
        Path(str(f.locate())).stat().st_size
        for name in _distribution_and_needs("cryptography")
        for f in importlib.metadata.files(name) or ()
        if Path(str(f.locate())).is_file()
    )
    total += sum(p.stat().st_size for p in (ROOT / "src" / "addad").rglob("*.py"))
    assert total < MEGABYTES_MAX * 1e6
