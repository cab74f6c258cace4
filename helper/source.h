/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source: opening what a bind shows, on the host.
 *
 * Set-uid, real root, in the monitor to be. Nothing is read and nothing waited
 * for: O_PATH. Who may write on the way to a source is who chooses what is
 * shown, so that way is looked at, component by component and by descriptor.
 */
#ifndef CS_SOURCE_H
#define CS_SOURCE_H

#include <sys/stat.h>

#include "caller.h"
#include "plan.h"

/*
 * The directory that the source before was found in, as it often is the next
 * one's, too: looked at once. Start with CS_WAY_NONE, end with cs_source_end().
 */
struct cs_way {
	int fd;			/* -1: none yet */
	const char *path;	/* the plan's, of @length bytes up to the directory's end */
	size_t length;
	struct stat info;
};

#define CS_WAY_NONE { .fd = -1 }

void cs_source_end(struct cs_way *way);

/*
 * The source of @mount, a descriptor of O_PATH, or -errno. What the
 * configuration asks for (CS_MOUNT_GIVEN) is, if it lies in the home of @plan,
 * opened with the user's rights; else every directory above it must be one in
 * which nobody but root can exchange it, or -EPERM. No link is followed there.
 */
int cs_source_open(const struct cs_plan *plan, const struct cs_mount *mount,
		   const struct cs_caller *caller, struct cs_way *way);

#endif
