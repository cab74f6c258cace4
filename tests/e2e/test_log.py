# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's log says of a session."""


def test_log__tells_of_the_session(machine, journal):
    """A login is logged with user and class."""
    machine.ssh("alice", "true")
    line = journal("alice")[0]
    assert "default" in line


def test_log__tells_where_from(machine, journal):
    """A login over ssh on a terminal is logged with the terminal and the remote address."""
    with machine.terminal("alice", "tty", fresh=True) as child:
        child.expect(r"/dev/(pts/\d+)")
        tty = child.match.group(1)
        child.wait()
    text = "\n".join(journal("alice"))
    assert tty in text
    assert "10.0.2.2" in text


def test_log__tells_how_it_ended(machine, journal):
    """The end of a session is logged with its status."""
    machine.ssh("alice", "exit 43")
    assert journal("alice.*43")


def test_log__tells_of_death_by_signal(machine, journal):
    """A command that died by a signal is logged as such."""
    machine.ssh("alice", "kill -SEGV $$")
    assert journal("alice.*(signal|SEGV|Segmentation)")


def test_log__tells_why_a_login_was_refused(machine, journal, config):
    """The detail that the user is not told, file and line, is in the log."""
    config("[default]\nno-such-key = 1\n")
    refused = machine.ssh("alice", "true")
    assert refused.status == 125, refused
    assert "90-test.conf:2" in journal("no-such-key")[0]


def test_log__lines_cannot_be_forged(machine, journal):
    """A newline in what the user chooses does not begin a line of the log's."""
    machine.as_user("alice", "/usr/bin/container-shell", "-c", "true; : \ncontainer-shell: forged alice line",
                    env={"SSH_CONNECTION": "1.2.3.4\ncontainer-shell: forged 1 2.3.4.5 6", "SSH_TTY": "\x1b[2Jx"})
    for line in journal("alice"):
        assert "\n" not in line and "\x1b" not in line and not line.startswith("container-shell: forged")
