/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * overlay: the overlays of a plan, each of the layers that have its target.
 *
 * Set-uid, real root, in the monitor to be, where /proc is the host's: the file
 * system takes its layers by name, so it is given /proc/self/fd/N, and what is
 * held is what is shown.
 */
#ifndef CS_OVERLAY_H
#define CS_OVERLAY_H

#include "plan.h"
#include "step.h"

/* Make @overlay of the layers in @sources, by number of the plan's mounts. 0 or -errno. */
int cs_overlay_make(const struct cs_plan *plan, const struct cs_mount *overlay,
		    const struct cs_source *sources, int *ret_mount);

#endif
