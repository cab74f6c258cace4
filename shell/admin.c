/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin: the administrator's command line, container-shell-admin.
 *
 * container-shell hands over to it whatever starts with "--". Runs as the
 * caller, with no privilege, on the host. Must not hold policy: an option is a
 * row of the table here, and its work is in the file of its name.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "log.h"

static int help(const char *operand);
static int version(const char *operand);

/* One row per option; at most one word follows it. */
static const struct row {
	const char *name;
	const char *operand;	/* as --help shows it; NULL: takes none */
	int (*run)(const char *operand);
	const char *help;
} rows[] = {
	{ "check-config", NULL, cs_check_config, "say whether the configuration is valid" },
	{ "explain", "[USER]", cs_explain, "show the container of USER, or yours, and why" },
	{ "help", NULL, help, "show this help" },
	{ "version", NULL, version, "show the version" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int help(const char *operand)
{
	char left[40];

	(void)operand;	/* takes none */
	printf("Usage: container-shell [-l] [-c COMMAND]\n"
	       "       container-shell OPTION\n"
	       "Start your login shell, or COMMAND, in your container.\n\n");
	for (size_t i = 0; i < ROWS; i++) {
		(void)snprintf(left, sizeof(left), "--%s %s", rows[i].name,
			       rows[i].operand ? rows[i].operand : "");	/* fits */
		printf("  %-20s %s\n", left, rows[i].help);
	}
	return 0;
}

static int version(const char *operand)
{
	(void)operand;	/* takes none */
	printf("container-shell %s\n", CS_VERSION);
	return 0;
}

static int refuse(const char *why)
{
	cs_log_user("%s; see container-shell --help", why);
	return CS_ADMIN_USAGE;
}

/* getopt_long(3) takes --exp for --explain; we take whole names only. */
static int has_whole_name(const char *word)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(word + 2, rows[i].name) == 0)
			return 1;
	}
	return 0;
}

/* The table in the form of getopt_long(3), whose answer is then the row's number. */
static int choose(int argc, char *argv[])
{
	struct option options[ROWS + 1] = { { 0 } };

	if (argc < 2 || strncmp(argv[1], "--", 2) != 0 || !has_whole_name(argv[1]))
		return -1;
	for (size_t i = 0; i < ROWS; i++)
		options[i] = (struct option){ .name = rows[i].name, .val = (int)i };
	opterr = 0;	/* the words are ours */
	return getopt_long(argc, argv, "+", options, NULL);
}

int main(int argc, char *argv[])
{
	int number = choose(argc, argv);
	const char *operand = NULL;
	int status;

	if (number < 0 || (size_t)number >= ROWS)
		return refuse("there is no such option");
	if (rows[number].operand && optind < argc)
		operand = argv[optind++];
	if (optind < argc || (operand && operand[0] == '-'))
		return refuse("too many arguments");
	status = rows[number].run(operand);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		cs_log_user("cannot write to standard output");
		return CS_ADMIN_FAILED;
	}
	return status;
}
