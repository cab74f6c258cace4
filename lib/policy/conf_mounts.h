/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_mounts: the mounts that a class asks for, in whatever form: expose, share
 * and the lines of fstab become one list, in the order of mounting.
 *
 * Floor 1. Judges what can be judged without a user and without the host.
 */
#ifndef CS_CONF_MOUNTS_H
#define CS_CONF_MOUNTS_H

#include "conf.h"

/*
 * Fill @class's list from its keys expose, share and hide. What is wrong is added to
 * @problems, with file, line and key. 0 or -ENOMEM.
 */
int cs_conf_mounts_gather(struct cs_conf_class *class, struct cs_conf_problems *problems);

/* Add a copy of @mount. 0, -E2BIG if the class has as many as it may, or -ENOMEM. */
int cs_conf_mounts_add(struct cs_conf_class *class, const struct cs_conf_mount *mount);

/* Release the list. */
void cs_conf_mounts_free(struct cs_conf_class *class);

#endif
