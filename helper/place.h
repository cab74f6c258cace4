/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place: where a mount goes that the configuration asks for, and what lies over
 * what it hides.
 *
 * Set-uid, real root, in the builder. The new root is attached, the old one not
 * yet gone, so every path is taken from its descriptor. Nothing is made on the host.
 */
#ifndef CS_PLACE_H
#define CS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

/* Where the last of these was put, as it is often the next one's place, too. Start with -1. */
struct cs_where {
	int fd;			/* the directory; -1: none yet */
	const char *path;	/* the plan's, of @length bytes up to the directory's end */
	size_t length;
};

/*
 * The mount point of @mount below @root_fd, a descriptor of O_PATH. It is made,
 * a file or a directory, if it is not there and not to be in place. 0 or -errno.
 */
int cs_place_find(const struct cs_mount *mount, int root_fd, bool is_file,
		  struct cs_where *where, int *ret_fd);

/*
 * The mount point of one of the container's own in an image, a directory: no link is
 * followed, not within the image either. It is made unless it is to be in place. 0 or -errno.
 */
int cs_place_find_own(const struct cs_mount *mount, int root_fd, int *ret_fd);

/* The same, if it is there. A descriptor or -errno. */
int cs_place_open(const struct cs_mount *mount, int root_fd);

/* What lies over a hidden file or directory, mounted nowhere yet. 0 or -errno. */
int cs_place_make_cover(int root_fd, bool is_file, int *ret_tree);

#endif
