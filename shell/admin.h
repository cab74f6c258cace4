/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin: the administrator's command line, container-shell-admin.
 *
 * Each option is a row of admin.c's table and a function below. They run as
 * the caller, with no privilege, on the host; a container is never asked.
 */
#ifndef CS_ADMIN_H
#define CS_ADMIN_H

#define CS_ADMIN_FAILED 1	/* it could not be done, or the answer is no */
#define CS_ADMIN_USAGE 2

/* @operand: the word after the option, or NULL. Each returns the exit status. */
int cs_check_config(const char *operand);
int cs_explain(const char *operand);

struct cs_conf;
struct cs_conf_problems;

/* The configuration of this host, or NULL; its problems are then on standard error. */
struct cs_conf *cs_check_config_load(void);

#endif
