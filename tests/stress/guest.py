# SPDX-License-Identifier: GPL-3.0-or-later
"""guest: tests/stress/run brought into a virtual machine and run there."""

import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def _compiled():
    """hostile.c as a static program, which runs on any distribution."""
    include = f"/usr/include/{os.uname().machine}-linux-gnu"
    compiler = ["musl-gcc", "-idirafter", "/usr/include", "-idirafter", include] \
        if shutil.which("musl-gcc") else ["cc"]
    with tempfile.TemporaryDirectory() as directory:
        program = pathlib.Path(directory, "hostile")
        subprocess.run([*compiler, "-D_GNU_SOURCE", "-static", "-O2", "-o", program,
                        HERE / "hostile.c"], check=True)
        return program.read_bytes()


def run(machine, *arguments, timeout=60):
    """tests/stress/run ARGUMENTS as root in @machine: its Result. Leaves nothing there."""
    files = {"run": (HERE / "run").read_bytes(), "hostile": _compiled()}
    machine.root("mkdir -m 755 /var/stress")
    try:
        for name, data in files.items():
            machine.ssh("root", f"cat >/var/stress/{name} && chmod 755 /var/stress/{name}", stdin=data)
        return machine.ssh("root", "PYTHONDONTWRITEBYTECODE=1 python3 -u /var/stress/run",
                           *arguments, timeout=timeout)
    finally:
        machine.root("rm -r /var/stress")
