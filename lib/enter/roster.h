/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * roster: who is in a container now, one slot per session.
 *
 * Floor 2. The file "sessions" beside the record. A slot is taken as long as
 * its byte is locked (F_OFD_SETLK, fcntl(2)): by the descriptor that the waiting
 * process of the session holds, and so no longer than that one lives, however
 * it ends. What a slot says is believed only while it is taken.
 */
#ifndef CS_ROSTER_H
#define CS_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cs_roster_entry {
	uint64_t since_ms;	/* CLOCK_REALTIME */
	int32_t pid;		/* the process that waits outside */
	uint32_t by_admin;	/* an entry, not a login */
	char tty[64];		/* "pts/3", or "" */
	char from[128];		/* remote address, or "" */
};

/* Take a slot. The caller has the user's lock. *@ret_fd is the slot: close it to leave. */
int cs_roster_join(int user_fd, const char *instance, const struct cs_roster_entry *entry,
		   int *ret_fd);

/* Open for reading: a descriptor, or -errno. -ENOENT: nobody has ever been in. */
int cs_roster_open(int user_fd, const char *instance);
/* Slot @number: 1 and *@ret_entry if it is taken, 0 if not, -ENOENT past the last, or -errno. */
int cs_roster_read(int fd, size_t number, struct cs_roster_entry *ret_entry);
/* How many slots logins have taken, entries of administrators apart; 0 without a roster. Or -errno. */
int cs_roster_count(int user_fd, const char *instance);

#endif
