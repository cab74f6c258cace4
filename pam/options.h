/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options: the module's arguments, pam.conf(5). */
#ifndef CS_PAM_OPTIONS_H
#define CS_PAM_OPTIONS_H

#include <security/pam_modules.h>
#include <stdbool.h>

#define CS_PAM_EXEMPT_MAX 16

struct cs_pam_options {
	bool debug;
	bool prepare_only;	/* have the container ready; somebody else goes in */
	const char *services;	/* names with commas; those whose child calls setcred */
	const char *exempt_users[CS_PAM_EXEMPT_MAX];	/* NULL at the end */
	const char *exempt_groups[CS_PAM_EXEMPT_MAX];
};

/* PAM_SUCCESS, or PAM_SERVICE_ERR for a word that is none of ours: said in the log. */
int cs_pam_options_parse(pam_handle_t *pamh, int argc, const char **argv,
			 struct cs_pam_options *ret_options);

/* Is @service one that the module can contain? */
bool cs_pam_options_has_service(const struct cs_pam_options *options, const char *service);

#endif
