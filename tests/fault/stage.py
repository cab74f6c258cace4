# SPDX-License-Identifier: GPL-3.0-or-later
"""stage: a small host for tests that need the helper to be truly set-uid root.

The driver enters a mount namespace of its own and sets the stage there: under
/mnt the test build of the helper, its records and its configuration, and over
/etc/passwd one with a user more. The machine's own mounts, users and running
containers are neither changed nor looked at, and all of it goes with the driver.
Mounts are shared in there, as on a host with systemd, so that one which leaks
is seen.

Run as root, from the build directory, where the programs are.
"""

import ctypes
import errno
import mmap
import os
import pathlib
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path("/mnt/container-shell")  # Makefile.am: STAGE_PLACES
LIBEXEC = ROOT / "libexec"
HELPER = LIBEXEC / "container-shell-helper"
RECORDS = ROOT / "run"
CONFIG = ROOT / "etc/container-shell"
USER, HOME = "cs-stage", pathlib.Path("/mnt/home/cs-stage")
UID = 1500000000 + os.getpid()  # another run at the same time has another
DEADLINE = 10.0
SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent
PHASES = ("BEFORE", "BUILD", "INSIDE", "SESSION")

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS, _MS_BIND, _MS_REC = 0x20000, 0x1000, 0x4000
_MS_PRIVATE, _MS_SHARED = 1 << 18, 1 << 20


def _call(result):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def mount(source, target, fs_type=None, flags=0, data=None):
    """mount(2)."""
    def text(value):
        return None if value is None else str(value).encode()
    _call(_libc.mount(text(source), text(target), text(fs_type), ctypes.c_ulong(flags), text(data)))


def umount(target):
    """umount2(2), whoever is still in it."""
    _call(_libc.umount2(str(target).encode(), 2))


# ---- TAP -------------------------------------------------------------------


class Tap:
    """Counts and prints; a test is a function that fails by an AssertionError."""

    def __init__(self):
        self.count = self.failed = 0

    def test(self, name, function, *arguments):
        """Run one test. True if it passed."""
        self.count += 1
        try:
            function(*arguments)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            self.failed += 1
            text = "".join(f"# {line}\n" for line in str(error).splitlines())
            print(f"not ok {self.count} - {name}\n{text}", end="", flush=True)
            self.recover()
            return False
        print(f"ok {self.count} - {name}", flush=True)
        return True

    @staticmethod
    def recover():
        """What a failed test left must not fail the next ones."""
        for pid in processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            eventually(lambda: not processes(), processes)
            remove_cgroups()
            for directory in RECORDS.glob("*"):
                shutil.rmtree(directory)
        except (AssertionError, OSError) as error:
            print(f"# not cleaned up: {error}", flush=True)

    def skip(self, name, reason):
        """One test that cannot be run here."""
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)

    def end(self):
        """The plan, last. Ends the program."""
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def skip_all(reason):
    """Nothing here can be run."""
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


# ---- setting the stage -------------------------------------------------------


def _obstacle():
    if os.getuid() != 0:
        return "only root can make a set-uid program"
    if os.readlink("/proc/self/ns/user") != "user:[4026531837]":
        return "not in the initial user namespace"
    if "NoNewPrivs:\t1" in pathlib.Path("/proc/self/status").read_text(encoding="ascii"):
        return "no_new_privs is set"
    return None


def _add_user():
    passwd = pathlib.Path("/mnt/passwd")
    passwd.write_bytes(pathlib.Path("/etc/passwd").read_bytes()
                       + f"{USER}:x:{UID}:{UID}::{HOME}:/bin/sh\n".encode())
    passwd.chmod(0o644)
    mount(passwd, "/etc/passwd", flags=_MS_BIND)
    HOME.mkdir(parents=True)
    os.chown(HOME, UID, UID)


def subordinate(uids, gids=None):
    """What /etc/subuid and /etc/subgid say on the stage, from here on. False if the machine has none."""
    for name, text in (("subuid", uids), ("subgid", uids if gids is None else gids)):
        place, path = pathlib.Path("/etc", name), pathlib.Path("/mnt", name)
        if not place.exists():
            return False
        if not path.exists():
            path.touch()
            path.chmod(0o644)
            mount(path, place, flags=_MS_BIND)
        path.write_text(text, encoding="ascii")
    return True


def install(name):
    """A fresh copy of one of the build's programs on the stage."""
    source = BUILT[name]
    target = LIBEXEC / name
    if target.is_dir():
        target.rmdir()
    else:
        target.unlink(missing_ok=True)
    target.write_bytes(source)
    target.chmod(0o4755 if name == "container-shell-helper" else 0o755)


BUILT = {}
FAULT = None


def enter():
    """Set the stage, or skip all tests."""
    global FAULT
    reason = _obstacle()
    if reason:
        skip_all(reason)
    for name, path in (("container-shell-helper", "tests/fault/container-shell-helper"),
                       ("container-shell-monitor", "tests/fault/container-shell-monitor"),
                       ("container-shell-planner", "tests/fault/container-shell-planner"),
                       ("container-shell-init", "container-shell-init")):
        BUILT[name] = pathlib.Path(path).read_bytes()
    os.umask(0o022)
    try:
        _call(_libc.unshare(_CLONE_NEWNS))
    except OSError as error:
        skip_all(f"no mount namespace can be made: {error.strerror}")
    mount(None, "/", flags=_MS_REC | _MS_PRIVATE)
    mount(None, "/", flags=_MS_REC | _MS_SHARED)
    mount("stage", "/mnt", "tmpfs", data="mode=755")
    for directory in (LIBEXEC, CONFIG, ROOT / "spare"):
        directory.mkdir(parents=True)
    for name in BUILT:
        install(name)
    FAULT = Fault(ROOT / "fault")
    # The build may be below /tmp: what is needed of it has been copied.
    mount("stage-tmp", "/tmp", "tmpfs", data="mode=1777")
    _add_user()
    os.chdir("/")


class Fault:
    """The page that tests/fault/fault.c shares with us: see fault.h."""

    WORDS = 72
    HEAD = struct.Struct(f"=IIIII{WORDS}s")
    ROWS = 60

    def __init__(self, path):
        size = self.HEAD.size + self.ROWS * self.WORDS
        path.write_bytes(bytes(size))
        path.chmod(0o600)
        with path.open("r+b") as file:
            self.page = mmap.mmap(file.fileno(), size)

    def set(self, at=0, error=0):
        """Fail at the row of this number, or name, with @error; without one, hold there."""
        number, row = (0, at) if isinstance(at, str) else (at, "")
        # Whoever held there before and is still about to go on must not be held again.
        released = 0 if at and not error else 1
        self.page[:] = self.HEAD.pack(0, number, error, released, 0, row.encode()) + \
            bytes(self.ROWS * self.WORDS)

    def calls(self):
        """How many rows were about to be carried out."""
        return self.HEAD.unpack_from(self.page)[0]

    def reached(self):
        """Whether the row that was set has been."""
        return self.HEAD.unpack_from(self.page)[4] != 0

    def words(self):
        """The words of those rows, in order."""
        rows = (self.page[self.HEAD.size + i * self.WORDS:][:self.WORDS] for i in range(self.calls()))
        return [row.rstrip(b"\0").decode() for row in rows]

    def release(self):
        """Let the row that holds go on."""
        self.page[12:16] = struct.pack("=I", 1)


def rows_of_sources():
    """(phase, words) of every row of a step table, as the sources have them."""
    row = re.compile(r'\{\s*CS_PHASE_(\w+)\s*,\s*\w+\s*,\s*"([^"]+)"\s*\}')
    found = []
    for path in sorted((SOURCES / "helper").glob("*.c")):
        found += row.findall(path.read_text(encoding="utf-8"))
    return found


# ---- looking at the host -------------------------------------------------------


def processes():
    """pid → (parent, exe name or "") of all that belong to the stage: by file or by user."""
    ours = {(s.st_dev, s.st_ino): name for name in BUILT
            for s in [_stat(LIBEXEC / name)] if s is not None}
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        directory = f"/proc/{entry}"
        try:
            parent = int(pathlib.Path(directory, "stat").read_text(errors="replace")
                         .rpartition(")")[2].split()[1])
            exe = _stat(f"{directory}/exe")
            name = ours.get((exe.st_dev, exe.st_ino), "") if exe else ""
            if name or os.stat(directory).st_uid == UID:
                found[int(entry)] = (parent, name)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
    return found


def _stat(path):
    try:
        return os.stat(path)
    except OSError:
        return None


def _tree(top):
    return sorted(os.path.join(directory, name) for directory, directories, files in os.walk(top)
                  for name in directories + files)


def cgroups():
    """The control groups of this user's containers."""
    return sorted(str(path) for place in ("fs/cgroup", "fs/cgroup/unified")
                  for path in pathlib.Path("/sys", place, "container-shell").glob(f"{UID}-*"))


def remove_cgroups():
    """Those that a failed test has left."""
    for path in cgroups():
        eventually(lambda p=path: _is_removed(p), f"{path} is empty")


def _is_removed(path):
    try:
        os.rmdir(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def keys():
    """How many keys and keyrings there are; those of the whole machine."""
    return len(pathlib.Path("/proc/keys").read_text(errors="replace").splitlines())


def host():
    """All that a login may not change."""
    return {
        "mounts": pathlib.Path("/proc/self/mountinfo").read_text(errors="replace"),
        "records": _tree(RECORDS),
        "cgroups": cgroups(),
        "processes": processes(),
        "files": _tree("/tmp") + _tree(HOME) + _tree(LIBEXEC),
    }


def eventually(condition, what, deadline=DEADLINE):
    """Wait for what gives no event of its own. Returns what @condition did."""
    end = time.monotonic() + deadline
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:.0f} s: {what() if callable(what) else what}")
        time.sleep(0.002)  # between two looks, not instead of one


def same_as(before):
    """The host becomes as it was, within the deadline."""
    def difference():
        now = host()
        return "\n".join(f"{key}: {before[key]!r} is now {now[key]!r}" for key in before
                         if now[key] != before[key])
    eventually(lambda: host() == before, difference)


# ---- logging in ----------------------------------------------------------------


class Pipe:
    """For a few lines of text. Whoever is left behind with its other end does not keep us waiting."""

    def __init__(self):
        self.read_fd, self.write_fd = os.pipe()
        os.set_blocking(self.read_fd, False)
        self.data = b""

    def text(self):
        """All that has come through it."""
        try:
            while part := os.read(self.read_fd, 65536):
                self.data += part
        except BlockingIOError:
            pass
        return self.data.decode(errors="backslashreplace")

    def __del__(self):
        os.close(self.read_fd)


class Login:
    """The helper as a user's login shell starts it, or in some other way."""

    def __init__(self, *arguments, wrapper=(), user=UID, prepare=None, environment=None,
                 stdin=subprocess.DEVNULL, groups=()):
        self.stdout, self.stderr = Pipe(), Pipe()
        identity = {} if user is None else {"user": user, "group": user, "extra_groups": groups}
        self.process = subprocess.Popen(
            [*wrapper, str(HELPER), *arguments], stdin=stdin, stdout=self.stdout.write_fd,
            stderr=self.stderr.write_fd, cwd="/", start_new_session=True, preexec_fn=prepare,
            restore_signals=False,
            env={"TERM": "dumb", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})},
            **identity)
        for pipe in (self.stdout, self.stderr):
            os.close(pipe.write_fd)

    def end(self, deadline=DEADLINE):
        """Its exit status, -n for signal n, as soon as it has one."""
        pidfd = os.pidfd_open(self.process.pid)
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        ended = poll.poll(deadline * 1000)
        os.close(pidfd)
        if not ended:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the helper did not end within {deadline:.0f} s; {self.said()}")
        return self.process.wait()

    def output(self):
        """What it wrote to standard output, until now."""
        return self.stdout.text()

    def errors(self):
        """What it wrote to standard error, until now."""
        return self.stderr.text()

    def said(self):
        """Both, for a failure's diagnosis."""
        return f"stdout {self.output()!r}, stderr {self.errors()!r}"


def run(*arguments, **options):
    """Log in and wait: (status, standard output, standard error)."""
    login = Login(*arguments, **options)
    status = login.end()
    return status, login.output(), login.errors()


def expect(result, status, errors="", output=""):
    """What a login came to; @errors exactly, or a compiled pattern for all of it."""
    if isinstance(errors, re.Pattern):
        fits = errors.fullmatch(result[2]) is not None
    else:
        fits = errors == result[2]
    assert result[0] == status and fits and (output is None or result[1] == output), \
        f"got {result!r}\nnot {(status, output, errors)!r}"


def works():
    """A login works, from the first step to the last."""
    FAULT.set()
    expect(run("run", "-c", "echo in; exit 42"), 42, output="in\n")


class Holder:
    """A session that keeps the container running."""

    def __enter__(self):
        FAULT.set()
        read_fd, self.write_fd = os.pipe()
        self.login = Login("run", "-c", "echo in; read line; exit 7", stdin=read_fd)
        os.close(read_fd)
        eventually(lambda: self.login.output() == "in\n", self.login.said)
        return self

    def __exit__(self, kind, *_):
        os.close(self.write_fd)
        status = self.login.end()
        if kind is None:
            assert status == 7, f"the session that ran meanwhile ended with {status}"


def kill(pid):
    """SIGKILL, to a process of the stage."""
    os.kill(pid, signal.SIGKILL)


def have(program):
    """Is this program installed?"""
    return shutil.which(program) is not None
