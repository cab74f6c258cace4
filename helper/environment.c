/* SPDX-License-Identifier: GPL-3.0-or-later */
/* environment: see environment.h. */
#include "environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A name ending in '*' stands for all that begin so. */
static const char *const passed[] = {
	"TERM", "COLORTERM", "LANG", "LANGUAGE", "LC_*", "TZ", "SSH_*",
};

/* Paths into the host's /tmp or /run: the agent's is set anew where it works. */
static const char *const withheld[] = { "SSH_AUTH_SOCK", "SSH_AGENT_PID" };

static bool name_is(const char *entry, const char *name, size_t length)
{
	if (length > 0 && name[length - 1] == '*')
		return strncmp(entry, name, length - 1) == 0;
	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool in_list(const char *entry, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (name_is(entry, list[i], strlen(list[i])))
			return true;
	return false;
}

/* @names has a blank between each two. */
static bool in_names(const char *entry, const char *names)
{
	while (*names != '\0') {
		size_t length = strcspn(names, " ");

		if (name_is(entry, names, length))
			return true;
		names += length + (names[length] == ' ');
	}
	return false;
}

/* X11 over ssh is a port of the host's loopback; ":0" is a socket in its /tmp. */
static bool is_network_display(const char *entry)
{
	static const char name[] = "DISPLAY=";
	const char *value = entry + sizeof(name) - 1;

	return strncmp(entry, name, sizeof(name) - 1) == 0 && value[0] != ':' &&
	       strncmp(value, "unix", 4) != 0 && strchr(value, '/') == NULL;
}

static bool is_passed(const char *entry, const struct cs_record *record)
{
	if (strchr(entry, '=') == NULL ||
	    in_list(entry, withheld, sizeof(withheld) / sizeof(withheld[0])))
		return false;
	return in_list(entry, passed, sizeof(passed) / sizeof(passed[0])) ||
	       in_names(entry, record->pass_environment) || is_network_display(entry);
}

static size_t entry_size(const char *name, const char *value)
{
	return strlen(name) + strlen(value) + sizeof("=");
}

/* "NAME=VALUE" at @text, where there is room for it; returns what follows. */
static char *write_entry(char *text, const char *name, const char *value)
{
	const size_t size = entry_size(name, value);

	snprintf(text, size, "%s=%s", name, value);
	return text + size;
}

/* Not the user, whose number may be 0, too. */
static bool is_root(const struct cs_record *record, uid_t uid)
{
	return uid == 0 && record->inside_uid != 0;
}

const char *cs_environment_home(const struct cs_record *record, uid_t uid)
{
	return is_root(record, uid) ? "/root" : record->home;
}

char **cs_environment_make(char *const inherited[], const struct cs_record *record, uid_t uid,
			   int agent_slot)
{
	const char *user = is_root(record, uid) ? "root" : record->user;
	char runtime[64], agent[64];
	const struct {
		const char *name, *value;
	} own[] = {
		{ "HOME", cs_environment_home(record, uid) }, { "USER", user },
		{ "LOGNAME", user },		    { "SHELL", record->shell },
		{ "PATH", CS_ENVIRONMENT_PATH },    { "XDG_RUNTIME_DIR", runtime },
		{ "SSH_AUTH_SOCK", agent },	/* the last: only with an agent */
	};
	const size_t own_count = sizeof(own) / sizeof(own[0]) - (agent_slot < 0);
	size_t count = 0, bytes = 0, used = 0;
	char **entries;
	char *text;

	snprintf(runtime, sizeof(runtime), "/run/user/%u", (unsigned int)uid);
	snprintf(agent, sizeof(agent), "/run/host/agent/%d", agent_slot);
	while (inherited[count] != NULL)
		count++;
	for (size_t i = 0; i < own_count; i++)
		bytes += entry_size(own[i].name, own[i].value);
	/* In one piece: each first use of the heap's sizes costs more than all the copying. */
	count += own_count + 1;
	entries = malloc(count * sizeof(entries[0]) + bytes);
	if (entries == NULL)
		return NULL;
	text = (char *)(entries + count);
	for (size_t i = 0; i < own_count; i++) {
		entries[used++] = text;
		text = write_entry(text, own[i].name, own[i].value);
	}
	for (size_t i = 0; inherited[i] != NULL; i++)
		if (is_passed(inherited[i], record))
			entries[used++] = inherited[i];
	entries[used] = NULL;
	return entries;
}

const char *cs_environment_value(char *const inherited[], const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; inherited[i] != NULL; i++)
		if (name_is(inherited[i], name, length))
			return inherited[i] + length + 1;
	return NULL;
}

void cs_environment_where(const struct cs_caller *caller, char *ret_tty, size_t tty_size,
			  char *ret_from, size_t from_size)
{
	static const char dev[] = "/dev/";
	const char *from = cs_environment_value(caller->environment, "SSH_CONNECTION");
	char tty[64] = "";

	if (caller->from != NULL) {	/* for PAM: it knows */
		snprintf(ret_tty, tty_size, "%s", strncmp(caller->tty, dev, sizeof(dev) - 1) == 0 ?
			 caller->tty + sizeof(dev) - 1 : "");
		snprintf(ret_from, from_size, "%s", caller->from);
		return;
	}
	if (caller->terminal_fd < 0 || ttyname_r(caller->terminal_fd, tty, sizeof(tty)) != 0 ||
	    strncmp(tty, dev, sizeof(dev) - 1) != 0)
		ret_tty[0] = '\0';
	else
		snprintf(ret_tty, tty_size, "%s", tty + sizeof(dev) - 1);
	snprintf(ret_from, from_size, "%.*s", from != NULL ? (int)strcspn(from, " ") : 0,
		 from != NULL ? from : "");
}
