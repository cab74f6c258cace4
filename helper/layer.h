/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layer: what is written to an image for good, with writable = persistent.
 *
 * Set-uid, real root, in the monitor to be, on the host. CS_LAYERSDIR/UID/CLASS/STATE/
 * has "upper" and "work" of an overlay. STATE stands for the image as it is and for
 * the ids of the container: another image, or the same after an update, gets another
 * layer, and the one before is kept. CS_LAYERSDIR/UID/CLASS is the lock (flock(2))
 * under which one container at a time has it.
 */
#ifndef CS_LAYER_H
#define CS_LAYER_H

#include "step.h"

/* Set @run->layer_name for the image that @image_fd holds, while it is opened. 0 or -errno. */
int cs_layer_name(const struct cs_plan *plan, int image_fd, struct cs_run *run);

/*
 * BEFORE, after the image has been opened: hold the layer, made if it is not there, and
 * its lock. Nothing with another value of writable. -EBUSY: another container has it, and
 * has not ended within LAYER_TIMEOUT_MS; -EPERM: somebody else than root could reach it.
 */
int cs_layer_open(const struct cs_plan *plan, struct cs_run *run);

#endif
