# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines that the end-to-end tests log in to, and what holds for every test.

One virtual machine per distribution, booted when its first test wants it, with
the project built and installed as it is in this tree. Every test must leave its
machine as it was: the host is compared before and after each one.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import pytest

VM = pathlib.Path(__file__).resolve().parent.parent / "vm"
sys.path.insert(0, str(VM))

from machine import Machine, MachineError  # noqa: E402  pylint: disable=wrong-import-position
from pamhost import Host  # noqa: E402  pylint: disable=wrong-import-position

DISTRIBUTIONS = ("bookworm", "trixie")
SETTLE_SECONDS = 6
TEST_SECONDS = 90


def pytest_addoption(parser):
    parser.addoption("--distro", default="all", choices=(*DISTRIBUTIONS, "all"),
                     help="the distribution to log in to (default: all)")
    parser.addoption("--tally", metavar="FILE", help="write 'PASSED FAILED SKIPPED' to FILE at the end")
    parser.addoption("--placeholder", metavar="SHELL",
                     help="do not install the project; give its users this shell (to test the tests)")


def pytest_generate_tests(metafunc):
    if "machine" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("distro")
        metafunc.parametrize("machine", DISTRIBUTIONS if wanted == "all" else [wanted],
                             indirect=True, scope="session")


@pytest.fixture(scope="session")
def machine(request):
    """A login host with the project installed."""
    distribution = request.param
    placeholder = request.config.getoption("placeholder")
    # Without a machine no test can say anything: end here, with the one reason.
    if not placeholder:
        build = subprocess.run([VM / "build", distribution], check=False, capture_output=True, text=True)
        if build.returncode != 0:
            pytest.exit(build.stderr, returncode=3)
    try:
        booted = Machine.boot(distribution)
    except (MachineError, subprocess.SubprocessError) as error:
        pytest.exit(f"no machine: {error}", returncode=3)
    try:
        if placeholder:
            booted.root(f"ln -s {placeholder} /usr/bin/container-shell")
        else:
            booted.install(pathlib.Path(build.stdout.strip()))
        booted.connect("root", "alice", "bob", "carol")
        # What only the first login of all makes (caches, keyrings of users) is
        # not the doing of the test that happens to come first.
        for user in ("alice", "bob", "carol"):
            booted.ssh(user, "true")
        yield booted
    finally:
        booted.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Every test has an end, whatever it waits for."""
    def late(*_):
        raise TimeoutError(f"{item.name} is still waiting after {TEST_SECONDS} s")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(TEST_SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture(autouse=True)
def host_unchanged(request):
    """Compare the host before and after the test; put it right when it differs."""
    if "machine" not in request.fixturenames:
        yield
        return
    vm = request.getfixturevalue("machine")
    vm.ask(what="snapshot")
    yield
    left = vm.ask(what="settle", timeout=SETTLE_SECONDS)
    if left:
        vm.root("cat /sys/fs/cgroup/container-shell*/cgroup.procs 2>/dev/null; "
                "for kill in $(find /sys/fs/cgroup/container-shell* -mindepth 1 -name cgroup.kill); do"
                " echo 1 >$kill; done", check=False)
        pytest.fail("the host is not as it was:\n" + "\n".join(left), pytrace=False)


@pytest.fixture
def config(machine):
    """A function that makes a configuration; it is gone after the test."""
    made = []

    def write(text, name="conf.d/90-test.conf"):
        path = f"/etc/container-shell/{name}"
        existed = machine.root(f"test -e {path}", check=False).status == 0
        if existed and path not in made:
            machine.root(f"cp -p {path} {path}.kept")
        made.append(path)
        machine.write(path, text)

    had = machine.root("ls -d /etc/container-shell /etc/container-shell/conf.d 2>/dev/null", check=False).lines
    yield write
    for path in dict.fromkeys(made):
        machine.root(f"if test -e {path}.kept; then mv {path}.kept {path}; else rm -f {path}; fi")
    for directory in ("/etc/container-shell/conf.d", "/etc/container-shell"):
        if directory not in had:
            machine.root(f"rmdir {directory} 2>/dev/null", check=False)


@pytest.fixture
def scratch(machine):
    """The name of an empty directory in alice's home, gone after the test."""
    machine.root("rm -rf /home/alice/scratch; install -d -o alice -g alice /home/alice/scratch")
    yield "scratch"
    machine.root("rm -rf /home/alice/scratch")


@pytest.fixture
def journal(machine):
    """A function that waits for a log line of ours, of facility authpriv, since the test began; the lines."""
    machine.root("journalctl --cursor-file=/root/cursor -n 1 -q >/dev/null")

    def lines(pattern):
        said = machine.wait("journalctl -q --after-cursor=\"$(cat /root/cursor)\" SYSLOG_FACILITY=10 -o json "
                            "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,PRIORITY | "
                            f"grep container-shell | grep -E '{pattern}'", timeout=20)
        return [json.loads(line)["MESSAGE"] for line in said.splitlines()]

    yield lines
    machine.root("rm -f /root/cursor")


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """The socket of an agent on this side that holds one key."""
    tmp_path = tmp_path_factory.mktemp("agent")
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        path = pathlib.Path(directory, "agent")
        process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE)
        try:
            process.stdout.readline()
            key = tmp_path / "key"
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "forwarded-key", "-f", key],
                           check=True)
            subprocess.run(["ssh-add", "-q", key], check=True,
                           env={**os.environ, "SSH_AUTH_SOCK": str(path)})
            yield str(path)
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def pam_host(machine, tmp_path_factory):
    """A host with the PAM module in sshd's file."""
    with Host.installed(machine, tmp_path_factory.mktemp("pam")) as found:
        yield found


@pytest.fixture
def host(pam_host):
    """The same; what a test writes there is undone after it."""
    with pam_host.undone():
        yield pam_host


class Tally:
    """Counts tests, not phases: a test whose host check failed has failed."""

    def __init__(self):
        self.outcome = {}

    def pytest_runtest_logreport(self, report):
        known = self.outcome.get(report.nodeid)
        if report.failed:
            self.outcome[report.nodeid] = "failed"
        elif report.skipped and known != "failed":
            self.outcome[report.nodeid] = "skipped"
        elif report.when == "call" and known is None:
            self.outcome[report.nodeid] = "passed"

    def pytest_collectreport(self, report):
        if report.failed:
            self.outcome[report.nodeid] = "failed"

    def write(self, path):
        counts = [list(self.outcome.values()).count(word) for word in ("passed", "failed", "skipped")]
        pathlib.Path(path).write_text(" ".join(map(str, counts)) + "\n", encoding="ascii")


def pytest_configure(config):
    # Told to end, end as on ^C: with the machines stopped and their directories gone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.tally = Tally()
    config.pluginmanager.register(config.tally, "tally")


def pytest_sessionfinish(session):
    path = session.config.getoption("tally")
    if path:
        session.config.tally.write(path)
