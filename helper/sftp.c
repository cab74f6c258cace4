/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sftp: see sftp.h. */
#include "sftp.h"

#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./, "

bool cs_sftp_is_asked(const struct cs_request *request)
{
	/* Debian, Fedora and RHEL, SUSE, Arch and the BSDs' way */
	static const char *const servers[] = {
		"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server",
		"/usr/lib/ssh/sftp-server", "/usr/libexec/sftp-server",
	};
	const char *command = request->command;

	if (command == NULL || request->login || command[strspn(command, PLAIN)] != '\0')
		return false;
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		size_t length = strlen(servers[i]);

		if (strncmp(command, servers[i], length) == 0 &&
		    (command[length] == '\0' || command[length] == ' '))
			return true;
	}
	return false;
}
