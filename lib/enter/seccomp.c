/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp: see seccomp.h. */
#include "seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp_filter.h"

int cs_seccomp_install(void)
{
	/* The kernel only reads the program; its structure lacks the const. */
	const union {
		const struct sock_filter *constant;
		struct sock_filter *plain;
	} program = { .constant = cs_seccomp_filter };
	const struct sock_fprog filter = {
		.len = sizeof(cs_seccomp_filter) / sizeof(cs_seccomp_filter[0]),
		.filter = program.plain,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0 ? -errno : 0;
}
