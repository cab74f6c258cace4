/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stop: the end of containers.
 *
 * container-shell --stop USER|PID|--all [--message TEXT]. As root.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin.h"
#include "fd.h"
#include "log.h"
#include "stop.h"
#include "strict.h"
#include "target.h"

#define MESSAGE_MAX 1024

/* As wall(1) does it: never waits for a terminal that does not take more. */
static void tell_terminal(const struct cs_roster_entry *entry, const char *message)
{
	char path[80], text[4 * MESSAGE_MAX + 64], safe[4 * MESSAGE_MAX];
	cs_autoclose int fd = -1;
	int length;

	/* SECURITY: the name is root's note of what ttyname(3) said; it names a terminal, or nothing. */
	if ((strncmp(entry->tty, "pts/", 4) != 0 && strncmp(entry->tty, "tty", 3) != 0) ||
	    strstr(entry->tty, "..") != NULL)
		return;
	(void)snprintf(path, sizeof(path), "/dev/%s", entry->tty);
	fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || isatty(fd) != 1)
		return;
	cs_strict_escape(message, strlen(message), safe, sizeof(safe));
	length = snprintf(text, sizeof(text), "\r\n\r\ncontainer-shell: %s\r\n\r\n", safe);
	(void)!write(fd, text, (size_t)length);	/* it is gone or full: nobody is there to read */
}

static void tell(const struct cs_inventory_item *item, const char *message)
{
	for (size_t i = 0; i < item->session_count; i++)
		tell_terminal(&item->sessions[i], message);
}

static int complain(const struct cs_record *record, int result)
{
	cs_log_user("cannot stop the container of %s, class %s: %s", record->user,
		    record->class_name, strerror(-result));
	return CS_ADMIN_FAILED;
}

/* One for each container: the soft limit, of 1024 mostly, is for select(2), which we do not use. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);	/* cannot fail below the hard one */
}

/* All at once, then wait for all. */
static int stop_all(const struct cs_inventory *inventory, const char *message)
{
	int *monitors = calloc(inventory->count + 1, sizeof(monitors[0]));
	int status = 0;

	allow_descriptors();
	if (monitors == NULL) {
		cs_log_user("cannot stop containers: %s", strerror(ENOMEM));
		return CS_ADMIN_FAILED;
	}
	for (size_t i = 0; i < inventory->count; i++) {
		if (message != NULL)
			tell(&inventory->items[i], message);
		monitors[i] = cs_stop_tell(&inventory->items[i].record);
	}
	for (size_t i = 0; i < inventory->count; i++) {
		const struct cs_record *record = &inventory->items[i].record;
		int result = monitors[i];

		if (result >= 0)
			result = cs_stop_wait(record, monitors[i]);
		if (result < 0 && result != -ESRCH)	/* that one has ended by itself */
			status = complain(record, result);
	}
	free(monitors);
	return status;
}

int cs_stop(char *const operands[])
{
	const char *message = NULL, *operand = NULL;
	struct cs_inventory inventory;
	char why[256];
	int result;

	for (size_t i = 0; operands[i] != NULL; i++) {
		if (strcmp(operands[i], "--message") == 0 && message == NULL && operands[i + 1] != NULL)
			message = operands[++i];
		else if (operand == NULL && (operands[i][0] != '-' || strcmp(operands[i], "--all") == 0))
			operand = operands[i];
		else
			return cs_admin_usage("--stop takes a USER, a PID or --all, and --message TEXT");
	}
	if (operand == NULL)
		return cs_admin_usage("--stop takes a USER, a PID or --all, and --message TEXT");
	if (message != NULL && strlen(message) >= MESSAGE_MAX)
		return cs_admin_usage("the message is longer than 1023 bytes");
	if (!cs_admin_is_root("stop a container"))
		return CS_ADMIN_FAILED;
	if (strcmp(operand, "--all") == 0) {
		result = cs_inventory_take((uid_t)-1, &inventory);
		(void)snprintf(why, sizeof(why), "cannot read the records: %s", strerror(-result));
	} else {
		result = cs_target_find(operand, &inventory, why, sizeof(why));
	}
	if (result < 0) {
		cs_log_user("cannot stop a container: %s", why);
		return CS_ADMIN_FAILED;
	}
	result = stop_all(&inventory, message);
	cs_inventory_free(&inventory);
	return result;
}
