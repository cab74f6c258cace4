/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit: see limit.h. */
#include "limit.h"

#define SIZE_MAX_SET ((uint64_t)INT64_MAX)

/* A size may be a part of the host's; of a process, it may be none. */
static const struct bounds {
	uint64_t min, max;
	bool percent, infinity;
} bounds[] = {
	[CS_LIMIT_MEMORY_MAX] = { UINT64_C(1) << 20, SIZE_MAX_SET, .percent = true },
	[CS_LIMIT_MEMORY_HIGH] = { UINT64_C(1) << 20, SIZE_MAX_SET, .percent = true },
	[CS_LIMIT_SWAP_MAX] = { 0, SIZE_MAX_SET, .percent = true },
	[CS_LIMIT_OOM_GROUP] = { 1, 1 },
	[CS_LIMIT_PIDS_MAX] = { 2, 4194304 },		/* PID_MAX_LIMIT, linux/threads.h; init, and one */
	[CS_LIMIT_CPU_WEIGHT] = { 0, 10000 },
	[CS_LIMIT_CPU_QUOTA] = { 1, 100 * 8192 },	/* as many processors as Linux can have */
	[CS_LIMIT_IO_WEIGHT] = { 1, 10000 },
	[CS_LIMIT_NICE] = { 0, 39 },
	[CS_LIMIT_OOM_SCORE] = { 0, 2000 },
	[CS_LIMIT_AS] = { 0, SIZE_MAX_SET, .infinity = true },
	[CS_LIMIT_CORE] = { 0, SIZE_MAX_SET, .infinity = true },
	[CS_LIMIT_CPU] = { 1, UINT32_MAX, .infinity = true },
	[CS_LIMIT_DATA] = { 0, SIZE_MAX_SET, .infinity = true },
	[CS_LIMIT_FSIZE] = { 0, SIZE_MAX_SET, .infinity = true },
	[CS_LIMIT_MEMLOCK] = { 0, SIZE_MAX_SET, .infinity = true },
	[CS_LIMIT_MSGQUEUE] = { 0, SIZE_MAX_SET, .infinity = true },
	[CS_LIMIT_NOFILE] = { 3, UINT32_MAX },		/* the kernel has no infinity here */
	[CS_LIMIT_NPROC] = { 1, UINT32_MAX, .infinity = true },
	[CS_LIMIT_SIGPENDING] = { 0, UINT32_MAX, .infinity = true },
	[CS_LIMIT_STACK] = { 0, SIZE_MAX_SET, .infinity = true },
};
_Static_assert(sizeof(bounds) / sizeof(bounds[0]) == CS_LIMIT_KINDS, "each kind has its bounds");

static bool is_within(const struct bounds *of, uint64_t value)
{
	return (value >= of->min && value <= of->max) ||
	       (of->infinity && value == CS_LIMIT_INFINITY);
}

bool cs_limit_is_sound(const struct cs_limit *limit)
{
	const struct bounds *of;

	if (limit->kind >= CS_LIMIT_KINDS)
		return false;
	of = &bounds[limit->kind];
	if (limit->soft > limit->hard ||
	    (limit->kind < CS_LIMIT_OF_PROCESS && limit->soft != limit->hard))
		return false;
	if (limit->form == CS_LIMIT_PERCENT)
		return of->percent && limit->hard >= 1 && limit->hard <= 100;
	return limit->form == CS_LIMIT_NUMBER && is_within(of, limit->soft) &&
	       is_within(of, limit->hard);
}
