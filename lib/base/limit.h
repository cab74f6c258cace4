/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limit: what a container, and a session in it, may take: the kinds of limits,
 * and which values each can have.
 *
 * Floor 0. Data, and a check of it. Who carries them out: helper/limits.c for
 * the control group, lib/enter/rlimits.c for sessions.
 */
#ifndef CS_LIMIT_H
#define CS_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum cs_limit_kind {
	/* of the container's control group, in the order in which they are set */
	CS_LIMIT_MEMORY_MAX,
	CS_LIMIT_MEMORY_HIGH,
	CS_LIMIT_SWAP_MAX,
	CS_LIMIT_OOM_GROUP,	/* 1: all processes end together */
	CS_LIMIT_PIDS_MAX,
	CS_LIMIT_CPU_WEIGHT,	/* 0: idle */
	CS_LIMIT_CPU_QUOTA,	/* per cent of one processor */
	CS_LIMIT_IO_WEIGHT,
	/* of each session */
	CS_LIMIT_NICE,		/* 0 is -20 */
	CS_LIMIT_OOM_SCORE,	/* 0 is -1000 */
	/* of each of its processes, setrlimit(2) */
	CS_LIMIT_AS,
	CS_LIMIT_CORE,
	CS_LIMIT_CPU,		/* seconds */
	CS_LIMIT_DATA,
	CS_LIMIT_FSIZE,
	CS_LIMIT_MEMLOCK,
	CS_LIMIT_MSGQUEUE,
	CS_LIMIT_NOFILE,
	CS_LIMIT_NPROC,
	CS_LIMIT_SIGPENDING,
	CS_LIMIT_STACK,
	CS_LIMIT_KINDS,
};
#define CS_LIMIT_OF_SESSION CS_LIMIT_NICE	/* from here on */
#define CS_LIMIT_OF_PROCESS CS_LIMIT_AS		/* and from here on */
#define CS_LIMIT_SESSION_MAX (CS_LIMIT_KINDS - CS_LIMIT_OF_SESSION)

#define CS_LIMIT_NICE_OFFSET 20
#define CS_LIMIT_OOM_SCORE_OFFSET 1000
#define CS_LIMIT_INFINITY UINT64_MAX		/* which is RLIM_INFINITY, too */

enum cs_limit_form {
	CS_LIMIT_NONE,		/* it is not limited, or as it was */
	CS_LIMIT_NUMBER,
	CS_LIMIT_PERCENT,	/* of the host's memory, or of its swap */
};

struct cs_limit {
	uint32_t kind;
	uint32_t form;
	uint64_t soft, hard;	/* the same but for setrlimit(2) */
};

/* Is it a limit, of a kind and form that there is, with a value that it can have? */
bool cs_limit_is_sound(const struct cs_limit *limit);

#endif
