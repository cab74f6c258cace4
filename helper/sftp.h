/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sftp: is it file transfer that is asked for? Set-uid; pure. */
#ifndef CS_SFTP_H
#define CS_SFTP_H

#include <stdbool.h>

#include "request.h"

/*
 * Is the request the file transfer that sshd starts for its subsystem sftp: the
 * path of a distribution's sftp-server with plain arguments, and nothing that a
 * shell would take for more than one command?
 */
bool cs_sftp_is_asked(const struct cs_request *request);

#endif
