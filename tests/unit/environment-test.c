/* SPDX-License-Identifier: GPL-3.0-or-later */
/* environment-test: what helper/environment.c lets a session see of its caller's. */
#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "tap.h"

#define UID 1000

static const struct cs_record record = {
	.user = "alice", .home = "/home/alice", .shell = "/bin/bash",
	.pass_environment = "EDITOR MY_* X",
};

static char **make(const char *const *entries, int agent_slot)
{
	char *inherited[32] = { NULL };
	char **made;

	for (size_t i = 0; entries[i] != NULL; i++)
		inherited[i] = strdup(entries[i]);
	made = cs_environment_make(inherited, &record, UID, agent_slot);
	CHECK(made != NULL);
	return made;	/* a test's memory goes with its process */
}

static size_t count_of(char *const *environment, const char *entry)
{
	size_t count = 0;

	for (; *environment != NULL; environment++)
		count += strcmp(*environment, entry) == 0;
	return count;
}

static size_t length_of(char *const *environment)
{
	size_t length = 0;

	while (environment[length] != NULL)
		length++;
	return length;
}

static void make__sets_its_own(void)
{
	static const char *const nothing[] = { NULL };
	char **made = make(nothing, -1);

	CHECK(count_of(made, "HOME=/home/alice") == 1);
	CHECK(count_of(made, "USER=alice") == 1);
	CHECK(count_of(made, "LOGNAME=alice") == 1);
	CHECK(count_of(made, "SHELL=/bin/bash") == 1);
	CHECK(count_of(made, "XDG_RUNTIME_DIR=/run/user/1000") == 1);
	CHECK(count_of(made, "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games") == 1);
	CHECK(length_of(made) == 6);
}

/* Each name once, ours: an earlier one would win in some programs, a later one in others. */
static void make__its_own_cannot_be_overridden(void)
{
	static const char *const hostile[] = {
		"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/tmp/x", "PATH=/tmp",
		"XDG_RUNTIME_DIR=/tmp", "SSH_AUTH_SOCK=/tmp/s", NULL,
	};

	CHECK(length_of(make(hostile, -1)) == 6);
}

static void make__passes_the_list(void)
{
	static const char *const passed[] = {
		"TERM=xterm", "COLORTERM=truecolor", "LANG=de_DE.UTF-8", "LANGUAGE=de:en",
		"LC_ALL=C", "LC_=", "TZ=UTC", "SSH_CONNECTION=::1 1 ::1 22", "SSH_TTY=/dev/pts/0",
		"SSH_ORIGINAL_COMMAND=a b=c", "TERM=", NULL,
	};
	char **made = make(passed, -1);

	for (size_t i = 0; passed[i] != NULL; i++)
		CHECK(count_of(made, passed[i]) == 1);
}

static void make__withholds_the_rest(void)
{
	static const char *const withheld[] = {
		"LD_PRELOAD=/tmp/x.so", "LD_LIBRARY_PATH=/tmp", "GCONV_PATH=/tmp", "IFS=x",
		"BASH_ENV=/tmp/x", "ENV=/tmp/x", "PS4=$(id)", "SHELLOPTS=xtrace", "TERMCAP=x",
		"TERMINFO=/tmp", "LC=x", "SSH=x", "TZDIR=/tmp", "LANGUAGES=x", "lang=x",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus", "SSH_AUTH_SOCK=/tmp/a",
		"SSH_AGENT_PID=1", "BASH_FUNC_ls%%=() { id; }", "GLIBC_TUNABLES=x",
		"NOTIFY_SOCKET=/run/x", "container=lxc", "", "=x", "=", "TERM", "LC_ALL", NULL,
	};

	CHECK(length_of(make(withheld, -1)) == 6);
}

static void make__passes_what_the_config_names(void)
{
	static const char *const entries[] = {
		"EDITOR=vi", "MY_A=1", "MY_=2", "X=3",
		"EDITORS=x", "EDITO=x", "MY=x", "XX=x", "MY_NAME", NULL,
	};
	char **made = make(entries, -1);

	for (size_t i = 0; i < 4; i++)
		CHECK(count_of(made, entries[i]) == 1);
	CHECK(length_of(made) == 6 + 4);
}

static void make__display(void)
{
	static const char *const reachable[] = { "DISPLAY=localhost:10.0", NULL };
	static const char *const sockets[] = {
		"DISPLAY=:0", "DISPLAY=:10.0", "DISPLAY=unix:0", "DISPLAY=unix/host:0",
		"DISPLAY=/tmp/launch/org.xquartz:0", NULL,
	};

	CHECK(count_of(make(reachable, -1), "DISPLAY=localhost:10.0") == 1);
	CHECK(length_of(make(sockets, -1)) == 6);
}

static void make__agent(void)
{
	static const char *const entries[] = { "SSH_AUTH_SOCK=/tmp/ssh-x/agent.1", NULL };
	char **made = make(entries, 3);

	CHECK(count_of(made, "SSH_AUTH_SOCK=/run/host/agent/3") == 1);
	CHECK(length_of(made) == 7);
}

static void value__finds_whole_names_alone(void)
{
	char first[] = "SSH_CONNECTIONS=no", second[] = "SSH_CONNECTION=yes", third[] = "SSH=";
	char *const inherited[] = { first, second, third, NULL };

	CHECK(strcmp(cs_environment_value(inherited, "SSH_CONNECTION"), "yes") == 0);
	CHECK(strcmp(cs_environment_value(inherited, "SSH"), "") == 0);
	CHECK(cs_environment_value(inherited, "SSH_CONN") == NULL);
	CHECK(cs_environment_value(inherited, "TERM") == NULL);
}

static const struct tap_test tests[] = {
	TAP_TEST(make__sets_its_own),
	TAP_TEST(make__its_own_cannot_be_overridden),
	TAP_TEST(make__passes_the_list),
	TAP_TEST(make__withholds_the_rest),
	TAP_TEST(make__passes_what_the_config_names),
	TAP_TEST(make__display),
	TAP_TEST(make__agent),
	TAP_TEST(value__finds_whole_names_alone),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
