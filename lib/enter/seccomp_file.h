/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seccomp_file: a system call filter of the administrator's, seccomp = FILE.
 *
 * Floor 2. An array of struct sock_filter (linux/filter.h) of this machine's byte order
 * and nothing else, which is what seccomp_export_bpf(3) writes. Read on the host, as root,
 * before the container is entered: nothing inside has a say.
 */
#ifndef CS_SECCOMP_FILE_H
#define CS_SECCOMP_FILE_H

#include <linux/filter.h>
#include <stddef.h>

/*
 * The program in @path, a file of root's alone (trust.h); *@ret_program is the caller's to
 * free. 0; -EPERM: others can write to it; -EINVAL: not 1 to 4096 whole instructions; -errno.
 * Whether it is a program that makes sense is the kernel's to say when it is loaded.
 */
int cs_seccomp_file_read(const char *path, struct sock_filter **ret_program, size_t *ret_count);

#endif
