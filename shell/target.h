/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * target: from what the administrator says, a user or a process, to containers.
 *
 * As root.
 */
#ifndef CS_TARGET_H
#define CS_TARGET_H

#include "inventory.h"

/*
 * The containers that @operand means: all of a login name, or the one that the
 * process of a pid (as the host sees it) is in. 0 with at least one; -ENOENT with
 * a line in @ret_why (at least 256 bytes) that says why there is none; or -errno,
 * with a line as well. A pid is checked while a pidfd holds it: it cannot be
 * another process by the time we look.
 */
int cs_target_find(const char *operand, struct cs_inventory *ret_inventory, char *ret_why,
		   size_t why_size);

#endif
