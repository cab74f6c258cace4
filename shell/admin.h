/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin: the administrator's command line, container-shell-admin.
 *
 * Each option is a row of admin_table.h and a function below. They run as
 * the caller, with no privilege, on the host; a container is never asked.
 */
#ifndef CS_ADMIN_H
#define CS_ADMIN_H

#include <stdbool.h>

#define CS_ADMIN_FAILED 1	/* it could not be done, or the answer is no */
#define CS_ADMIN_USAGE 2

/* @operands: the words after the option, NULL at the end. Each returns the exit status. */
int cs_check_config(char *const operands[]);
int cs_doctor(char *const operands[]);
int cs_enter(char *const operands[]);
int cs_explain(char *const operands[]);
int cs_list(char *const operands[]);
int cs_status(char *const operands[]);
int cs_stop(char *const operands[]);

/* Say what is wrong with the words: CS_ADMIN_USAGE. */
int cs_admin_usage(const char *why);
/* May we? If not, it is said that root could @what. */
bool cs_admin_is_root(const char *what);

struct cs_conf;
struct cs_conf_problems;

/* The configuration of this host, or NULL; its problems are then on standard error. */
struct cs_conf *cs_check_config_load(void);
struct cs_conf_class;
/* Read the fstab that @class names, if it does; or say its problems, and false. */
bool cs_check_config_read_fstab(struct cs_conf *conf, const struct cs_conf_class *class);

#endif
