/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entries: see entries.h. getdents(2); glibc and musl differ in their names for it. */
#include "entries.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct linux_dirent64. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t size;		/* of this entry, the next one follows */
	uint8_t type;
	char name[];
};

void cs_entries_begin(struct cs_entries *entries, int fd)
{
	entries->fd = fd;
	entries->at = entries->size = 0;
	entries->error = lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int read_more(struct cs_entries *entries)
{
	long got = syscall(SYS_getdents64, entries->fd, entries->buffer, sizeof(entries->buffer));

	entries->at = 0;
	entries->size = got > 0 ? (size_t)got : 0;
	/* A directory that has been removed meanwhile is empty, as readdir(3) has it. */
	return got < 0 && errno != ENOENT ? -errno : 0;
}

const char *cs_entries_next(struct cs_entries *entries)
{
	while (entries->error == 0) {
		const struct entry *entry;

		if (entries->at == entries->size) {
			entries->error = read_more(entries);
			if (entries->size == 0)
				return NULL;
		}
		entry = (const struct entry *)(const void *)(entries->buffer + entries->at);
		entries->at += entry->size;
		if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0)
			return entry->name;
	}
	return NULL;
}
