/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: see options.h. */
#include "options.h"

#include <string.h>
#include <security/pam_ext.h>
#include <syslog.h>

/* Debian's cron and OpenSSH: their child calls pam_setcred(3) once more, before it is the user. */
#define SERVICES "sshd,cron"

static bool add(const char **list, const char *name)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	if (count == CS_PAM_EXEMPT_MAX - 1 || name[0] == '\0')
		return false;
	list[count] = name;
	return true;
}

static bool parse_word(const char *word, struct cs_pam_options *options)
{
	static const char user[] = "exempt-user=", group[] = "exempt-group=", services[] = "services=";

	if (strcmp(word, "debug") == 0)
		options->debug = true;
	else if (strcmp(word, "prepare-only") == 0)
		options->prepare_only = true;
	else if (strncmp(word, user, sizeof(user) - 1) == 0)
		return add(options->exempt_users, word + sizeof(user) - 1);
	else if (strncmp(word, group, sizeof(group) - 1) == 0)
		return add(options->exempt_groups, word + sizeof(group) - 1);
	else if (strncmp(word, services, sizeof(services) - 1) == 0)
		options->services = word + sizeof(services) - 1;
	else
		return false;
	return true;
}

int cs_pam_options_parse(pam_handle_t *pamh, int argc, const char **argv,
			 struct cs_pam_options *ret_options)
{
	struct cs_pam_options options = { .services = SERVICES };

	for (int i = 0; i < argc; i++) {
		if (parse_word(argv[i], &options))
			continue;
		pam_syslog(pamh, LOG_ERR, "cannot understand the argument %s", argv[i]);
		return PAM_SERVICE_ERR;
	}
	*ret_options = options;
	return PAM_SUCCESS;
}

bool cs_pam_options_has_service(const struct cs_pam_options *options, const char *service)
{
	const size_t wanted = strlen(service);

	for (const char *name = options->services; *name != '\0'; name += *name == ',') {
		size_t length = strcspn(name, ",");

		if (length == wanted && strncmp(name, service, length) == 0)
			return true;
		name += length;
	}
	return false;
}
