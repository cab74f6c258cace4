/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root: the container's root directory, from its making to the host's being let go of.
 *
 * Set-uid, real root; the image is opened in the monitor to be, the rest is the
 * builder's. What is put into it in between is etc.c's and mounts.c's.
 */
#ifndef CS_ROOT_H
#define CS_ROOT_H

#include "step.h"

/* BEFORE: hold the image that the plan names; nothing with root = host. */
int cs_root_open_image(const struct cs_plan *plan, struct cs_run *run);
/* BEFORE: has it the fs-verity digest of the plan, if there is one? -EBADMSG, and a line in the log: another. */
int cs_root_verify_image(const struct cs_plan *plan, struct cs_run *run);
/* BEFORE: from here on run->image_fd is a detached mount. */
int cs_root_attach_image(const struct cs_plan *plan, struct cs_run *run);
/* BEFORE: with a user namespace, the image's owners are those of the same ids inside. */
int cs_root_map_owners(const struct cs_plan *plan, struct cs_run *run);
/*
 * BUILD: the new root, attached where only this process can see it: a tmpfs, or an
 * overlay of the image and a tmpfs, in which what is missing can be made.
 */
int cs_root_make(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: it becomes read-only, unless the plan says that it can be written to. */
int cs_root_seal(const struct cs_plan *plan, struct cs_run *run);
/* BUILD: make it this process's root; the host's is still there, below it. */
int cs_root_enter(const struct cs_plan *plan, struct cs_run *run);
/* INSIDE: let go of the host's. */
int cs_root_leave_host(const struct cs_plan *plan, struct cs_run *run);

#endif
