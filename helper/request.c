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

int cs_request_parse(int argc, char *const argv[], bool by_root, struct cs_request *ret_request)
{
	struct cs_request request = { .verb = CS_VERB_RUN };
	uint64_t uid = 0;
	int first = 2, result;

	if (argc == 2 && strcmp(argv[1], "tidy") == 0) {
		request.verb = CS_VERB_TIDY;
		*ret_request = request;
		return 0;
	}
	if (argc >= 4 && by_root && strcmp(argv[1], "enter") == 0) {
		if (cs_strict_u64(argv[2], UINT32_MAX - 1, &uid) < 0 || uid == 0 ||
		    !cs_record_is_instance(argv[3]))
			return -EINVAL;
		request = (struct cs_request){ .verb = CS_VERB_ENTER, .uid = (uid_t)uid,
					       .instance = argv[3] };
		first = 4;
	} else if (argc < 2 || strcmp(argv[1], "run") != 0) {
		return -EINVAL;
	}
	result = parse_options(argc, argv, first, &request);
	if (result == 0)
		*ret_request = request;
	return result;
}
