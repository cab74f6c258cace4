# SPDX-License-Identifier: GPL-3.0-or-later
"""What network a container has: each effect is read back from the kernel inside."""

import contextlib
import json

NAMESPACE = "readlink /proc/self/ns/net"
# Arguments: a port and the name of an abstract socket. Prints what came of each.
PROBE = """
import socket, sys

def connects(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as client:
        client.settimeout(3)
        try:
            client.connect(address)
            return "yes"
        except OSError as error:
            return error.strerror or str(error)

print("port:", connects(socket.AF_INET, ("127.0.0.1", int(sys.argv[1]))))
print("abstract:", connects(socket.AF_UNIX, "\\0" + sys.argv[2]))
"""
# The host's side of it: prints a line when it listens, and ends with its input.
LISTEN = """
import socket, sys
with socket.create_server(("127.0.0.1", 47110)) as port, socket.socket(socket.AF_UNIX) as abstract:
    abstract.bind("\\0of-the-host")
    abstract.listen()
    print("begun", flush=True)
    sys.stdin.read()
"""


def lines(result):
    """{word: the rest} of lines "word: rest"."""
    return dict(line.split(": ", 1) for line in result.lines)


@contextlib.contextmanager
def listening(machine):
    """A port of the host's loopback and an abstract socket, of a user who is not contained."""
    machine.write("/usr/local/lib/listen.py", LISTEN)
    machine.write("/usr/local/lib/probe.py", PROBE.replace("\\0", "\\x00"))
    try:
        with machine.session("carol", command="exec python3 /usr/local/lib/listen.py"):
            yield
    finally:
        machine.root("rm /usr/local/lib/listen.py /usr/local/lib/probe.py")


def probe(machine, user="alice"):
    """What a session finds of them."""
    return lines(machine.ssh(user, "python3 /usr/local/lib/probe.py 47110 of-the-host"))


def test_network__host_is_shared(machine):
    """By default the network is the host's, its loopback and abstract sockets included."""
    with listening(machine):
        assert probe(machine) == {"port": "yes", "abstract": "yes"}
    assert machine.ssh("alice", NAMESPACE).stdout == machine.root(NAMESPACE).stdout


def test_network__none_reaches_nothing_of_the_host(machine, config):
    """With network = none neither a port of the host's loopback, nor an abstract socket, nor an address answers."""
    config("[default]\nnetwork = none\n")
    with listening(machine):
        assert probe(machine, "carol") == {"port": "yes", "abstract": "yes"}, "the listener does not listen"
        assert probe(machine) == {"port": "Connection refused", "abstract": "Connection refused"}
    address = machine.root("ip -4 -o addr show scope global").stdout.split()[3].partition("/")[0]
    assert machine.ssh("alice", "ip -4 -o addr").stdout.split()[1:4] == ["lo", "inet", "127.0.0.1/8"]
    assert [line.split(": ")[1] for line in machine.ssh("alice", "ip -o link show up").lines] == ["lo"]
    assert machine.ssh("alice", "ip -4 route; ip -6 route show table main").stdout == ""
    assert machine.ssh("carol", f"exec 3<>/dev/tcp/{address}/22").status == 0
    result = machine.ssh("alice", f"exec 3<>/dev/tcp/{address}/22")
    assert "Network is unreachable" in result.stderr and result.status != 0


def test_network__none_has_a_loopback(machine, config):
    """localhost has its address, by name and for both families, and two sessions meet there."""
    config("[default]\nnetwork = none\n")
    serve = ("python3 -c 'import socket, sys\n"
             "s = socket.create_server((\"127.0.0.1\", 47111)); print(\"begun\", flush=True)\n"
             "sys.stdin.read()'")
    with machine.session("alice", command=serve):
        result = machine.ssh("alice", "getent ahosts localhost; ip -6 -o addr show dev lo; "
                                      "exec 3<>/dev/tcp/localhost/47111 && echo met")
    assert "127.0.0.1" in result.stdout or "::1" in result.stdout
    assert "::1/128" in result.stdout and result.lines[-1] == "met", result


def test_network__none_has_no_resolver_of_the_host(machine, config):
    """systemd-resolved would ask the name servers from the host's network: its sockets are not there."""
    assert machine.ssh("alice", "test -d /run/systemd/resolve").status == 0
    config("[default]\nnetwork = none\nscope = session\n")
    result = machine.ssh("alice", "ls /run/systemd/resolve /run/nscd; timeout 20 getent hosts example.org")
    assert result.stdout == "" and result.status == 2, result


def test_network__all_ways_in_lead_to_the_same(machine, config):
    """A second login, an administrator's entry and init share one network, and are told of it."""
    config("[default]\nnetwork = none\n")
    with machine.session("alice"):
        init = machine.root(f"readlink /proc/{machine.container(1001)['pid']}/ns/net").stdout
        assert init != machine.root(NAMESPACE).stdout
        assert machine.ssh("alice", NAMESPACE).stdout == init
        assert machine.root(f"container-shell --enter alice -- {NAMESPACE}").stdout == init
        item, = json.loads(machine.root("container-shell --list --json").stdout)
        assert item["network"] == "none"
        assert "Network: none\n" in machine.root("container-shell --status alice").stdout
        assert "network: none\n" in machine.ssh("alice", "container-shell --status").stdout
    assert "network: none  (" in machine.root("container-shell --explain alice").stdout


def test_network__forwarded_agent_works_without_a_network(machine, config):
    """A Unix socket with a path is no part of a network: an agent is reached."""
    config("[default]\nnetwork = none\n")
    serve = ("python3 -c 'import socket, sys\n"
             "s = socket.socket(socket.AF_UNIX); s.bind(\"sock\"); s.listen(); print(\"begun\", flush=True)\n"
             "sys.stdin.read()'; rm -f sock")
    with machine.session("alice", command=serve):
        result = machine.ssh("alice", "python3 -c 'import socket\n"
                                      "socket.socket(socket.AF_UNIX).connect(\"sock\"); print(\"met\")'")
    assert result.stdout == "met\n", result
