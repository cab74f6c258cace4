/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * environment-fuzz: the caller's environment, a NUL between each two entries. The session has
 * what the helper sets, once each, and of the caller's what is on the lists.
 */
#include <stdlib.h>

#include "environment.h"
#include "fuzz.h"
#include "strict.h"

#define ENTRIES_MAX 256
#define UID 1000

static const struct cs_record record = {
	.user = "alice", .home = "/home/alice", .shell = "/bin/bash", .inside_uid = UID,
	.pass_environment = "EDITOR MY_NAME X",
};

static const char *const own[] = {
	"HOME=/home/alice", "USER=alice", "LOGNAME=alice", "SHELL=/bin/bash",
	("PATH=" CS_ENVIRONMENT_PATH), "XDG_RUNTIME_DIR=/run/user/1000",
	"SSH_AUTH_SOCK=/run/host/agent/0",
};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* The lists, as container-shell(1) has them. */
static bool may_pass(const char *entry)
{
	static const char *const names[] = {
		"TERM", "COLORTERM", "LANG", "LANGUAGE", "TZ", "EDITOR", "MY_NAME", "X",
	};
	static const char *const never[] = { "SSH_AUTH_SOCK", "SSH_AGENT_PID" };
	const char *equals = strchr(entry, '=');
	char name[64] = "";
	bool pass;

	if (!equals)
		return false;
	if (strncmp(entry, "LC_", 3) == 0)
		return true;
	/* may be cut */
	(void)snprintf(name, sizeof(name), "%.*s", (int)(equals - entry), entry);
	if (strcmp(name, "DISPLAY") == 0)
		return equals[1] != ':' && strncmp(equals + 1, "unix", 4) != 0 &&
		       !strchr(equals + 1, '/');
	pass = strncmp(name, "SSH_", 4) == 0 ||
	       is_one_of(name, names, sizeof(names) / sizeof(names[0]));
	return pass && !((size_t)(equals - entry) < sizeof(name) &&
			 is_one_of(name, never, sizeof(never) / sizeof(never[0])));
}

/* @made: ours first, then of @inherited all that may pass, in their order. */
static void check_made(char *const *made, char *const *inherited, size_t own_count)
{
	for (size_t i = 0; i < own_count; i++)
		REQUIRE(strcmp(made[i], own[i]) == 0);
	made += own_count;
	for (; *inherited; inherited++) {
		if (!may_pass(*inherited))
			continue;
		REQUIRE(*made == *inherited);
		made++;
	}
	REQUIRE(!*made);
}

static void check_where(struct fuzz_words *entries)
{
	struct cs_caller caller = { .environment = entries->list, .terminal_fd = -1 };
	char tty[64] = "?", from[128] = "?", shown[256];

	cs_environment_where(&caller, tty, sizeof(tty), from, sizeof(from));
	REQUIRE(tty[0] == '\0' && !strchr(from, ' '));
	cs_strict_escape(from, strlen(from), shown, sizeof(shown));
	REQUIRE(fuzz_is_line(shown, false));
	if (entries->count < 2)
		return;
	/* for PAM, in whose words both are */
	caller.tty = entries->list[0];
	caller.from = entries->list[1];
	cs_environment_where(&caller, tty, sizeof(tty), from, sizeof(from));
	REQUIRE(memchr(tty, '\0', sizeof(tty)) && memchr(from, '\0', sizeof(from)));
	REQUIRE(strncmp(from, caller.from, strlen(from)) == 0);
	REQUIRE(tty[0] == '\0' || strncmp(caller.tty, "/dev/", 5) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_words entries = fuzz_words_of(data, size, ENTRIES_MAX);

	for (int slot = -1; slot < 1; slot++) {
		char **made = cs_environment_make(entries.list, &record, UID, slot);

		REQUIRE(made);
		check_made(made, entries.list, sizeof(own) / sizeof(own[0]) - (slot < 0));
		free(made);
	}
	check_where(&entries);
	fuzz_words_free(&entries);
	return 0;
}
