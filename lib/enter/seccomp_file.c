/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seccomp_file: see seccomp_file.h. */
#include "seccomp_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "trust.h"

int cs_seccomp_file_read(const char *path, struct sock_filter **ret_program, size_t *ret_count)
{
	cs_autoclose int fd = -1;
	cs_autofree char *bytes = NULL;
	struct sock_filter *program;
	const char *why;
	size_t size;
	int result = cs_trust_open_file(path, &fd, &why);

	if (result == 0)
		result = cs_fd_read_all(fd, BPF_MAXINSNS * sizeof(*program), &bytes, &size);
	if (result < 0)
		return result == -EFBIG ? -EINVAL : result;
	if (size == 0 || size % sizeof(*program) != 0)
		return -EINVAL;
	program = malloc(size);
	if (program == NULL)
		return -ENOMEM;
	memcpy(program, bytes, size);
	*ret_program = program;
	*ret_count = size / sizeof(*program);
	return 0;
}
