/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * enter: the administrator's way into a running container.
 *
 * container-shell --enter USER|PID [--user NAME] [--shell SH] [-- COMMAND…]. As
 * root: finds out which container is meant and hands over to the helper, which
 * goes in as every session does. The administrator's terminal never goes in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "log.h"
#include "relay.h"
#include "strict.h"
#include "target.h"

#define FAILED 125	/* as when a login is refused: other numbers are the command's */

struct call {
	const char *operand, *user, *shell;
	char *const *command;	/* NULL: none */
};

static int parse(char *const operands[], struct call *ret_call)
{
	struct call call = { 0 };

	for (size_t i = 0; operands[i] != NULL; i++) {
		const char *next = operands[i + 1];

		if (strcmp(operands[i], "--") == 0 && next != NULL) {
			call.command = operands + i + 1;
			break;
		}
		if (strcmp(operands[i], "--user") == 0 && next != NULL && call.user == NULL)
			call.user = operands[++i];
		else if (strcmp(operands[i], "--shell") == 0 && next != NULL && call.shell == NULL)
			call.shell = operands[++i];
		else if (operands[i][0] != '-' && call.operand == NULL)
			call.operand = operands[i];
		else
			return -EINVAL;
	}
	/* A shell and a command: then it is for the command to name the shell. */
	if (call.operand == NULL || (call.shell != NULL && call.command != NULL) ||
	    (call.shell != NULL && !cs_strict_is_path(call.shell)))
		return -EINVAL;
	*ret_call = call;
	return 0;
}

static int refuse(const char *why)
{
	cs_log_user("cannot enter a container: %s", why);
	return FAILED;
}

/* What is left of one that was killed does not make the answer unclear. */
static void forget_dead(struct cs_inventory *inventory)
{
	size_t kept = 0;

	for (size_t i = 0; i < inventory->count; i++) {
		struct cs_inventory_item item = inventory->items[i];

		if (item.state == CS_INVENTORY_DEAD)
			continue;
		inventory->items[i] = inventory->items[kept];
		inventory->items[kept++] = item;
	}
	if (kept == 0)
		return;		/* then it is said that it has ended */
	for (size_t i = kept; i < inventory->count; i++)
		free(inventory->items[i].sessions);
	inventory->count = kept;
}

/* Is the user meant, or root, where there is one? With identity = root they are one. */
static bool is_for_root(const struct call *call)
{
	return call->user != NULL && strcmp(call->user, "root") == 0;
}

static const char *why_not(const struct call *call, const struct cs_inventory *inventory)
{
	static char why[512];
	const struct cs_record *record = &inventory->items[0].record;

	if (inventory->count > 1) {
		(void)snprintf(why, sizeof(why), "%s has %zu; say which by a PID, see --list",
			       record->user, inventory->count);
		return why;
	}
	if (inventory->items[0].state == CS_INVENTORY_DEAD)
		return "it has ended";
	if (is_for_root(call) && record->root_uid == 0)
		return "it has no root: its identity is host";
	if (!is_for_root(call) && call->user != NULL && strcmp(call->user, record->user) != 0) {
		(void)snprintf(why, sizeof(why), "there is nobody but %s in it", record->user);
		return why;
	}
	return NULL;
}

static int become_helper(const struct call *call, const struct cs_record *record)
{
	static char name[] = "container-shell-helper", verb[] = "enter", login[] = "-l";
	static char shell[] = "-s", root[] = "-r", dashes[] = "--";
	char uid[16], instance[CS_RECORD_INSTANCE_MAX];
	char *terminal = getenv("TERM"), *environment[2] = { NULL };
	size_t count = 0, used = 0;
	char **arguments;

	while (call->command != NULL && call->command[count] != NULL)
		count++;
	arguments = calloc(count + 11, sizeof(arguments[0]));
	if (arguments == NULL || (terminal != NULL && asprintf(&environment[0], "TERM=%s", terminal) < 0))
		return refuse(strerror(ENOMEM));
	(void)snprintf(uid, sizeof(uid), "%u", record->uid);
	(void)snprintf(instance, sizeof(instance), "%s", record->instance);
	arguments[used++] = name;
	arguments[used++] = verb;
	arguments[used++] = uid;
	arguments[used++] = instance;
	if (call->command == NULL)
		arguments[used++] = login;
	if (is_for_root(call))
		arguments[used++] = root;
	if (call->shell != NULL) {
		arguments[used++] = shell;
		arguments[used] = strdup(call->shell);
		if (arguments[used++] == NULL)
			return refuse(strerror(ENOMEM));
	}
	if (call->command != NULL)
		arguments[used++] = dashes;
	for (size_t i = 0; i < count; i++)
		arguments[used++] = call->command[i];
	execve(CS_LIBEXECDIR "/container-shell-helper", arguments, environment);
	return refuse(strerror(errno));
}

/* As of a login: what runs inside opens it by its name. The admin's own stays the admin's. */
static void give_terminal(uid_t uid)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd) == 1)
			(void)!fchown(fd, uid, (gid_t)-1);	/* then by its descriptor only */
}

int cs_enter(char *const operands[])
{
	struct cs_inventory inventory;
	struct call call;
	char why[256];
	int result;

	if (parse(operands, &call) < 0)
		return cs_admin_usage("--enter takes a USER or a PID, --user NAME, and --shell PATH "
				      "or -- COMMAND");
	if (!cs_admin_is_root("enter a container"))
		return FAILED;
	if (cs_target_find(call.operand, &inventory, why, sizeof(why)) < 0)
		return refuse(why);
	forget_dead(&inventory);
	if (why_not(&call, &inventory) != NULL)
		return refuse(why_not(&call, &inventory));
	if (cs_relay_is_possible()) {
		result = cs_relay_start();
		if (result < 0)
			return refuse(strerror(-result));
		give_terminal(is_for_root(&call) ? inventory.items[0].record.root_uid :
						   inventory.items[0].record.uid);
	}
	return become_helper(&call, &inventory.items[0].record);
}
