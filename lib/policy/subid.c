/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subid: see subid.h. Read it from the bottom: cs_subid_find.
 *
 * libsubid is loaded when a class wants it and not linked: it brings ten more
 * libraries along, which each cold login would load.
 */
#include "subid.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#ifdef CS_SUBID_LIBRARY
#include <shadow/subid.h>
#endif

#include "strict.h"
#include "user.h"

#define LAST_ID (UINT64_C(0xfffffffe))	/* (uid_t)-1 is nobody's */

const struct cs_subid_files cs_subid_files_of_host = {
	.subuid = "/etc/subuid", .subgid = "/etc/subgid", .passwd = "/etc/passwd", .group = "/etc/group",
};

/* What a check works on: one of the two kinds of ids. */
struct subject {
	const struct cs_user *user;
	const struct cs_subid_ranges *ranges;
	const char *kind;	/* "uids" */
	bool configured;
	char *error;
	size_t error_size;
};

/* "the subordinate uids of alice …": -EINVAL. */
__attribute__((format(printf, 2, 3))) static int refuse(const struct subject *subject,
							const char *format, ...)
{
	int used = snprintf(subject->error, subject->error_size, "the %s %s of %s ",
			    subject->configured ? "id-range's" : "subordinate", subject->kind,
			    subject->user->name);
	va_list arguments;

	va_start(arguments, format);
	if (used > 0 && (size_t)used < subject->error_size)
		(void)vsnprintf(subject->error + used, subject->error_size - (size_t)used, format,
				arguments);	/* may be cut */
	va_end(arguments);
	return -EINVAL;
}

static bool overlap(uint64_t one, uint64_t one_count, uint64_t other, uint64_t other_count)
{
	return one < other + other_count && other < one + one_count;
}

static bool holds(const struct cs_subid_ranges *ranges, uint64_t start, uint64_t count)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (overlap(ranges->list[i].start, ranges->list[i].count, start, count))
			return true;
	}
	return false;
}

/* ---- what they are by themselves ---- */

static int check_form(const struct subject *subject)
{
	const struct cs_subid_ranges *ranges = subject->ranges;
	uint64_t total = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct cs_subid_range *range = &ranges->list[i];

		if (range->count == 0 || (uint64_t)range->start + range->count - 1 > LAST_ID)
			return refuse(subject, "go past 4294967294: %u+%u", range->start,
				      range->count);
		if (range->start < CS_SUBID_FIRST)
			return refuse(subject, "begin at %u: below %d are accounts", range->start,
				      CS_SUBID_FIRST);
		for (size_t j = 0; j < i; j++) {
			if (overlap(ranges->list[j].start, ranges->list[j].count, range->start,
				    range->count))
				return refuse(subject, "have %u twice", range->start);
		}
		total += range->count;
	}
	if (total < CS_SUBID_COUNT_MIN)
		return refuse(subject, "are %llu, and %d are needed", (unsigned long long)total,
			      CS_SUBID_COUNT_MIN);
	return 0;
}

static int check_reserved(const struct subject *subject, const struct cs_subid_range *reserved)
{
	if (subject->configured || reserved->count == 0)
		return 0;
	for (size_t i = 0; i < subject->ranges->count; i++) {
		const struct cs_subid_range *range = &subject->ranges->list[i];

		if ((uint64_t)range->start + range->count > reserved->start)
			return refuse(subject, "reach into the id-range of the configuration: %u+%u",
				      range->start, range->count);
	}
	return 0;
}

/* ---- accounts ---- */

/* The user's own, who may be in no file. */
static int check_own(const struct subject *subject, const struct cs_subid_range *reserved)
{
	const struct cs_user *user = subject->user;
	const bool is_uids = subject->ranges == &user->subids.uids;
	const size_t count = is_uids ? 1 : 1 + user->group_count;

	for (size_t i = 0; i < count; i++) {
		uint32_t id = is_uids ? user->uid : i == 0 ? user->gid : user->groups[i - 1];

		if (holds(subject->ranges, id, 1))
			return refuse(subject, "hold the %s %u, which %s has", is_uids ? "uid" : "gid",
				      id, user->name);
		if (reserved->count > 0 && id >= reserved->start)
			return refuse(subject, "cannot be used: the %s %u lies in the id-range of the "
				      "configuration", is_uids ? "uid" : "gid", id);
	}
	return 0;
}

static int cannot_read(const struct subject *subject, const char *path, int error)
{
	return refuse(subject, "cannot be checked: %s: %s", path, strerror(error));
}

static int check_passwd(const struct subject *subject, const char *path)
{
	FILE *file = fopen(path, "re");
	const struct passwd *entry;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : cannot_read(subject, path, errno);
	while (err == 0 && (entry = fgetpwent(file)) != NULL) {
		if (holds(subject->ranges, entry->pw_uid, 1))
			err = refuse(subject, "hold the uid %u of the account %s", entry->pw_uid,
				     entry->pw_name);
	}
	(void)fclose(file);	/* only read */
	return err;
}

static int check_group(const struct subject *subject, const char *path)
{
	FILE *file = fopen(path, "re");
	const struct group *entry;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : cannot_read(subject, path, errno);
	while (err == 0 && (entry = fgetgrent(file)) != NULL) {
		if (holds(subject->ranges, entry->gr_gid, 1))
			err = refuse(subject, "hold the gid %u of the group %s", entry->gr_gid,
				     entry->gr_name);
	}
	(void)fclose(file);	/* only read */
	return err;
}

/* ---- others' ---- */

/* subuid(5): owner:start:count. What is not of this form is nobody's. */
static bool parse_line(char *line, const char **ret_owner, uint64_t *ret_start,
		       uint64_t *ret_count)
{
	char *start = strchr(line, ':');
	char *count = start ? strchr(start + 1, ':') : NULL;

	if (!count)
		return false;
	*start++ = '\0';
	*count++ = '\0';
	count[strcspn(count, "\n")] = '\0';
	*ret_owner = line;
	return line[0] != '\0' && line[0] != '#' && cs_strict_u64(start, UINT32_MAX, ret_start) == 0 &&
	       cs_strict_u64(count, UINT32_MAX, ret_count) == 0;
}

static bool is_owner(const struct cs_user *user, const char *owner)
{
	uint64_t uid;

	return strcmp(owner, user->name) == 0 ||
	       (cs_strict_u64(owner, UINT32_MAX, &uid) == 0 && uid == user->uid);
}

static int check_line(const struct subject *subject, const char *path, unsigned int number,
		      char *line)
{
	uint64_t start, count;
	const char *owner;
	char shown[64];

	if (!parse_line(line, &owner, &start, &count) || is_owner(subject->user, owner) ||
	    !holds(subject->ranges, start, count))
		return 0;
	cs_strict_escape(owner, strlen(owner), shown, sizeof(shown));
	return refuse(subject, "overlap with those of %s (%s:%u)", shown, path, number);
}

static int check_others(const struct subject *subject, const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned int number = 0;
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : cannot_read(subject, path, errno);
	while (err == 0 && getline(&line, &size, file) > 0)
		err = check_line(subject, path, ++number, line);
	free(line);
	(void)fclose(file);	/* only read */
	return err;
}

int cs_subid_check(const struct cs_subid_range *reserved, const struct cs_subid_files *files,
		   const struct cs_user *user, char *ret_error, size_t error_size)
{
	const struct subject subjects[] = {
		{ user, &user->subids.uids, "uids", user->subids.configured, ret_error, error_size },
		{ user, &user->subids.gids, "gids", user->subids.configured, ret_error, error_size },
	};
	int err = 0;

	for (size_t i = 0; err == 0 && i < 2; i++) {
		const struct subject *subject = &subjects[i];

		err = check_form(subject);
		if (err == 0)
			err = check_reserved(subject, reserved);
		if (err == 0)
			err = check_own(subject, reserved);
		if (err == 0)
			err = check_others(subject, i == 0 ? files->subuid : files->subgid);
	}
	if (err == 0)
		err = check_passwd(&subjects[0], files->passwd);
	return err < 0 ? err : check_group(&subjects[1], files->group);
}

/* ---- where they come from ---- */

#ifdef CS_SUBID_LIBRARY
typedef int list_fn(const char *owner, struct subid_range **ranges);
typedef bool init_fn(const char *name, FILE *log);

/* A function of the library: a pointer to data cannot be cast to one in ISO C. */
static void *function_of(void *library, const char *name, void *ret_function)
{
	void *address = dlsym(library, name);

	memcpy(ret_function, &address, sizeof(address));
	return address;
}

/* 0 if it names none, too: a file that is not there, or a user that it does not know, is -1. */
static int list(list_fn *function, const char *name, struct cs_subid_ranges *ret_ranges)
{
	struct subid_range *found = NULL;
	int count = function(name, &found);
	int err = 0;

	ret_ranges->count = 0;
	if (count > CS_SUBID_RANGES_MAX)
		err = -E2BIG;
	for (int i = 0; err == 0 && i < count; i++) {
		/* The checks say what is wrong with what does not fit. */
		const struct cs_subid_range range = {
			.start = found[i].start > UINT32_MAX ? UINT32_MAX : (uint32_t)found[i].start,
			.count = found[i].count > UINT32_MAX ? UINT32_MAX : (uint32_t)found[i].count,
		};

		ret_ranges->list[ret_ranges->count++] = range;
	}
	free(found);
	return err;
}

/* -ENOPKG: the library is not there; whoever has it listed is asked for. */
static int ask_library(const char *name, struct cs_subids *ret_subids)
{
	void *library = dlopen(CS_SUBID_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	list_fn *uids, *gids;
	init_fn *init;
	int err;

	if (!library || !function_of(library, "subid_init", &init) ||
	    !function_of(library, "subid_get_uid_ranges", &uids) ||
	    !function_of(library, "subid_get_gid_ranges", &gids))
		return -ENOPKG;
	(void)init("container-shell", NULL);	/* nothing to standard error; without it, there */
	err = list(uids, name, &ret_subids->uids);
	return err < 0 ? err : list(gids, name, &ret_subids->gids);
	/* It stays: what it has loaded may have handlers for the end of the process. */
}
#else
static int ask_library(const char *name, struct cs_subids *ret_subids)
{
	(void)name;
	(void)ret_subids;	/* has none */
	return -ENOPKG;
}
#endif

/* COUNT ids from BASE + uid * COUNT: no two users have the same. */
static int take_configured(const struct cs_subid_range *range, struct cs_user *user,
			   char *ret_error, size_t error_size)
{
	const uint64_t start = range->start + (uint64_t)user->uid * range->count;
	struct cs_subids *subids = &user->subids;

	if (start + range->count - 1 > LAST_ID) {
		(void)snprintf(ret_error, error_size, "the id-range %u+%u has no room for the uid %u",
			       range->start, range->count, user->uid);
		return -EINVAL;
	}
	subids->configured = true;
	subids->uids.count = subids->gids.count = 1;
	subids->uids.list[0] = subids->gids.list[0] = (struct cs_subid_range){
		.start = (uint32_t)start, .count = range->count,
	};
	return 0;
}

int cs_subid_find(const struct cs_subid_range *range, const struct cs_subid_range *reserved,
		  const struct cs_subid_files *files, struct cs_user *user, char *ret_error,
		  size_t error_size)
{
	struct cs_subids *subids = &user->subids;
	int err;

	memset(subids, 0, sizeof(*subids));
	err = ask_library(user->name, subids);
	if (err == -E2BIG) {
		(void)snprintf(ret_error, error_size, "%s has more than %d ranges of subordinate ids",
			       user->name, CS_SUBID_RANGES_MAX);
		return -EINVAL;
	}
	if (err < 0 && err != -ENOPKG)
		return err;
	if (subids->uids.count == 0 && subids->gids.count == 0) {
		if (range->count == 0)
			return 0;
		err = take_configured(range, user, ret_error, error_size);
		if (err < 0)
			return err;
	}
	return cs_subid_check(reserved, files, user, ret_error, error_size);
}
