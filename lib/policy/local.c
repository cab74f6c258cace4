/* SPDX-License-Identifier: GPL-3.0-or-later */
/* local: see local.h. fgetpwent(3), fgetgrent(3), nsswitch.conf(5). */
#include "local.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANK " \t\n"

static FILE *open_database(const char *path)
{
	return fopen(path, "re");
}

/* What the line asks first for @database; NULL when it is about another, or says nothing. */
static const char *first_source(char *line, const char *database)
{
	const char *name;
	char *rest;

	line[strcspn(line, "#")] = '\0';
	name = strtok_r(line, ":" BLANK, &rest);
	return name != NULL && strcmp(name, database) == 0 ? strtok_r(NULL, ":" BLANK, &rest) : NULL;
}

static bool asks_files_first(const char *nsswitch, const char *database)
{
	FILE *file = open_database(nsswitch);
	bool said = false, other = false;
	char *line = NULL;
	size_t size = 0;

	while (file != NULL && getline(&line, &size, file) >= 0) {
		const char *first = first_source(line, database);

		said = said || first != NULL;
		other = other || (first != NULL && strcmp(first, "files") != 0);
	}
	free(line);
	if (file != NULL)
		(void)fclose(file);	/* was only read from */
	return said && !other;
}

static bool has_user(const char *passwd, const struct cs_user *user)
{
	FILE *file = open_database(passwd);
	const struct passwd *entry = NULL;
	bool same = false;

	while (file != NULL && (entry = fgetpwent(file)) != NULL && entry->pw_uid != user->uid)
		;
	if (entry != NULL)
		same = cs_user_has_entry(user, entry);
	if (file != NULL)
		(void)fclose(file);
	return same;
}

/* NSS is asked again: a cache between may still have what the file had before. */
static bool has_group(FILE *file, const char *name)
{
	const struct group *entry;
	gid_t gid;

	rewind(file);
	while ((entry = fgetgrent(file)) != NULL && strcmp(entry->gr_name, name) != 0)
		;
	return entry != NULL && cs_user_find_group(name, &gid) == 0 && gid == entry->gr_gid;
}

static bool has_groups(const char *group, const struct cs_conf *conf)
{
	const struct cs_conf_class *class;
	FILE *file = open_database(group);
	bool all = file != NULL;

	for (size_t i = 0; all && (class = cs_conf_class_at(conf, i)) != NULL; i++)
		for (size_t j = 0; all && j < class->groups.count; j++)
			all = has_group(file, class->groups.names[j]);
	if (file != NULL)
		(void)fclose(file);
	return all;
}

bool cs_local_decides(const struct cs_local_files *files, const struct cs_user *user,
		      const struct cs_conf *conf)
{
	return asks_files_first(files->nsswitch, "passwd") &&
	       asks_files_first(files->nsswitch, "group") && has_user(files->passwd, user) &&
	       has_groups(files->group, conf);
}
