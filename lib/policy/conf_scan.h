/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_scan: the strict line scan of a configuration file.
 *
 * Floor 1. Bytes in, lines and problems out. It accepts only what iniparser
 * cannot misread; conf.c then checks that iniparser read the very same.
 */
#ifndef CS_CONF_SCAN_H
#define CS_CONF_SCAN_H

#include <stddef.h>

#include "conf.h"

/* Below iniparser's 1024 bytes, whatever its version counts in. */
#define CS_CONF_LINE_MAX 1000

/* A [section] line (key "") or a key = value line. */
struct cs_conf_item {
	unsigned int line;
	char section[33];
	char key[33];
	char *value;		/* owned by the cs_conf_scan; NULL for a section */
};

struct cs_conf_scan {
	struct cs_conf_item *items;
	size_t count;
	size_t room;
};

/*
 * Scan the @size bytes of @data. What is wrong is added to @problems under the
 * name @file, and such a line left out. 0 or -ENOMEM; *ret_scan is the caller's
 * to free either way.
 */
int cs_conf_scan_bytes(const char *file, const char *data, size_t size,
		       struct cs_conf_scan *ret_scan, struct cs_conf_problems *problems);
void cs_conf_scan_free(struct cs_conf_scan *scan);

/*
 * Add "FILE:LINE: [section] key: what". @line 0, @section or @key NULL or "":
 * that part is left out. 0 or -ENOMEM.
 */
int cs_conf_scan_problem(struct cs_conf_problems *problems, const char *file,
			 unsigned int line, const char *section, const char *key,
			 const char *what);
/* Add a line that is complete. 0 or -ENOMEM. */
int cs_conf_scan_add(struct cs_conf_problems *problems, const char *text);

#endif
