/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idle: sessions in which nothing is typed and no command runs.
 *
 * In the monitor, on the host, with CAP_KILL.
 */
#ifndef CS_IDLE_H
#define CS_IDLE_H

#include <stdint.h>

#include "record.h"

/* How often to look, in ms, for a timeout of @timeout_ms. */
uint64_t cs_idle_tick(uint64_t timeout_ms);

/* Whose sessions, as the record has it. */
struct cs_idle {
	const char *instance;
	char class_name[CS_RECORD_CLASS_MAX];
	char user[256];
	uint64_t timeout_ms;
};

/*
 * Hang up (SIGHUP, as a lost line does) on each session of @who's container that
 * has a terminal on which nothing was typed for the timeout, and whose shell has
 * no child. A session without a terminal is never idle.
 */
void cs_idle_hang_up(int user_fd, const struct cs_idle *who);

#endif
