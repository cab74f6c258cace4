/* SPDX-License-Identifier: GPL-3.0-or-later */
/* target: see target.h. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "strict.h"
#include "sys.h"

#define KERNEL_THREAD 0x00200000UL	/* PF_KTHREAD, linux/sched.h: field 9 of stat */

static int no(char *ret_why, size_t why_size, const char *operand, const char *why)
{
	(void)snprintf(ret_why, why_size, "%s %s", operand, why);	/* cut is enough */
	return -ENOENT;
}

/* State and flags, fields 3 and 9 of proc_pid_stat(5). */
static int read_stat(int proc_fd, char *ret_state, unsigned long *ret_flags)
{
	cs_autoclose int fd = openat(proc_fd, "stat", O_RDONLY | O_CLOEXEC);
	char text[1024], *field;
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	field = strrchr(text, ')');
	if (field == NULL || field[1] == '\0')
		return -EBADMSG;
	*ret_state = field[2];
	for (int number = 2; number < 9; number++) {
		field = strchr(field + 1, ' ');
		if (field == NULL)
			return -EBADMSG;
	}
	*ret_flags = strtoul(field + 1, NULL, 10);
	return 0;
}

/* Keep the one container whose pid namespace it is. */
static bool keep_namespace(struct cs_inventory *inventory, uint64_t namespace)
{
	for (size_t i = 0; i < inventory->count; i++) {
		struct cs_inventory_item found = inventory->items[i];

		if (found.record.init_namespace != namespace || found.state == CS_INVENTORY_DEAD)
			continue;
		inventory->items[i] = inventory->items[0];
		inventory->items[0] = found;
		for (size_t k = 1; k < inventory->count; k++)
			free(inventory->items[k].sessions);
		inventory->count = 1;
		return true;
	}
	return false;
}

static int find_process(const char *operand, pid_t pid, struct cs_inventory *ret_inventory,
			char *ret_why, size_t why_size)
{
	cs_autoclose int pidfd = cs_sys_pidfd_open(pid);
	cs_autoclose int proc_fd = -1;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	unsigned long flags = 0;
	struct stat info;
	char path[32], state = '?';
	int result;

	if (pidfd < 0)
		return no(ret_why, why_size, operand, "is not a process");
	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	proc_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0 || read_stat(proc_fd, &state, &flags) < 0)
		return no(ret_why, why_size, operand, "is not a process");
	if ((flags & KERNEL_THREAD) != 0)
		return no(ret_why, why_size, operand, "is a thread of the kernel");
	if (state == 'Z' || state == 'X')
		return no(ret_why, why_size, operand, "has ended");
	/* Of our containers root may see it: EACCES is a process beyond root's reach. */
	if (fstatat(proc_fd, "ns/pid", &info, 0) < 0)
		return no(ret_why, why_size, operand,
			  errno == ENOENT ? "has ended" : "is in no container of ours");
	result = cs_inventory_take((uid_t)-1, ret_inventory);
	if (result < 0) {
		(void)snprintf(ret_why, why_size, "cannot read the records: %s", strerror(-result));
		return result;
	}
	if (keep_namespace(ret_inventory, info.st_ino)) {
		/* SECURITY: what was read by pid is its, if it still lives. */
		if (poll(&end, 1, 0) == 0)
			return 0;
		cs_inventory_free(ret_inventory);
		return no(ret_why, why_size, operand, "has ended");
	}
	cs_inventory_free(ret_inventory);
	return no(ret_why, why_size, operand, "is in no container of ours");
}

static int find_user(const char *operand, struct cs_inventory *ret_inventory, char *ret_why,
		     size_t why_size)
{
	const struct passwd *entry;
	int result;

	errno = 0;
	entry = getpwnam(operand);
	if (entry == NULL)
		return no(ret_why, why_size, operand,
			  errno == 0 ? "is no user" : "cannot be looked up: no answer");
	result = cs_inventory_take(entry->pw_uid, ret_inventory);
	if (result < 0) {
		(void)snprintf(ret_why, why_size, "cannot read the records: %s", strerror(-result));
		return result;
	}
	if (ret_inventory->count > 0)
		return 0;
	cs_inventory_free(ret_inventory);
	return no(ret_why, why_size, operand, "has no running container");
}

int cs_target_find(const char *operand, struct cs_inventory *ret_inventory, char *ret_why,
		   size_t why_size)
{
	uint64_t pid = 0;

	if (operand[strspn(operand, "0123456789")] != '\0')
		return find_user(operand, ret_inventory, ret_why, why_size);
	if (cs_strict_u64(operand, INT32_MAX, &pid) < 0 || pid == 0)
		return no(ret_why, why_size, operand, "is not a process");
	return find_process(operand, (pid_t)pid, ret_inventory, ret_why, why_size);
}
