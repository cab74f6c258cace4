/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: what a container's processes take, and which they are.
 *
 * From its control group; on a host without cgroup v2 from /proc. As root, who
 * may look at every process; reads only.
 */
#ifndef CS_USAGE_H
#define CS_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record.h"

struct cs_usage {
	bool has_processes, has_memory, has_cpu, has_peak, has_kills;
	uint64_t processes;
	uint64_t memory;	/* bytes: memory.current; without a controller the sum of RSS */
	uint64_t peak;		/* bytes: memory.peak, Linux 5.19 */
	uint64_t kills;		/* of processes, as there was no memory left */
	uint64_t cpu_us;	/* of those that have ended too; without a group of those that live */
};

struct cs_process {
	pid_t pid, parent;
	uint64_t namespace;	/* inode of its pid namespace */
	uint64_t rss, cpu_us;
	char state;
	char name[17];
};

struct cs_processes {
	struct cs_process *list;	/* owned; by pid */
	size_t count;
	int groups_fd;			/* the root of all groups; 0: not looked for yet */
};

/* Every process of the host that we may look at. 0 or -errno. */
int cs_usage_scan(struct cs_processes *ret_processes);
void cs_usage_free(struct cs_processes *processes);

/*
 * What the container of @record takes. @processes is scanned when it is needed
 * and still empty, and kept for the next call.
 */
void cs_usage_of(const struct cs_record *record, struct cs_processes *processes,
		 struct cs_usage *ret_usage);

/* "1.5G", "12s", "3d 4h": for people. @ret_text of at least 24 bytes. */
void cs_usage_print_size(uint64_t bytes, char *ret_text, size_t size);
void cs_usage_print_time(uint64_t ms, char *ret_text, size_t size);

#endif
