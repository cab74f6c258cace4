/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * entries: the names in a directory, one by one.
 *
 * Floor 0. opendir(3) without its memory: a login that finds its container reads
 * two directories, and the allocation and its release cost more than that.
 */
#ifndef CS_ENTRIES_H
#define CS_ENTRIES_H

#include <stddef.h>

struct cs_entries {
	int fd;			/* the caller's */
	int error;		/* 0, or -errno of what ended it too early */
	size_t at, size;	/* in buffer */
	union {
		char buffer[2048];
		long long aligned;
	};
};

/* Begin, from the first name, whatever was read of @fd before; it stays the caller's. */
void cs_entries_begin(struct cs_entries *entries, int fd);

/*
 * The next name, "." and ".." left out; NULL at the end, or with @entries->error
 * set. It is gone with the next call.
 */
const char *cs_entries_next(struct cs_entries *entries);

#endif
