/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doctor_facts: what several checks ask for: files below the host's root, and
 * the users whom the containers are for.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "fd.h"
#include "strict.h"
#include "sys.h"

/* --- files ----------------------------------------------------------------------- */

int cs_doctor_open(const struct cs_doctor_host *host, const char *path, int flags)
{
	/* A FIFO in the place of a file must not stop us; openat2(2) has O_PATH without more. */
	const int more = (flags & O_PATH) ? 0 : O_NONBLOCK | O_NOCTTY;

	return cs_sys_openat2(host->root, path, (uint64_t)(flags | more),
			      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int cs_doctor_stat(const struct cs_doctor_host *host, const char *path, struct stat *ret_info)
{
	cs_autoclose int fd = cs_doctor_open(host, path, O_PATH);

	if (fd < 0)
		return fd;
	return fstat(fd, ret_info) < 0 ? -errno : 0;
}

bool cs_doctor_exists(const struct cs_doctor_host *host, const char *path)
{
	struct stat info;

	return cs_doctor_stat(host, path, &info) == 0;
}

int cs_doctor_read(const struct cs_doctor_host *host, const char *path, char **ret_text)
{
	cs_autoclose int fd = cs_doctor_open(host, path, O_RDONLY);
	struct stat info;
	size_t size;

	if (fd < 0)
		return fd;
	if (fstat(fd, &info) < 0)
		return -errno;
	if (!S_ISREG(info.st_mode))
		return -EINVAL;
	return cs_fd_read_all(fd, CS_DOCTOR_FILE_MAX, ret_text, &size);
}

long cs_doctor_read_number(const struct cs_doctor_host *host, const char *path)
{
	cs_autofree char *text = NULL;
	uint64_t value;

	if (cs_doctor_read(host, path, &text) < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return cs_strict_u64(text, 1 << 30, &value) < 0 ? -1 : (long)value;
}

char *cs_doctor_line(struct cs_doctor_lines *lines)
{
	char *line = strsep(&lines->rest, "\n");
	size_t length;

	if (!line)
		return NULL;
	lines->number++;
	line += strspn(line, " \t\r");
	length = strlen(line);
	while (length > 0 && strchr(" \t\r", line[length - 1]))
		length--;
	line[length] = '\0';
	return line;
}

/*
 * Is @word a line of the file? 1 with its number in @ret_number, 0, or -errno
 * of the file.
 */
int cs_doctor_find_line(const struct cs_doctor_host *host, const char *path, const char *word,
		     unsigned int *ret_number)
{
	struct cs_doctor_lines lines = { 0 };
	cs_autofree char *text = NULL;
	int err = cs_doctor_read(host, path, &text);
	char *line;

	if (err < 0)
		return err;
	lines.rest = text;
	while ((line = cs_doctor_line(&lines)) != NULL) {
		if (strcmp(line, word) == 0) {
			*ret_number = lines.number;
			return 1;
		}
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int take_entry(struct cs_doctor_entries *entries, const char *name)
{
	char **names = reallocarray(entries->names, entries->count + 1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	entries->names = names;
	names[entries->count] = strdup(name);
	if (!names[entries->count])
		return -ENOMEM;
	entries->count++;
	return 0;
}

int cs_doctor_list(const struct cs_doctor_host *host, const char *directory, const char *pattern,
		   struct cs_doctor_entries *ret_entries)
{
	int fd = cs_doctor_open(host, directory, O_RDONLY | O_DIRECTORY);
	struct dirent *entry;
	DIR *stream;
	int err = 0;

	memset(ret_entries, 0, sizeof(*ret_entries));
	if (fd < 0)
		return fd;
	stream = fdopendir(fd);
	if (!stream) {
		cs_fd_close(&fd);
		return -ENOMEM;
	}
	while (err == 0 && (entry = readdir(stream)) != NULL) {
		if (fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0)
			err = take_entry(ret_entries, entry->d_name);
	}
	(void)closedir(stream);	/* only read */
	if (ret_entries->count > 0)
		qsort(ret_entries->names, ret_entries->count, sizeof(char *), compare);
	return err;
}

void cs_doctor_entries_free(struct cs_doctor_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->names[i]);
	free(entries->names);
	memset(entries, 0, sizeof(*entries));
}

/* --- users ----------------------------------------------------------------------- */

bool cs_doctor_is_shell(const struct cs_doctor_host *host, const char *path)
{
	struct stat ours, theirs;

	if (strcmp(path, CS_DOCTOR_SHELL) == 0)
		return true;
	/* /bin/container-shell is ours, too, where /bin is a link */
	return path[0] == '/' && cs_doctor_stat(host, CS_DOCTOR_SHELL, &ours) == 0 &&
	       cs_doctor_stat(host, path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
	       ours.st_ino == theirs.st_ino;
}

bool cs_doctor_is_contained(const struct cs_doctor_user *user)
{
	return user->uid != 0;	/* root with our shell is on the list, and never contained */
}

const struct cs_doctor_user *cs_doctor_find_user(const struct cs_doctor *doctor, uid_t uid)
{
	EACH_CONTAINED(doctor, user) {
		if (user->uid == uid)
			return user;
	}
	return NULL;
}

/* The groups of @user, which the caller frees. */
static int list_groups(struct cs_user *user)
{
	int count = 64;

	for (int tries = 0; tries < 2; tries++) {
		gid_t *groups = reallocarray(user->groups, (size_t)count, sizeof(*groups));

		if (!groups)
			return -ENOMEM;
		user->groups = groups;
		if (getgrouplist(user->name, user->gid, groups, &count) >= 0) {
			user->group_count = (size_t)count;
			return 0;
		}
		if (count > CS_USER_GROUPS_MAX)
			return -EINVAL;
	}
	return -EINVAL;
}

/* The class that names the user, by the code that decides at a login; NULL if none does. */
static const struct cs_conf_class *class_of(const struct cs_conf *conf, const struct passwd *entry)
{
	struct cs_user user = { .uid = entry->pw_uid, .gid = entry->pw_gid, .home = NULL };
	const struct cs_conf_class *class = NULL;
	enum cs_conf_match match = CS_MATCH_DEFAULT;
	const char *name;

	if (!conf || strlen(entry->pw_name) >= sizeof(user.name))
		return NULL;
	memcpy(user.name, entry->pw_name, strlen(entry->pw_name) + 1);
	if (list_groups(&user) == 0)
		class = cs_conf_class_of(conf, &user, &match, &name);
	free(user.groups);
	return match == CS_MATCH_DEFAULT ? NULL : class;
}

static int add_user(struct cs_doctor *doctor, const struct passwd *entry, bool has_shell,
		    const struct cs_conf_class *class)
{
	struct cs_doctor_users *users = &doctor->users;
	char *name;

	if (users->count == users->room) {
		size_t room = users->room ? users->room * 2 : 32;
		void *list = reallocarray(users->list, room, sizeof(*users->list));

		if (!list)
			return -ENOMEM;
		users->list = list;
		users->room = room;
	}
	name = strdup(entry->pw_name);
	if (!name)
		return -ENOMEM;
	users->list[users->count++] = (struct cs_doctor_user){
		.name = name, .uid = entry->pw_uid, .has_shell = has_shell, .class = class,
	};
	return 0;
}

static int look_at_user(const struct passwd *entry, void *data)
{
	struct cs_doctor *doctor = data;
	bool has_shell = cs_doctor_is_shell(doctor->host, entry->pw_shell);
	const struct cs_conf_class *class = NULL;

	/* A name that is no plain word could say anything to sshd -C. No login of it is ours. */
	if (!cs_strict_is_user_name(entry->pw_name))
		return 0;
	/* uid 0 is contained by no class */
	if (entry->pw_uid != 0)
		class = class_of(doctor->conf, entry);
	if (!has_shell && !class)
		return 0;
	return add_user(doctor, entry, has_shell, class);
}

/* A user whom the configuration knows by name, if the database did not list her. */
static int look_at_name(struct cs_doctor *doctor, const char *name)
{
	for (size_t i = 0; i < doctor->users.count; i++) {
		if (strcmp(doctor->users.list[i].name, name) == 0)
			return 0;
	}
	return doctor->host->user_named(doctor->host, name, look_at_user, doctor);
}

/* The members of a group that its entry lists; others have it as their own group. */
static int look_at_group(struct cs_doctor *doctor, const char *name)
{
	struct cs_doctor_entries members = { .count = 0 };
	const struct group *group = getgrnam(name);
	int err = 0;

	/* a copy, as the next lookup may use the entry's place */
	for (char **member = group ? group->gr_mem : NULL; err == 0 && member && *member; member++)
		err = take_entry(&members, *member);
	for (size_t i = 0; err == 0 && i < members.count; i++)
		err = look_at_name(doctor, members.names[i]);
	cs_doctor_entries_free(&members);
	return err;
}

static int look_at_class(struct cs_doctor *doctor, const struct cs_conf_class *class)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < class->users.count; i++)
		err = look_at_name(doctor, class->users.names[i]);
	for (size_t i = 0; err == 0 && i < class->groups.count; i++)
		err = look_at_group(doctor, class->groups.names[i]);
	return err;
}

void cs_doctor_find_users(struct cs_doctor *doctor)
{
	const struct cs_conf_class *class;
	int err = doctor->host->each_user(doctor->host, look_at_user, doctor);

	for (size_t i = 0; err == 0 && doctor->conf; i++) {
		class = cs_conf_class_at(doctor->conf, i);
		if (!class)
			break;
		err = look_at_class(doctor, class);
	}
	if (err < 0)
		doctor->failed = true;
}
