/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root: the container's root directory, from its making to the host's being let go of.
 *
 * Set-uid, real root, in the builder. What is put into it in between is mounts.c's.
 */
#ifndef CS_ROOT_H
#define CS_ROOT_H

#include "step.h"

/* BUILD: the new root, a tmpfs, attached where only this process can see it. */
int cs_root_make(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: it becomes read-only. */
int cs_root_seal(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: make it this process's root; the host's is still there, below it. */
int cs_root_enter(const struct cs_plan *plan, struct cs_run *run);
/* INSIDE: let go of the host's. */
int cs_root_leave_host(const struct cs_plan *plan, struct cs_run *run);

#endif
