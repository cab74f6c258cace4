/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mounts: the plan's mounts, made and put in place.
 *
 * Set-uid, real root. Everything goes through descriptors; /proc/self/mountinfo
 * is never read, so that a login costs the same however many mounts there are.
 */
#ifndef CS_MOUNTS_H
#define CS_MOUNTS_H

#include "step.h"

/* BEFORE: open each bind's source on the host and copy it, detached. */
int cs_mounts_find_sources(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: into the new root, in the plan's order. */
int cs_mounts_place(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: the plan's links, and what tells programs that this is a container. */
int cs_mounts_place_links(const struct cs_plan *plan, struct cs_run *run);
int cs_mounts_place_marks(const struct cs_plan *plan, struct cs_run *run);

#endif
