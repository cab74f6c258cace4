/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mount_text: the paths of the mounts that a configuration asks for: what they
 * may have in them, and which are refused.
 *
 * Floor 1. Pure: a text in, a text or a reason out. No file is looked at; what
 * the host has at a source is for helper/source.c and lib/policy/mount_check.c.
 */
#ifndef CS_MOUNT_TEXT_H
#define CS_MOUNT_TEXT_H

#include <stddef.h>

#include "user.h"

/* What is wrong with @text as a path with %u, %h, %U and %% in it, or NULL. */
const char *cs_mount_text_fault(const char *text);

/*
 * @text with the words of @user in it. 0; -EINVAL if that is no plain path, as
 * with a user called ".."; or -ENAMETOOLONG.
 */
int cs_mount_text_expand(const char *text, const struct cs_user *user, char *ret_path,
			 size_t size);

/* Why the host's @path is not shown to anybody, or NULL. */
const char *cs_mount_text_source_fault(const char *path);
/* Why @path cannot be hidden, or NULL. */
const char *cs_mount_text_hidden_fault(const char *path);
/* Why nothing can be mounted at @path inside, or NULL. */
const char *cs_mount_text_target_fault(const char *path);

#endif
