/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request: see request.h. No getopt(3): it reads the environment and prints. */
#include "request.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

int cs_request_parse(int argc, char *const argv[], struct cs_request *ret_request)
{
	struct cs_request request = { .verb = CS_VERB_RUN };

	if (argc == 2 && strcmp(argv[1], "tidy") == 0) {
		request.verb = CS_VERB_TIDY;
		*ret_request = request;
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "run") != 0)
		return -EINVAL;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "-l") == 0 && !request.login)
			request.login = true;
		else if (strcmp(argv[i], "-a") == 0 && !request.agent)
			request.agent = true;
		else if (strcmp(argv[i], "-c") == 0 && i == argc - 2)
			request.command = argv[++i];
		else
			return -EINVAL;
	}
	*ret_request = request;
	return 0;
}
