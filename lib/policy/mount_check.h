/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mount_check: would the mounts that a class asks for work on this host?
 *
 * Floor 1, for --check-config: no program of a login links it. At a login the
 * helper looks itself, at what it then shows: helper/source.c.
 */
#ifndef CS_MOUNT_CHECK_H
#define CS_MOUNT_CHECK_H

#include "conf.h"

/*
 * Look at each source of @class, as far as it is the same for all users, and
 * at a plan for a user that there is not. What is wrong is added to @problems,
 * with file, line and key. What the caller may not see is not judged. 0 or -ENOMEM.
 */
int cs_mount_check(const struct cs_conf_class *class, struct cs_conf_problems *problems);

#endif
