/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sample-test: conf/container-shell.conf.sample is valid, changes nothing, and
 * shows every key of the table with its help and its default, and no other.
 */
#include "conf.h"
#include "conf_keys.h"
#include "files.h"

#define SAMPLE "container-shell.conf.sample"

/* Does the sample hold "\n# HELP\n#NAME = DEFAULT\n"? */
static bool shows(const char *sample, const struct cs_conf_row *row)
{
	/* what configure was told is not in the sample */
	const char *value = row->key == CS_KEY_SHELL ? "/bin/bash" : row->default_text;
	char lines[512];

	(void)snprintf(lines, sizeof(lines), "\n# %s\n#%s =%s%s\n", row->help, row->name,
		       value[0] ? " " : "", value);
	return strstr(sample, lines) != NULL;
}

static void sample__shows_every_key(void)
{
	cs_autofree char *sample = files_read(SAMPLE);

	CHECK(sample);
	for (size_t i = 0; sample && i < cs_conf_keys_count(); i++) {
		const struct cs_conf_row *row = cs_conf_keys_at(i);

		if (!shows(sample, row))
			printf("# %s: help or default differs\n", row->name);
		CHECK(shows(sample, row));
	}
}

static void sample__shows_no_other_key(void)
{
	cs_autofree char *sample = files_read(SAMPLE);

	CHECK(sample);
	for (const char *line = sample; line; line = strstr(line + 1, "\n#")) {
		const char *name = line + 2;
		size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
		cs_autofree char *key = NULL;

		if (line[0] != '\n' || length == 0 || strncmp(name + length, " =", 2) != 0)
			continue;
		key = strndup(name, length);
		CHECK(key && cs_conf_keys_find(key));
	}
}

static void sample__is_valid_and_sets_nothing(void)
{
	struct cs_conf_problems problems;
	struct cs_conf *conf = NULL;

	CHECK(cs_conf_load(SAMPLE, "no-such-directory", false, &conf, &problems) == 0);
	CHECK(conf && !cs_conf_class_at(conf, 1));
	for (size_t i = 0; conf && i < CS_KEY_COUNT; i++)
		CHECK(!cs_conf_class_at(conf, 0)->origin[i].file);
	cs_conf_problems_free(&problems);
	cs_conf_free(conf);
}

static const struct tap_test tests[] = {
	TAP_TEST(sample__shows_every_key),
	TAP_TEST(sample__shows_no_other_key),
	TAP_TEST(sample__is_valid_and_sets_nothing),
};

int main(void)
{
	files_enter("conf");
	return tap_run(tests, TAP_COUNT(tests));
}
