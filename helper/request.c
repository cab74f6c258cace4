/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request: see request.h. No getopt(3): it reads the environment and prints. */
#include "request.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "record.h"
#include "strict.h"

/* What "enter" has and "run" has not. */
static bool parse_entry(int argc, char *const argv[], int *index, struct cs_request *request)
{
	int i = *index;

	if (strcmp(argv[i], "-r") == 0 && !request->as_root) {
		request->as_root = true;
		return true;
	}
	if (strcmp(argv[i], "-s") == 0 && i < argc - 1 && request->shell == NULL &&
	    cs_strict_is_path(argv[i + 1])) {
		request->shell = argv[++*index];
		return true;
	}
	if (strcmp(argv[i], "--") == 0 && i < argc - 1 && request->command == NULL) {
		request->argv = argv + i + 1;
		*index = argc;
		return true;
	}
	return false;
}

static int parse_options(int argc, char *const argv[], int first, struct cs_request *request)
{
	for (int i = first; i < argc; i++) {
		if (strcmp(argv[i], "-l") == 0 && !request->login)
			request->login = true;
		else if (strcmp(argv[i], "-a") == 0 && !request->agent &&
			 request->verb == CS_VERB_RUN)
			request->agent = true;
		else if (strcmp(argv[i], "-c") == 0 && i == argc - 2)
			request->command = argv[++i];
		else if (request->verb != CS_VERB_ENTER || !parse_entry(argc, argv, &i, request))
			return -EINVAL;
	}
	return 0;
}

static int parse_enter(int argc, char *const argv[], struct cs_request *request)
{
	uint64_t uid = 0;

	if (argc < 4 || cs_strict_u64(argv[2], UINT32_MAX - 1, &uid) < 0 || uid == 0 ||
	    !cs_record_is_instance(argv[3]))
		return -EINVAL;
	request->uid = (uid_t)uid;
	request->instance = argv[3];
	return parse_options(argc, argv, 4, request);
}

static int parse_prepare(int argc, char *const argv[], struct cs_request *request)
{
	uint64_t uid = 0, gid = 0, pid = 0, group;

	if (argc < 7 || cs_strict_u64(argv[2], UINT32_MAX - 1, &uid) < 0 || uid == 0 ||
	    cs_strict_u64(argv[3], UINT32_MAX - 1, &gid) < 0 ||
	    cs_strict_u64(argv[4], INT32_MAX, &pid) < 0)
		return -EINVAL;
	for (int i = 7; i < argc; i++)
		if (cs_strict_u64(argv[i], UINT32_MAX - 1, &group) < 0)
			return -EINVAL;
	request->uid = (uid_t)uid;
	request->gid = (gid_t)gid;
	request->pid = (pid_t)pid;
	request->tty = argv[5];
	request->from = argv[6];
	request->argv = argv + 7;
	return 0;
}

int cs_request_parse(int argc, char *const argv[], bool by_root, struct cs_request *ret_request)
{
	static const struct {
		const char *word;
		enum cs_verb verb;
		bool root_only;
	} verbs[] = {
		{ "run", CS_VERB_RUN, false }, { "tidy", CS_VERB_TIDY, false },
		{ "enter", CS_VERB_ENTER, true }, { "prepare", CS_VERB_PREPARE, true },
	};
	struct cs_request request = { 0 };
	int result = -EINVAL;

	for (size_t i = 0; argc >= 2 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].word) != 0 || (verbs[i].root_only && !by_root))
			continue;
		request.verb = verbs[i].verb;
		result = 0;
	}
	if (result < 0)
		return result;
	switch (request.verb) {
	case CS_VERB_RUN:
		result = parse_options(argc, argv, 2, &request);
		break;
	case CS_VERB_TIDY:
		result = argc == 2 ? 0 : -EINVAL;
		break;
	case CS_VERB_ENTER:
		result = parse_enter(argc, argv, &request);
		break;
	case CS_VERB_PREPARE:
		result = parse_prepare(argc, argv, &request);
		break;
	}
	if (result == 0)
		*ret_request = request;
	return result;
}
