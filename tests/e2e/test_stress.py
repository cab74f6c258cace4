# SPDX-License-Identifier: GPL-3.0-or-later
"""The stress runs, a little of each: tests/stress/vm has them in full."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "stress"))
import guest  # noqa: E402  pylint: disable=wrong-import-position


def test_stress__many_containers_are_listed(machine):
    """--list shows each of many containers, and --stop --all ends them all."""
    result = guest.run(machine, "many", "--count", "40", "--limit", "0")
    assert result.status == 0, result


def test_stress__nobody_inside_gets_hold_of_an_entry(machine):
    """--enter goes in while the container's own processes try to trace and read whoever comes."""
    result = guest.run(machine, "enters", "--count", "40")
    assert result.status == 0 and " 0 successes" in result.stdout, result


def test_stress__a_relay_carries_all(machine):
    """What goes through a terminal's relay arrives unharmed, in both directions, and idle it costs nothing."""
    result = guest.run(machine, "relay", "--megabytes", "1")
    assert result.status == 0, result


def test_stress__kills_at_random_leave_nothing_and_block_nobody(machine):
    """kill -9 of monitor, init, helper and the rest, while users log in and --list is asked."""
    result = guest.run(machine, "chaos", "--seconds", "20", "--users", "3")
    assert result.status == 0, result


def test_mounts__renamed_meanwhile_never_show_what_is_outside(machine):
    """Logins while the user exchanges components of home, shares and mount points for links."""
    result = guest.run(machine, "rename", "--seconds", "8", timeout=80)
    assert result.status == 0 and " logins, " in result.stdout, result
