/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp: the system call filter of every process inside.
 *
 * Floor 2. The filter is data: seccomp_filter.h, which seccomp_compile.c makes
 * from seccomp_table.h with libseccomp when the project is built. libseccomp
 * itself is not linked into anything that is installed.
 */
#ifndef CS_SECCOMP_H
#define CS_SECCOMP_H

/*
 * Put this process, and all that it starts, under the filter for good. Needs
 * no_new_privs (seccomp(2)). Comes last: the filter refuses calls that the
 * steps before it make. 0 or -errno.
 */
int cs_seccomp_install(void);

#endif
