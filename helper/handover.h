/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handover: from the helper to the programs that it starts as root: what they
 * get is exactly what they need.
 *
 * Set-uid, real root, on the host or in the builder.
 */
#ifndef CS_HANDOVER_H
#define CS_HANDOVER_H

#include <stddef.h>

#define CS_HANDOVER_FIRST_FD 3

/* Let go of the login's terminal and pipes: descriptors 0 to 2 become /dev/null. */
int cs_handover_let_go(void);

/*
 * Move @fd above the numbers that cs_handover_exec() gives out, so that it still
 * is what it was if that fails. The new descriptor, or -errno and @fd as it was.
 */
int cs_handover_lift(int fd);

/*
 * Run @program (a descriptor) with descriptors 0 to 2, and @keep as 3, 4, … in
 * that order, and nothing else open. Returns only if it fails: -errno.
 */
int cs_handover_exec(int program, char *const arguments[], char *const environment[],
		     const int *keep, size_t count);

#endif
