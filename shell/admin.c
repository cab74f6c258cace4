/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin: the administrator's command line, container-shell-admin.
 *
 * container-shell hands over to it whatever starts with "--". Runs as the
 * caller, with no privilege, on the host. Must not hold policy: an option is a
 * row of the table here, and its work is in the file of its name.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "log.h"

static int help(char *const operands[]);
static int version(char *const operands[]);

/* One row per command. Its own file checks what follows. */
static const struct row {
	const char *name;
	const char *operands;	/* as --help shows them */
	int (*run)(char *const operands[]);
	const char *help;
} rows[] = {
	{ "list", "[--json]", cs_list, "list the containers that run" },
	{ "status", "[USER|PID] [--json]", cs_status, "show a container in full; inside: this one" },
	{ "enter", "USER|PID [-- COMMAND]", cs_enter, "start a shell, or COMMAND, in a container" },
	{ "stop", "USER|PID|--all", cs_stop, "end a container" },
	{ "explain", "[USER]", cs_explain, "show the container of USER, or yours, and why" },
	{ "check-config", "", cs_check_config, "say whether the configuration is valid" },
	{ "doctor", "[--json]", cs_doctor, "name what lets users past their containers" },
	{ "help", "", help, "show this help" },
	{ "version", "", version, "show the version" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

int cs_admin_usage(const char *why)
{
	cs_log_user("%s; see container-shell --help", why);
	return CS_ADMIN_USAGE;
}

bool cs_admin_is_root(const char *what)
{
	if (geteuid() == 0)
		return true;
	cs_log_user("cannot %s: only root can", what);
	return false;
}

static int help(char *const operands[])
{
	char left[48];

	if (operands[0] != NULL)
		return cs_admin_usage("too many arguments");
	printf("Usage: container-shell [-l] [-c COMMAND]\n"
	       "       container-shell OPTION\n"
	       "Start your login shell, or COMMAND, in your container.\n\n");
	for (size_t i = 0; i < ROWS; i++) {
		(void)snprintf(left, sizeof(left), "--%s %s", rows[i].name, rows[i].operands);	/* fits */
		printf("  %-32s %s\n", left, rows[i].help);
	}
	return 0;
}

static int version(char *const operands[])
{
	if (operands[0] != NULL)
		return cs_admin_usage("too many arguments");
	printf("container-shell %s\n", CS_VERSION);
	return 0;
}

/* Whole names only. No getopt_long(3): what follows is each command's own. */
static const struct row *find(const char *word)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, rows[i].name) == 0)
			return &rows[i];
	return NULL;
}

int main(int argc, char *argv[])
{
	const struct row *row = argc < 2 ? NULL : find(argv[1]);
	int status;

	if (row == NULL)
		return cs_admin_usage("there is no such option");
	status = row->run(argv + 2);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		cs_log_user("cannot write to standard output");
		return CS_ADMIN_FAILED;
	}
	return status;
}
