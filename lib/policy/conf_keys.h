/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf_keys: the one table of keys.
 *
 * Floor 1. The loader works from it, and tests hold the sample config and the
 * manual page to it. A key exists only as a row here.
 */
#ifndef CS_CONF_KEYS_H
#define CS_CONF_KEYS_H

#include "conf.h"

#define CS_CONF_HOST "host"

struct cs_conf_row;

/*
 * Convert @text into the member at @member, whose old value is released.
 * 0, -EINVAL (not row->what), or -ENOMEM; written only on success.
 */
typedef int cs_conf_convert_fn(const struct cs_conf_row *row, const char *text, void *member);

struct cs_conf_row {
	const char *name;
	enum cs_conf_key key;
	cs_conf_convert_fn *convert;
	size_t offset;			/* of the member in struct cs_conf_class */
	const char *default_text;	/* "": an empty list */
	const char *what;		/* completes "must be …" */
	const char *help;		/* one line */
	uint64_t min, max;		/* of a size (bytes) or time (ms) */
	const char *const *words;	/* of an enum, in its order, NULL-terminated */
	uint32_t limit;			/* the kind, of a limit (limit.h) */
	bool (*accepts)(const char *name);	/* for each name of a list */
};

size_t cs_conf_keys_count(void);
/* Row @index, which is also the row of the enum cs_conf_key of that number. */
const struct cs_conf_row *cs_conf_keys_at(size_t index);
const struct cs_conf_row *cs_conf_keys_find(const char *name);

/* Set the member of @row in @class from @text. As cs_conf_convert_fn. */
int cs_conf_keys_set(const struct cs_conf_row *row, const char *text,
		     struct cs_conf_class *class);
/* Set every member of a zeroed @class to its default. 0 or -ENOMEM. */
int cs_conf_keys_set_defaults(struct cs_conf_class *class);
/* What the value of seccomp stands for. */
enum cs_seccomp cs_conf_keys_seccomp(const char *text);
/* What the value of root stands for: images go by the end of their names. */
enum cs_root cs_conf_keys_root(const char *text);
/* Release what the members of @class own. */
void cs_conf_keys_free(struct cs_conf_class *class);

#endif
