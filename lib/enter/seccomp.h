/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp: the system call filters, of every process inside and of init.
 *
 * Floor 2. The filters are data: seccomp_filter.h, which seccomp_compile.c makes
 * from seccomp_table.h when the project is built. libseccomp itself is not linked
 * into anything that is installed.
 */
#ifndef CS_SECCOMP_H
#define CS_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Put this process, and all that it starts, under a filter for good. Needs
 * no_new_privs (seccomp(2)). 0 or -errno.
 */
int cs_seccomp_load(const struct sock_filter *instructions, size_t count);

/*
 * The session's filter, @nested: the one that lets it make namespaces. Comes last: it
 * refuses calls that the steps before it make.
 */
int cs_seccomp_install(bool nested);

#endif
