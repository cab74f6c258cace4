/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * user: who is asking, as the system's databases know them.
 *
 * Floor 1. Runs as root in the planner and as anyone in --explain; never in the
 * set-uid helper. The only file that calls NSS. Must not take a uid from a name
 * that the caller gave: the planner comes here with what getuid(2) told the helper.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "strict.h"
#include "user.h"

/* A group of ten thousand members with long names is below this. */
#define NSS_BUFFER_MAX ((size_t)16 << 20)

/* What getpwuid_r(3) and its like answer when there is no such entry. */
static int nss_error(int err)
{
	switch (err) {
	case ENOENT:	/* these four by the manual page, */
	case ESRCH:
	case EBADF:
	case EPERM:
		return -ENOENT;
	default:	/* and all others mean that nobody knows */
		return -err;
	}
}

/* One query, as the four below differ in the call and in the result only. */
struct query {
	const char *name;
	uid_t uid;
	gid_t gid;
	struct passwd passwd;
	struct group group;
	char *buffer;
	size_t size;
};

typedef int ask_fn(struct query *query, bool *ret_found);

static int ask_uid(struct query *query, bool *ret_found)
{
	struct passwd *found = NULL;
	int err = getpwuid_r(query->uid, &query->passwd, query->buffer, query->size, &found);

	*ret_found = found != NULL;
	return err;
}

static int ask_name(struct query *query, bool *ret_found)
{
	struct passwd *found = NULL;
	int err = getpwnam_r(query->name, &query->passwd, query->buffer, query->size, &found);

	*ret_found = found != NULL;
	return err;
}

static int ask_group(struct query *query, bool *ret_found)
{
	struct group *found = NULL;
	int err = getgrnam_r(query->name, &query->group, query->buffer, query->size, &found);

	*ret_found = found != NULL;
	return err;
}

static int ask_gid(struct query *query, bool *ret_found)
{
	struct group *found = NULL;
	int err = getgrgid_r(query->gid, &query->group, query->buffer, query->size, &found);

	*ret_found = found != NULL;
	return err;
}

/* Ask with a buffer that grows until the answer fits; query->buffer is the caller's. */
static int ask(ask_fn *function, struct query *query)
{
	for (query->size = 4096; query->size <= NSS_BUFFER_MAX; query->size *= 4) {
		bool found = false;
		int err;

		free(query->buffer);
		query->buffer = malloc(query->size);
		if (!query->buffer)
			return -ENOMEM;
		err = function(query, &found);
		if (err == ERANGE)
			continue;
		if (err != 0)
			return nss_error(err);
		return found ? 0 : -ENOENT;
	}
	return -ERANGE;
}

/* The home without the slashes that some have at its end. */
static char *copy_home(const char *home)
{
	size_t length = strlen(home);

	while (length > 1 && home[length - 1] == '/')
		length--;
	return strndup(home, length);
}

/* Name, ids and home; the groups are still to come. */
static int take_passwd(const struct passwd *passwd, struct cs_user *user)
{
	cs_autofree char *home = NULL;

	if (!cs_strict_is_user_name(passwd->pw_name))
		return -EINVAL;
	home = copy_home(passwd->pw_dir);
	if (!home)
		return -ENOMEM;
	if (!cs_strict_is_path(home))
		return -EINVAL;
	user->uid = passwd->pw_uid;
	user->gid = passwd->pw_gid;
	memcpy(user->name, passwd->pw_name, strlen(passwd->pw_name) + 1);
	user->home = home;
	home = NULL;
	return 0;
}

bool cs_user_has_entry(const struct cs_user *user, const struct passwd *entry)
{
	struct cs_user other = { 0 };
	bool same = take_passwd(entry, &other) == 0 && strcmp(user->name, other.name) == 0 &&
		    strcmp(user->home, other.home) == 0;

	cs_user_free(&other);
	return same;
}

static int copy_groups(const gid_t *groups, size_t count, struct cs_user *user)
{
	if (count > CS_USER_GROUPS_MAX)
		return -EINVAL;
	user->groups = calloc(count ? count : 1, sizeof(*groups));
	if (!user->groups)
		return -ENOMEM;
	if (count > 0)
		memcpy(user->groups, groups, count * sizeof(*groups));
	user->group_count = count;
	return 0;
}

static int list_groups(struct cs_user *user)
{
	for (int room = 64; room <= CS_USER_GROUPS_MAX; room *= 2) {
		int count = room;

		free(user->groups);
		user->groups = calloc((size_t)room, sizeof(*user->groups));
		if (!user->groups)
			return -ENOMEM;
		if (getgrouplist(user->name, user->gid, user->groups, &count) >= 0) {
			user->group_count = (size_t)count;
			return 0;
		}
	}
	return -EINVAL;
}

int cs_user_of_process(uid_t uid, gid_t gid, const gid_t *groups, size_t group_count,
		       struct cs_user *ret_user)
{
	struct query query = { .uid = uid };
	struct cs_user user = { 0 };
	int err = ask(ask_uid, &query);

	if (err == 0)
		err = take_passwd(&query.passwd, &user);
	free(query.buffer);
	if (err == 0)
		err = copy_groups(groups, group_count, &user);
	if (err < 0) {
		cs_user_free(&user);
		return err;
	}
	/* SECURITY: the ids are the process's own; the database gives name and home only. */
	user.uid = uid;
	user.gid = gid;
	*ret_user = user;
	return 0;
}

int cs_user_by_name(const char *name, struct cs_user *ret_user)
{
	struct query query = { .name = name };
	struct cs_user user = { 0 };
	int err = ask(ask_name, &query);

	if (err == 0)
		err = take_passwd(&query.passwd, &user);
	free(query.buffer);
	if (err == 0)
		err = list_groups(&user);
	if (err < 0) {
		cs_user_free(&user);
		return err;
	}
	*ret_user = user;
	return 0;
}

void cs_user_free(struct cs_user *user)
{
	for (size_t i = 0; user->group_names && i <= user->group_count; i++)
		free(user->group_names[i]);
	free(user->group_names);
	free(user->home);
	free(user->groups);
	memset(user, 0, sizeof(*user));
}

int cs_user_find_group(const char *group_name, gid_t *ret_gid)
{
	struct query query = { .name = group_name };
	int err = ask(ask_group, &query);

	*ret_gid = query.group.gr_gid;
	free(query.buffer);
	return err;
}

/* The name of the group @gid, or NULL in *@ret_name if there is none that we take. */
static int name_group(gid_t gid, char **ret_name)
{
	struct query query = { .gid = gid };
	int err = ask(ask_gid, &query);

	*ret_name = NULL;
	if (err == 0 && cs_strict_is_user_name(query.group.gr_name)) {
		*ret_name = strdup(query.group.gr_name);
		err = *ret_name ? 0 : -ENOMEM;
	}
	free(query.buffer);
	return err == -ENOENT ? 0 : err;
}

int cs_user_name_groups(struct cs_user *user)
{
	int err = 0;

	user->group_names = calloc(user->group_count + 1, sizeof(*user->group_names));
	if (!user->group_names)
		return -ENOMEM;
	for (size_t i = 0; err == 0 && i <= user->group_count && i < CS_USER_GROUP_NAMES_MAX; i++)
		err = name_group(i == 0 ? user->gid : user->groups[i - 1], &user->group_names[i]);
	return err;
}

int cs_user_in_group(const struct cs_user *user, const char *group_name)
{
	gid_t gid;
	int err = cs_user_find_group(group_name, &gid);

	if (err == -ENOENT)
		return 0;	/* nobody is in a group that there is not */
	if (err < 0)
		return err;
	if (user->gid == gid)
		return 1;
	for (size_t i = 0; i < user->group_count; i++) {
		if (user->groups[i] == gid)
			return 1;
	}
	return 0;
}
