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


# ---- netns ----------------------------------------------------------------------------------


@contextlib.contextmanager
def network_of(machine, name):
    """One that the administrator has made, with an address of its own, a server at its other end, and a resolver."""
    machine.write(f"/etc/netns/{name}/resolv.conf", "nameserver 192.0.2.1\n")
    machine.root(f"ip netns add {name}; ip link add outer type veth peer name inner netns {name}; "
                 "ip addr add 192.0.2.1/24 dev outer; ip link set outer up; "
                 f"ip -n {name} addr add 192.0.2.2/24 dev inner; ip -n {name} link set inner up; "
                 f"ip -n {name} link set lo up")
    try:
        yield
    finally:
        machine.root(f"ip netns del {name}; ip link del outer 2>/dev/null; "
                     "umount /run/netns; rmdir /run/netns; rm -r /etc/netns", check=False)


def test_network__netns_is_the_administrators(machine, config):
    """With netns:%u alice is in hers: its addresses, its name servers, and nothing of the host's loopback."""
    config("[default]\n[own]\nusers = alice\nnetwork = netns:net-%u\n")
    with network_of(machine, "net-alice"), listening(machine):
        assert probe(machine) == {"port": "Connection refused", "abstract": "Connection refused"}
        assert probe(machine, "bob") == {"port": "yes", "abstract": "yes"}
        result = machine.ssh("alice", "ip -4 -o addr show dev inner | tr -s ' '; cat /etc/resolv.conf; "
                             "exec 3<>/dev/tcp/192.0.2.1/22; head -c 7 <&3")
        assert "inet 192.0.2.2/24" in result.lines[0] and result.lines[1:] == ["nameserver 192.0.2.1", "SSH-2.0"], result
        assert machine.ssh("alice", "ip link set lo down").status != 0
        with machine.session("alice"):
            assert machine.root(f"ip netns identify {machine.container(1001)['pid']}").stdout == "net-alice\n"
            assert "Network: netns:net-alice\n" in machine.root("container-shell --status alice").stdout
    refused = machine.ssh("alice", "true")
    assert refused.status == 125 and refused.stderr == \
        "container-shell: cannot find the network net-alice: No such file or directory\n", refused


def test_network__netns_holds_what_sshd_does_by_pam(machine, config, host):
    """By PAM, forwarded connections begin in the user's network."""
    config("[default]\nnetwork = netns:net-%u\n")
    with network_of(machine, "net-carol"), listening(machine):
        assert host.ssh(options=["-W", "127.0.0.1:47110"]).status != 0
        assert host.ssh("readlink /proc/self/ns/net").stdout != machine.root(NAMESPACE).stdout
        assert host.ssh(options=["-W", "192.0.2.1:22"]).stdout.startswith("SSH-2.0")
