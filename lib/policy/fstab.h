/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fstab: the file that the key fstab names, line by line, as fstab(5) has it.
 *
 * Floor 1. A file of the configuration: root's, like the others, and checked on
 * the descriptor that is read. Read by getmntent(3).
 */
#ifndef CS_FSTAB_H
#define CS_FSTAB_H

#include "conf.h"

#define CS_FSTAB_LAYERS_MAX 8	/* lower directories of one overlay */

/*
 * Read the file that @class names, if it names one, and add what it says to the
 * mounts of @class. What is wrong is added to @problems, with file, line and
 * field. 0, or -ENOMEM.
 */
int cs_fstab_load(struct cs_conf_class *class, struct cs_conf_problems *problems);

/* The same from the @size bytes of @data. */
int cs_fstab_take(struct cs_conf_class *class, const char *data, size_t size,
		  struct cs_conf_problems *problems);

#endif
