/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * relay: a terminal of its own for a session on somebody else's terminal.
 *
 * Runs as the user, on the host. With su or sudo from a running shell, the
 * terminal belongs to that shell; a process inside that shared it could type
 * into it (TIOCSTI) once the session is over. So the session gets a new pty
 * and this process carries the bytes.
 */
#ifndef CS_RELAY_H
#define CS_RELAY_H

#include <stdbool.h>

/* Is any of 0 to 2 a terminal that another process is session leader of? */
bool cs_relay_is_needed(void);
/* Is any of 0 to 2 a terminal? Then one of its own keeps that one outside. */
bool cs_relay_is_possible(void);

/*
 * Fork. The child returns 0, with the new terminal in place of every terminal
 * among 0 to 2, and is its session leader. What is typed is carried if standard
 * input is a terminal; if it is not, it stays what it is. The parent relays and ends
 * as the child does, with the old terminal's mode restored: it never returns.
 * -errno if there is no terminal to be had.
 */
int cs_relay_start(void);

#endif
