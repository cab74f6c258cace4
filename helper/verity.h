/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verity: an image whose content is what the configuration says, or none.
 *
 * Set-uid, real root. fs-verity, Linux 5.4: the kernel has a hash of every block of the file,
 * which can be written to no more, and checks each block that is read.
 */
#ifndef CS_VERITY_H
#define CS_VERITY_H

#include "plan.h"

/*
 * Has the file @fd, open for reading, the digest of @plan? 0; -ENODATA: it has none;
 * -ENOTTY or -EOPNOTSUPP: its file system has none; -EBADMSG: another, which the log then has.
 */
int cs_verity_check(int fd, const struct cs_plan *plan);

#endif
