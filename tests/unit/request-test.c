/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request-test: the forms that helper/request.c takes, and nothing else. */
#include <errno.h>
#include <string.h>

#include "request.h"
#include "tap.h"

#define ARGUMENTS_MAX 12

/* Parse "container-shell-helper" and @arguments, which end with NULL. */
static bool by_root;

static int parse(const char *const *arguments, struct cs_request *ret_request)
{
	/* Static: a command is passed on by reference. */
	static char texts[ARGUMENTS_MAX][32] = { "container-shell-helper" };
	char *argv[ARGUMENTS_MAX + 1] = { texts[0] };
	int argc = 1;

	for (; arguments[argc - 1] != NULL; argc++) {
		(void)snprintf(texts[argc], sizeof(texts[argc]), "%s", arguments[argc - 1]);
		argv[argc] = texts[argc];
	}
	return cs_request_parse(argc, argv, by_root, ret_request);
}

static void parse__run(void)
{
	static const char *const plain[] = { "run", NULL };
	static const char *const all[] = { "run", "-l", "-a", "-c", "echo  \"$1\"", NULL };
	static const char *const swapped[] = { "run", "-a", "-l", NULL };
	struct cs_request request;

	CHECK(parse(plain, &request) == 0 && request.verb == CS_VERB_RUN);
	CHECK(!request.login && !request.agent && request.command == NULL);
	CHECK(parse(all, &request) == 0 && request.verb == CS_VERB_RUN);
	CHECK(request.login && request.agent);
	CHECK(request.command != NULL && strcmp(request.command, "echo  \"$1\"") == 0);
	CHECK(parse(swapped, &request) == 0 && request.login && request.agent);
}

static void parse__enter_is_for_root_alone(void)
{
	static const char *const plain[] = { "enter", "1000", "default", NULL };
	static const char *const all[] = { "enter", "1000", "lab.1f", "-l", "-r", "-s", "/bin/sh", "--",
					   "id", "-u", NULL };
	static const char *const bad[][6] = {
		{ "enter", "1000", NULL }, { "enter", "0", "default", NULL },
		{ "enter", "-1", "default", NULL }, { "enter", "4294967295", "default", NULL },
		{ "enter", "1000", "../x", NULL }, { "enter", "1000", "default", "-a", NULL },
		{ "enter", "1000", "default", "-s", "sh", NULL },
		{ "enter", "1000", "default", "--", NULL }, { "run", "-s", "/bin/sh", NULL },
		{ "run", "--", "id", NULL }, { "run", "-r", NULL },
		{ "enter", "1000", "default", "-r", "-r", NULL },
	};
	struct cs_request request;

	CHECK(parse(plain, &request) == -EINVAL);
	by_root = true;
	CHECK(parse(plain, &request) == 0 && request.verb == CS_VERB_ENTER && request.uid == 1000);
	CHECK(!request.as_root);
	CHECK(parse(all, &request) == 0 && request.login && request.shell != NULL &&
	      request.argv != NULL && request.as_root);
	for (size_t i = 0; i < TAP_COUNT(bad); i++)
		CHECK(parse(bad[i], &request) == -EINVAL);
	by_root = false;
}

static void parse__command_is_the_callers_own_string(void)
{
	char name[] = "helper", verb[] = "run", option[] = "-c", command[] = "";
	char *const argv[] = { name, verb, option, command, NULL };
	struct cs_request request;

	CHECK(cs_request_parse(4, argv, false, &request) == 0);
	CHECK(request.command == command);
}

static void parse__command_that_looks_like_an_option(void)
{
	static const char *const arguments[] = { "run", "-c", "-l", NULL };
	struct cs_request request;

	CHECK(parse(arguments, &request) == 0);
	CHECK(!request.login && strcmp(request.command, "-l") == 0);
}

static void parse__tidy(void)
{
	static const char *const arguments[] = { "tidy", NULL };
	struct cs_request request;

	CHECK(parse(arguments, &request) == 0 && request.verb == CS_VERB_TIDY);
	CHECK(!request.login && !request.agent && request.command == NULL);
}

static void parse__refuses_all_else(void)
{
	static const char *const refused[][ARGUMENTS_MAX] = {
		{ NULL },
		{ "", NULL },
		{ "-l", NULL },
		{ "-c", "true", NULL },
		{ "Run", NULL },
		{ "runs", NULL },
		{ "run", "", NULL },
		{ "run", "-", NULL },
		{ "run", "--", NULL },
		{ "run", "--", "true", NULL },
		{ "run", "-la", NULL },
		{ "run", "-l", "-l", NULL },
		{ "run", "-a", "-a", NULL },
		{ "run", "-c", NULL },
		{ "run", "-c", "a", "b", NULL },
		{ "run", "-c", "a", "-l", NULL },
		{ "run", "-c", "a", "-c", "b", NULL },
		{ "run", "-ctrue", NULL },
		{ "run", "--login", NULL },
		{ "run", "--mount=/", NULL },
		{ "run", "alice", NULL },
		{ "tidy", "-l", NULL },
		{ "tidy", "alice", NULL },
		{ "run", "tidy", NULL },
	};

	for (size_t i = 0; i < TAP_COUNT(refused); i++) {
		struct cs_request request = { .verb = (enum cs_verb)4711 };

		if (parse(refused[i], &request) != -EINVAL)
			printf("# row %zu was taken\n", i);
		CHECK(parse(refused[i], &request) == -EINVAL);
		CHECK(request.verb == (enum cs_verb)4711);
	}
}

/* execve(2) with an empty vector, pkexec CVE-2021-4034. */
static void parse__without_any_argument(void)
{
	char *const argv[] = { NULL };
	struct cs_request request;

	CHECK(cs_request_parse(0, argv, false, &request) == -EINVAL);
}

static const struct tap_test tests[] = {
	TAP_TEST(parse__run),
	TAP_TEST(parse__enter_is_for_root_alone),
	TAP_TEST(parse__command_is_the_callers_own_string),
	TAP_TEST(parse__command_that_looks_like_an_option),
	TAP_TEST(parse__tidy),
	TAP_TEST(parse__refuses_all_else),
	TAP_TEST(parse__without_any_argument),
};

int main(void)
{
	return tap_run(tests, TAP_COUNT(tests));
}
