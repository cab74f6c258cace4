/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf: the administrator's configuration, read, checked and held.
 *
 * Floor 1. Runs as root in the planner, and as anyone in --explain and
 * --check-config; never in the set-uid helper. Must not read a file twice, nor
 * use a value that the strict scan and iniparser do not agree on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include "conf.h"
#include "conf_keys.h"
#include "conf_mounts.h"
#include "conf_scan.h"
#include "conf_stamp.h"
#include "fd.h"
#include "fstab.h"
#include "mount_text.h"
#include "strict.h"
#include "sys.h"
#include "trust.h"

#define DEFAULT_CLASS "default"
#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

struct cs_conf {
	char *files[CS_CONF_FILES_MAX];		/* names for messages, which origins share */
	size_t file_count;
	struct cs_conf_class **classes;
	size_t class_count;
	bool lines_refused;	/* by a scan: what looks as if it were missing may not be */
	struct cs_conf_stamp stamp;
};

/* As cs_trust_open_*, for tests that are not root: only the type is checked. */
static int open_untrusted(int dir_fd, const char *path, uint64_t flags, int *ret_fd,
			  const char **ret_why)
{
	cs_autoclose int fd = cs_sys_openat2(dir_fd, path, flags, 0);
	struct stat info;

	*ret_why = NULL;
	if (fd < 0)
		return fd;
	if (fstat(fd, &info) < 0)
		return -errno;
	if (!(flags & O_DIRECTORY) && !S_ISREG(info.st_mode)) {
		*ret_why = "is not a regular file";
		return -EPERM;
	}
	*ret_fd = cs_fd_steal(&fd);
	return 0;
}

/* ---- one file ---- */

/* What a load works on. */
struct loader {
	struct cs_conf *conf;
	struct cs_conf_problems *problems;
	bool trusted;
};

/* A problem of a whole file: that it is not trusted, or why it cannot be read. */
static int refuse_file(const struct loader *loader, const char *file, int err, const char *why)
{
	char text[160];

	if (err == -ENOMEM)
		return err;
	if (err == -EFBIG)
		why = "is larger than 256K";
	/* strerrordesc_np: no locale, no state, unlike strerror(3) */
	if (!why)
		(void)snprintf(text, sizeof(text), "cannot be read: %s", strerrordesc_np(-err));
	return cs_conf_scan_problem(loader->problems, file, 0, NULL, NULL, why ? why : text);
}

/* iniparser would print to the user's terminal. */
static int say_nothing(const char *format, ...)
{
	(void)format;	/* the scan said it already, or differs() will */
	return 0;
}

/*
 * Have iniparser load the very bytes that were scanned. 4.1 can only load by
 * name, so they go into a memory file; the file on disk is not read again.
 */
static int load_dictionary(const char *data, size_t size, dictionary **ret_dictionary)
{
	cs_autoclose int fd = memfd_create("container-shell.conf", MFD_CLOEXEC);
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	dictionary *loaded;
	int err;

	if (fd < 0)
		return -errno;
	err = cs_fd_write_all(fd, data, size);
	if (err < 0)
		return err;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);	/* always fits */
	iniparser_set_error_callback(say_nothing);
	loaded = iniparser_load(path);
	if (!loaded)
		return -EINVAL;
	*ret_dictionary = loaded;
	return 0;
}

/* iniparser's value of @item; getstring alone, as getint and its like can crash. */
static const char *value_of(const dictionary *dictionary, const struct cs_conf_item *item)
{
	char name[sizeof(item->section) + 1 + sizeof(item->key)];

	if (!dictionary)
		return item->value;	/* of a file with problems: judged, never used */
	(void)snprintf(name, sizeof(name), "%s:%s", item->section, item->key);	/* always fits */
	return iniparser_getstring(dictionary, name, NULL);
}

/*
 * SECURITY: as many entries, and each with the value that the scan saw, so
 * that nothing was read that the scan did not judge.
 */
static bool differs(const struct cs_conf_scan *scan, const dictionary *dictionary)
{
	if ((size_t)dictionary->n != scan->count)
		return true;
	for (size_t i = 0; i < scan->count; i++) {
		const char *value;

		if (!scan->items[i].value)
			continue;
		value = value_of(dictionary, &scan->items[i]);
		if (!value || strcmp(value, scan->items[i].value) != 0)
			return true;
	}
	return false;
}

static struct cs_conf_class *find_class(const struct cs_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->class_count; i++) {
		if (strcmp(conf->classes[i]->name, name) == 0)
			return conf->classes[i];
	}
	return NULL;
}

static void free_class(struct cs_conf_class *class)
{
	cs_conf_mounts_free(class);
	cs_conf_keys_free(class);
	free(class);
}

/* A new class, all at its defaults. */
static int add_class(struct cs_conf *conf, const char *name, struct cs_conf_origin where)
{
	struct cs_conf_class **grown, *class;

	grown = reallocarray(conf->classes, conf->class_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	conf->classes = grown;
	class = calloc(1, sizeof(*class));
	if (!class)
		return -ENOMEM;
	if (cs_conf_keys_set_defaults(class) < 0) {
		free_class(class);
		return -ENOMEM;
	}
	memcpy(class->name, name, strlen(name));	/* a class name, or "default": it fits */
	class->where = where;
	conf->classes[conf->class_count++] = class;
	return 0;
}

static int refuse_item(const struct loader *loader, const char *file,
		       const struct cs_conf_item *item, const char *what)
{
	return cs_conf_scan_problem(loader->problems, file, item->line, item->section, item->key,
				    what);
}

/* A [section] line. */
static int apply_section(const struct loader *loader, const char *file,
			 const struct cs_conf_item *item)
{
	struct cs_conf_origin where = { .file = file, .line = item->line };

	if (find_class(loader->conf, item->section))
		return 0;	/* of an earlier file: the two merge */
	if (loader->conf->class_count == CS_CONF_CLASSES_MAX)
		return refuse_item(loader, file, item, "there are more than 1024 sections");
	return add_class(loader->conf, item->section, where);
}

/* A key = value line; a later file's key replaces an earlier one's. */
static int apply_key(const struct loader *loader, const char *file,
		     const struct cs_conf_item *item, const char *value)
{
	struct cs_conf_class *class = find_class(loader->conf, item->section);
	const struct cs_conf_row *row = cs_conf_keys_find(item->key);
	char text[256];
	int err;

	if (!row)
		return refuse_item(loader, file, item, "there is no such key");
	if (!class)
		return 0;	/* one section too many, which was said */
	if (strcmp(item->section, DEFAULT_CLASS) == 0 &&
	    (row->key == CS_KEY_USERS || row->key == CS_KEY_GROUPS))
		return refuse_item(loader, file, item, "[default] is for all others and names nobody");
	class->origin[row->key] = (struct cs_conf_origin){ .file = file, .line = item->line };
	err = cs_conf_keys_set(row, value, class);
	if (err == -EINVAL) {
		(void)snprintf(text, sizeof(text), "must be %s", row->what);	/* may be cut */
		return refuse_item(loader, file, item, text);
	}
	return err;
}

/* @dictionary is NULL for a file that was refused, whose other lines are judged all the same. */
static int apply(const struct loader *loader, const char *file, const struct cs_conf_scan *scan,
		 const dictionary *dictionary)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < scan->count; i++) {
		const struct cs_conf_item *item = &scan->items[i];

		err = item->value ? apply_key(loader, file, item, value_of(dictionary, item)) :
				    apply_section(loader, file, item);
	}
	return err;
}

/* Load what was scanned without a problem, and see that iniparser agrees. */
static int apply_clean(const struct loader *loader, const char *file, const char *data,
		       size_t size, const struct cs_conf_scan *scan)
{
	dictionary *dictionary = NULL;
	int err = load_dictionary(data, size, &dictionary);

	if (err < 0 && err != -EINVAL)
		return refuse_file(loader, file, err, NULL);
	if (err < 0 || differs(scan, dictionary))
		err = refuse_file(loader, file, -EINVAL, "iniparser reads it in another way");
	else
		err = apply(loader, file, scan, dictionary);
	if (dictionary)
		iniparser_freedict(dictionary);
	return err;
}

/* The file @fd, called @file in messages. */
static int load_file(const struct loader *loader, const char *file, int fd)
{
	struct cs_conf_scan scan = { 0 };
	cs_autofree char *data = NULL;
	size_t before = loader->problems->count, size;
	int err = cs_fd_read_all(fd, CS_CONF_FILE_MAX, &data, &size);

	if (err < 0)
		return refuse_file(loader, file, err, NULL);
	err = cs_conf_scan_bytes(file, data, size, &scan, loader->problems);
	if (err == 0 && loader->problems->count == before) {
		err = apply_clean(loader, file, data, size, &scan);
	} else if (err == 0) {
		loader->conf->lines_refused = true;
		err = apply(loader, file, &scan, NULL);
	}
	cs_conf_scan_free(&scan);
	return err;
}

/* ---- all files ---- */

/* Keep the name of a file for messages: @dir may be NULL. */
static int keep_name(struct cs_conf *conf, const char *dir, const char *name, const char **ret_file)
{
	cs_autofree char *path = NULL;
	size_t length, room;
	char *kept;

	if (asprintf(&path, "%s%s%s", dir ? dir : "", dir ? "/" : "", name) < 0) {
		path = NULL;	/* undefined otherwise */
		return -ENOMEM;
	}
	length = strlen(path);
	room = 4 * length + 1;	/* if each byte had to be escaped */
	kept = malloc(room);
	if (!kept)
		return -ENOMEM;
	cs_strict_escape(path, length, kept, room);
	conf->files[conf->file_count++] = kept;
	*ret_file = kept;
	return 0;
}

static int load_main(const struct loader *loader, const char *path)
{
	cs_autoclose int fd = -1;
	const char *file, *why;
	int err = keep_name(loader->conf, NULL, path, &file);

	if (err < 0)
		return err;
	err = loader->trusted ? cs_trust_open_file(path, &fd, &why) :
				open_untrusted(AT_FDCWD, path, OPEN_FLAGS, &fd, &why);
	if (err == -ENOENT)
		return 0;	/* the built-in default serves everyone */
	if (err < 0)
		return refuse_file(loader, file, err, why);
	return load_file(loader, file, fd);
}

static int load_dropin(const struct loader *loader, const char *dir_path, int dir_fd,
		       const char *name)
{
	cs_autoclose int fd = -1;
	const char *file, *why;
	int err;

	if (loader->conf->file_count == CS_CONF_FILES_MAX)
		return refuse_file(loader, dir_path, -E2BIG, "has more than 255 files");
	err = keep_name(loader->conf, dir_path, name, &file);
	if (err < 0)
		return err;
	err = loader->trusted ? cs_trust_open_at(dir_fd, name, &fd, &why) :
				open_untrusted(dir_fd, name, OPEN_FLAGS, &fd, &why);
	/* SECURITY: one that was listed and is gone is a problem, not left out. */
	if (err < 0)
		return refuse_file(loader, file, err, why);
	return load_file(loader, file, fd);
}

static int load_dropins(const struct loader *loader, const char *path)
{
	struct cs_conf_names names = { 0 };
	cs_autoclose int fd = -1;
	const char *why;
	int err;

	err = loader->trusted ? cs_trust_open_dir(path, &fd, &why) :
				open_untrusted(AT_FDCWD, path, OPEN_FLAGS | O_DIRECTORY, &fd, &why);
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return refuse_file(loader, path, err, why);
	err = cs_conf_list_dropins(fd, &names);
	if (err < 0)
		err = refuse_file(loader, path, err, NULL);
	for (size_t i = 0; err == 0 && i < names.count; i++)
		err = load_dropin(loader, path, fd, names.list[i]);
	cs_conf_names_free(&names);
	return err;
}

static int refuse_key(const struct loader *loader, const struct cs_conf_class *class,
		      enum cs_conf_key key, const char *what)
{
	return cs_conf_scan_problem(loader->problems, class->origin[key].file,
				    class->origin[key].line, class->name,
				    cs_conf_keys_at(key)->name, what);
}

/* SECURITY: two id-ranges that are not the same have ids of two users in common. */
static int check_id_range(const struct loader *loader, const struct cs_conf_class *class)
{
	const struct cs_subid_range one = cs_conf_id_range(loader->conf);

	if (class->id_range.count == 0 || (class->id_range.start == one.start &&
					   class->id_range.count == one.count))
		return 0;
	return refuse_key(loader, class, CS_KEY_ID_RANGE,
			  "another class has another one: there is one for the host");
}

static int check_identity(const struct loader *loader, const struct cs_conf_class *class)
{
	int err = check_id_range(loader, class);

	if (err == 0 && class->allow_root && class->identity == CS_IDENTITY_HOST)
		err = refuse_key(loader, class, CS_KEY_ALLOW_ROOT, "needs identity = keep or root");
	/* SECURITY: its root could mount over what is there for who comes in next. */
	if (err == 0 && class->nested && cs_conf_keys_seccomp(class->seccomp) != CS_SECCOMP_DEFAULT)
		err = refuse_key(loader, class, CS_KEY_NESTED_NAMESPACES, "is for seccomp = default");
	if (err == 0 && class->nested && class->allow_root)
		err = refuse_key(loader, class, CS_KEY_NESTED_NAMESPACES, "is not for allow-root");
	return err;
}

/* The other keys of an image are for one alone: what silently does nothing is a mistake. */
static int check_root(const struct loader *loader, const struct cs_conf_class *class)
{
	const enum cs_root root = cs_conf_keys_root(class->root);
	const bool is_host = root == CS_ROOT_HOST;
	const bool is_file = root == CS_ROOT_EROFS || root == CS_ROOT_SQUASHFS;
	const char *fault = is_host ? NULL : cs_mount_text_source_fault(class->root);
	char text[1100];
	int err = 0;

	if (fault) {
		(void)snprintf(text, sizeof(text), "%s %s", class->root, fault);	/* may be cut */
		err = refuse_key(loader, class, CS_KEY_ROOT, text);
	}
	if (err == 0 && class->root_verity[0] != '\0' && !is_file)
		err = refuse_key(loader, class, CS_KEY_ROOT_VERITY, "needs an image that is a file as root");
	if (err == 0 && is_host && class->writable != CS_WRITABLE_NO)
		err = refuse_key(loader, class, CS_KEY_WRITABLE, "needs an image as root");
	if (err == 0 && class->writable == CS_WRITABLE_PERSISTENT && class->scope == CS_SCOPE_SESSION)
		err = refuse_key(loader, class, CS_KEY_WRITABLE,
				 "persistent is for one container at a time: it needs scope = user");
	if (err == 0 && class->writable != CS_WRITABLE_EPHEMERAL &&
	    class->origin[CS_KEY_WRITABLE_SIZE].file)
		err = refuse_key(loader, class, CS_KEY_WRITABLE_SIZE, "needs writable = ephemeral");
	return err;
}

/* What can be said only when all files are read. */
static int check_classes(const struct loader *loader)
{
	const struct cs_conf *conf = loader->conf;
	int err = 0;

	for (size_t i = 0; err == 0 && i < conf->class_count; i++)
		err = cs_conf_mounts_gather(conf->classes[i], loader->problems);
	for (size_t i = 0; err == 0 && i < conf->class_count && !conf->lines_refused; i++) {
		const struct cs_conf_class *class = conf->classes[i];

		if (strcmp(class->name, DEFAULT_CLASS) != 0 &&
		    !class->origin[CS_KEY_USERS].file && !class->origin[CS_KEY_GROUPS].file)
			err = cs_conf_scan_problem(loader->problems, class->where.file,
						   class->where.line, class->name, NULL,
						   "serves nobody: it has neither users nor groups");
		if (err == 0)
			err = check_identity(loader, class);
		if (err == 0)
			err = check_root(loader, class);
	}
	return err;
}

static int load_all(const struct loader *loader, const char *main_file, const char *dropin_dir)
{
	int err = load_main(loader, main_file);

	if (err == 0)
		err = load_dropins(loader, dropin_dir);
	if (err == 0)
		err = check_classes(loader);
	if (err == 0 && loader->problems->count > 0)
		err = -EINVAL;
	if (err == 0 && !find_class(loader->conf, DEFAULT_CLASS))
		err = add_class(loader->conf, DEFAULT_CLASS, (struct cs_conf_origin){ 0 });
	return err;
}

int cs_conf_load(const char *main_file, const char *dropin_dir, bool trusted,
		 struct cs_conf **ret_conf, struct cs_conf_problems *ret_problems)
{
	struct cs_conf *conf = calloc(1, sizeof(*conf));
	struct loader loader = { .conf = conf, .problems = ret_problems, .trusted = trusted };
	int err;

	memset(ret_problems, 0, sizeof(*ret_problems));
	if (!conf)
		return -ENOMEM;
	/* before reading, so that a change meanwhile makes the stamp an old one */
	err = cs_conf_stamp_now(main_file, dropin_dir, &conf->stamp);
	if (err < 0)
		err = refuse_file(&loader, dropin_dir, err, NULL);
	if (err == 0)
		err = load_all(&loader, main_file, dropin_dir);
	if (err < 0) {
		cs_conf_free(conf);
		return err;
	}
	*ret_conf = conf;
	return 0;
}

void cs_conf_free(struct cs_conf *conf)
{
	if (!conf)
		return;
	for (size_t i = 0; i < conf->class_count; i++)
		free_class(conf->classes[i]);
	free(conf->classes);
	for (size_t i = 0; i < conf->file_count; i++)
		free(conf->files[i]);
	free(conf);
}

void cs_conf_problems_free(struct cs_conf_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		free(problems->lines[i]);
	free(problems->lines);
	memset(problems, 0, sizeof(*problems));
}

struct cs_conf_stamp cs_conf_stamp_of(const struct cs_conf *conf)
{
	return conf->stamp;
}

/* ---- whose class is which ---- */

/* The entry of @class's users that names @user, or NULL. */
static const char *match_user(const struct cs_conf_class *class, const struct cs_user *user)
{
	for (size_t i = 0; i < class->users.count; i++) {
		if (strcmp(class->users.names[i], user->name) == 0)
			return class->users.names[i];
	}
	return NULL;
}

/* 1 with the first of @class's groups that @user is in, 0, or -errno with the one in doubt. */
static int match_group(const struct cs_conf_class *class, const struct cs_user *user,
		       const char **ret_name)
{
	for (size_t i = 0; i < class->groups.count; i++) {
		int found = cs_user_in_group(user, class->groups.names[i]);

		if (found == 0)
			continue;
		*ret_name = class->groups.names[i];
		return found;
	}
	return 0;
}

const struct cs_conf_class *cs_conf_class_of(const struct cs_conf *conf,
					     const struct cs_user *user,
					     enum cs_conf_match *ret_match,
					     const char **ret_name)
{
	*ret_match = CS_MATCH_USER;
	for (size_t i = 0; i < conf->class_count; i++) {
		*ret_name = match_user(conf->classes[i], user);
		if (*ret_name)
			return conf->classes[i];
	}
	*ret_match = CS_MATCH_GROUP;
	for (size_t i = 0; i < conf->class_count; i++) {
		int found = match_group(conf->classes[i], user, ret_name);

		if (found > 0)
			return conf->classes[i];
		/* SECURITY: the default may allow more than the class that cannot be found out. */
		if (found < 0)
			return NULL;
	}
	*ret_match = CS_MATCH_DEFAULT;
	*ret_name = NULL;
	return find_class(conf, DEFAULT_CLASS);
}

int cs_conf_read_fstab(struct cs_conf *conf, const struct cs_conf_class *class,
		       struct cs_conf_problems *problems)
{
	const size_t before = problems->count;
	int err;

	for (size_t i = 0; i < conf->class_count; i++) {
		if (conf->classes[i] != class)
			continue;
		/* before reading, so that a change meanwhile makes the stamp an old one */
		cs_conf_stamp_add(&conf->stamp, class->fstab);
		if (cs_conf_keys_root(class->root) != CS_ROOT_HOST)
			cs_conf_stamp_add(&conf->stamp, class->root);
		err = cs_fstab_load(conf->classes[i], problems);
		return err == 0 && problems->count > before ? -EINVAL : err;
	}
	return -EINVAL;
}

struct cs_subid_range cs_conf_id_range(const struct cs_conf *conf)
{
	for (size_t i = 0; i < conf->class_count; i++) {
		if (conf->classes[i]->id_range.count > 0)
			return conf->classes[i]->id_range;
	}
	return (struct cs_subid_range){ 0 };
}

const struct cs_conf_class *cs_conf_class_at(const struct cs_conf *conf, size_t index)
{
	return index < conf->class_count ? conf->classes[index] : NULL;
}
