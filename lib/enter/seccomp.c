/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp: see seccomp.h. */
#include "seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp_filter.h"

int cs_seccomp_load(const struct sock_filter *instructions, size_t count)
{
	/* The kernel only reads the program; its structure lacks the const. */
	const union {
		const struct sock_filter *constant;
		struct sock_filter *plain;
	} program = { .constant = instructions };
	const struct sock_fprog filter = {
		.len = (unsigned short)count,
		.filter = program.plain,
	};

	if (count == 0 || count > BPF_MAXINSNS)
		return -EINVAL;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0 ? -errno : 0;
}

int cs_seccomp_install(bool nested)
{
	if (nested)
		return cs_seccomp_load(cs_seccomp_nested,
				       sizeof(cs_seccomp_nested) / sizeof(cs_seccomp_nested[0]));
	return cs_seccomp_load(cs_seccomp_session,
			       sizeof(cs_seccomp_session) / sizeof(cs_seccomp_session[0]));
}
