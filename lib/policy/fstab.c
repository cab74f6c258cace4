/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fstab: the file that the key fstab names, line by line.
 *
 * Floor 1. Runs as root in the planner and as anyone in --check-config. Must not
 * guess: a line that getmntent(3) would read in another way than the eye, or a
 * word that nothing here obeys, is a problem.
 */
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_mounts.h"
#include "conf_scan.h"
#include "fd.h"
#include "fstab.h"
#include "mount_text.h"
#include "strict.h"
#include "trust.h"

#define BLANKS " \t"
#define LINE_MAX_BYTES 4000
#define TEXT_BYTES (LINE_MAX_BYTES + 2)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The line that is read. */
struct reader {
	struct cs_conf_class *class;
	unsigned int line;
	struct cs_conf_problems *problems;
	char *text;			/* of TEXT_BYTES, */
	FILE *stream;			/* and a stream that reads it, for getmntent(3) */
	struct cs_conf_mount mount;	/* what it comes to; its texts are the line's */
	bool has_size, has_mode, has_bind;
	const char *lower, *upper, *work;	/* of an overlay; NULL */
};

/* ---- what is wrong ------------------------------------------------------------- */

/* "FILE:LINE: [class] field: what". @field NULL: the whole line. */
static int refuse(const struct reader *reader, const char *field, const char *what)
{
	return cs_conf_scan_problem(reader->problems, reader->class->fstab, reader->line,
				    reader->class->name, field, what);
}

static int refuse_word(const struct reader *reader, const char *field, const char *word,
		       const char *what)
{
	char shown[256], text[512];

	cs_strict_escape(word, strlen(word), shown, sizeof(shown));
	(void)snprintf(text, sizeof(text), "%s %s", shown, what);	/* may be cut */
	return refuse(reader, field, text);
}

/* ---- options ---------------------------------------------------------------------- */

/* 0, -EINVAL for a value that is none, and then it is @what that it must be. */
typedef int option_fn(struct reader *reader, const char *value);

static int take_ro(struct reader *reader, const char *value)
{
	(void)value;
	reader->mount.flags |= CS_MOUNT_RO;
	return 0;
}

static int take_rw(struct reader *reader, const char *value)
{
	(void)value;
	reader->mount.flags &= ~(unsigned int)CS_MOUNT_RO;
	return 0;
}

static int take_noexec(struct reader *reader, const char *value)
{
	(void)value;
	reader->mount.flags |= CS_MOUNT_NOEXEC;
	return 0;
}

static int take_exec(struct reader *reader, const char *value)
{
	(void)value;
	reader->mount.flags &= ~(unsigned int)CS_MOUNT_NOEXEC;
	return 0;
}

static int take_nofail(struct reader *reader, const char *value)
{
	(void)value;
	reader->mount.flags |= CS_MOUNT_OPTIONAL;
	return 0;
}

/* What is so anyway. */
static int take_nothing(struct reader *reader, const char *value)
{
	(void)reader;
	(void)value;
	return 0;
}

static int take_bind(struct reader *reader, const char *value)
{
	(void)value;
	reader->has_bind = true;
	reader->mount.flags |= CS_MOUNT_FLAT;
	return 0;
}

static int take_rbind(struct reader *reader, const char *value)
{
	(void)value;
	reader->has_bind = true;
	reader->mount.flags &= ~(unsigned int)CS_MOUNT_FLAT;
	return 0;
}

/* As mount(8) takes it, in bytes or with k, m or g, or their capitals. */
static int take_size(struct reader *reader, const char *value)
{
	char text[32];
	size_t length = strlen(value);
	const char *unit;

	if (length == 0 || length >= sizeof(text))
		return -EINVAL;
	memcpy(text, value, length + 1);
	unit = strchr("kmgt", text[length - 1]);
	if (unit)
		text[length - 1] = "KMGT"[unit - "kmgt"];
	reader->has_size = true;
	return cs_strict_size(text, &reader->mount.size) < 0 || reader->mount.size < 4096 ?
	       -EINVAL : 0;
}

static int take_mode(struct reader *reader, const char *value)
{
	size_t length = strspn(value, "01234567");

	if (length < 3 || length > 5 || value[length] != '\0')
		return -EINVAL;
	reader->mount.mode = (unsigned int)strtoul(value, NULL, 8);
	reader->has_mode = true;
	return reader->mount.mode > 07777 ? -EINVAL : 0;
}

static int take_lower(struct reader *reader, const char *value)
{
	reader->lower = value;
	return 0;
}

static int take_upper(struct reader *reader, const char *value)
{
	reader->upper = value;
	return 0;
}

static int take_work(struct reader *reader, const char *value)
{
	reader->work = value;
	return 0;
}

static const struct option {
	const char *name;
	option_fn *take;
	const char *what;	/* of one with a value: completes "must be …" */
} options[] = {
	{ "defaults", take_nothing, NULL },
	{ "ro", take_ro, NULL },
	{ "rw", take_rw, NULL },
	{ "nosuid", take_nothing, NULL },
	{ "nodev", take_nothing, NULL },
	{ "noexec", take_noexec, NULL },
	{ "exec", take_exec, NULL },
	{ "nofail", take_nofail, NULL },
	{ "loop", take_nothing, NULL },
	{ "bind", take_bind, NULL },
	{ "rbind", take_rbind, NULL },
	{ "size", take_size, "a number of bytes, or one with k, m or g" },
	{ "mode", take_mode, "three or four digits, as for chmod" },
	{ "lowerdir", take_lower, "paths, with colons between them" },
	{ "upperdir", take_upper, "a path" },
	{ "workdir", take_work, "a path" },
};

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	}
	return NULL;
}

/* One of the words between the commas, "name" or "name=value". */
static int read_option(struct reader *reader, char *word)
{
	char *value = strchr(word, '=');
	const struct option *option;
	char text[128];

	if (value)
		*value++ = '\0';
	option = find_option(word);
	if (!option && (strcmp(word, "suid") == 0 || strcmp(word, "dev") == 0))
		return refuse_word(reader, "options", word, "is not given to anybody");
	if (!option)
		return refuse_word(reader, "options", word, "is no option that is known here");
	if ((value != NULL) != (option->what != NULL))
		return refuse_word(reader, "options", word,
				   value ? "has no value" : "has to have a value");
	if (option->take(reader, value) == 0)
		return 0;
	(void)snprintf(text, sizeof(text), "must be %s", option->what);	/* fits */
	return refuse_word(reader, "options", word, text);
}

/* Cut the next part of *@rest at @separator; NULL after the last. */
static char *cut(char **rest, char separator)
{
	char *part = *rest, *end;

	if (!part)
		return NULL;
	end = strchr(part, separator);
	if (end)
		*end = '\0';
	*rest = end ? end + 1 : NULL;
	return part;
}

static int read_options(struct reader *reader, char *text)
{
	char *word;
	int err = 0;

	while (err == 0 && (word = cut(&text, ',')) != NULL)
		err = read_option(reader, word);
	return err;
}

/* ---- types ------------------------------------------------------------------------ */

static const struct type {
	const char *name;
	enum cs_mount_kind kind;
	unsigned int flags;
	unsigned int mode;
} types[] = {
	{ "none", CS_MOUNT_BIND, 0, 0755 },
	{ "tmpfs", CS_MOUNT_TMPFS, 0, 01777 },
	{ "proc", CS_MOUNT_PROC, CS_MOUNT_NOEXEC, 0555 },
	{ "sysfs", CS_MOUNT_SYSFS, CS_MOUNT_NOEXEC | CS_MOUNT_RO, 0555 },
	{ "devpts", CS_MOUNT_DEVPTS, CS_MOUNT_NOEXEC, 0755 },
	{ "mqueue", CS_MOUNT_MQUEUE, CS_MOUNT_NOEXEC, 01777 },
	{ "overlay", CS_MOUNT_OVERLAY, 0, 0755 },
	{ "squashfs", CS_MOUNT_SQUASHFS, CS_MOUNT_RO, 0755 },
	{ "erofs", CS_MOUNT_EROFS, CS_MOUNT_RO, 0755 },
	{ "iso9660", CS_MOUNT_ISO9660, CS_MOUNT_RO, 0755 },
};

static const struct type *find_type(const char *name)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	}
	return NULL;
}

/* What the options say that the type has no use for, or NULL. */
static const char *type_fault(const struct reader *reader)
{
	const enum cs_mount_kind kind = reader->mount.kind;

	if (reader->has_bind != (kind == CS_MOUNT_BIND))
		return reader->has_bind ? "is not for bind: that has the type none" :
					  "needs bind or rbind among the options";
	if ((reader->has_size || reader->has_mode) && kind != CS_MOUNT_TMPFS)
		return "has neither size nor mode: tmpfs does";
	if ((reader->lower || reader->upper || reader->work) && kind != CS_MOUNT_OVERLAY)
		return "has neither lowerdir, upperdir nor workdir: overlay does";
	if (kind == CS_MOUNT_OVERLAY && !reader->lower)
		return "needs lowerdir among the options";
	if ((reader->upper == NULL) != (reader->work == NULL))
		return "needs upperdir and workdir together";
	if (kind == CS_MOUNT_OVERLAY && !reader->upper && !strchr(reader->lower, ':'))
		return "needs two paths in lowerdir, or upperdir and workdir";
	return NULL;
}

/* ---- paths ------------------------------------------------------------------------ */

static const char *fault_of(const char *text, const char *(*rule)(const char *path))
{
	const char *fault = cs_mount_text_fault(text);

	if (fault)
		return fault;
	return strchr(text, '%') ? NULL : rule(text);
}

static int add(struct reader *reader)
{
	int err = cs_conf_mounts_add(reader->class, &reader->mount);

	return err == -E2BIG ?
	       refuse(reader, NULL, "is one mount too many: a class has at most 256") : err;
}

/* A directory that an overlay is made of. */
static int add_layer(struct reader *reader, enum cs_mount_kind kind, char *path)
{
	const struct cs_conf_mount overlay = reader->mount;
	const char *fault = fault_of(path, cs_mount_text_source_fault);
	int err;

	if (fault)
		return refuse_word(reader, "options", path, fault);
	reader->mount.kind = kind;
	reader->mount.source = path;
	err = add(reader);
	reader->mount = overlay;
	return err;
}

static int add_layers(struct reader *reader)
{
	char lower[TEXT_BYTES], *rest = lower, *path;
	size_t count = 0;
	int err = 0;

	(void)snprintf(lower, sizeof(lower), "%s", reader->lower);	/* as long as a line */
	while (err == 0 && (path = cut(&rest, ':')) != NULL) {
		if (++count > CS_FSTAB_LAYERS_MAX)
			return refuse(reader, "options", "lowerdir has more than 8 paths");
		err = add_layer(reader, CS_MOUNT_LOWER, path);
	}
	if (err < 0 || !reader->upper)
		return err;
	(void)snprintf(lower, sizeof(lower), "%s", reader->upper);
	err = add_layer(reader, CS_MOUNT_UPPER, lower);
	(void)snprintf(lower, sizeof(lower), "%s", reader->work);
	return err < 0 ? err : add_layer(reader, CS_MOUNT_WORK, lower);
}

/* ---- lines ------------------------------------------------------------------------- */

static int take_entry(struct reader *reader, struct mntent *entry)
{
	const struct type *type = find_type(entry->mnt_type);
	char source[] = "";
	const char *fault;
	int err;

	if (!type)
		return refuse_word(reader, "type", entry->mnt_type, "is no type that is known here");
	reader->mount = (struct cs_conf_mount){
		.kind = type->kind, .mode = type->mode, .source = source,
		.target = entry->mnt_dir, .key = CS_KEY_FSTAB,
		.flags = CS_MOUNT_GIVEN | CS_MOUNT_NOSUID | CS_MOUNT_NODEV,
		.where = { .file = reader->class->fstab, .line = reader->line },
	};
	if (type->kind == CS_MOUNT_TMPFS)
		reader->mount.size = reader->class->tmp_size;
	fault = fault_of(entry->mnt_dir, cs_mount_text_target_fault);
	if (fault)
		return refuse_word(reader, "mount point", entry->mnt_dir, fault);
	err = read_options(reader, entry->mnt_opts);
	if (err < 0)
		return err;
	fault = type_fault(reader);
	if (fault)
		return refuse_word(reader, "type", entry->mnt_type, fault);
	reader->mount.flags |= type->flags;	/* whatever the options say */
	if (type->kind == CS_MOUNT_BIND || cs_mount_is_image(type->kind)) {
		fault = fault_of(entry->mnt_fsname, cs_mount_text_source_fault);
		if (fault)
			return refuse_word(reader, "device", entry->mnt_fsname, fault);
		reader->mount.source = entry->mnt_fsname;
	}
	if (type->kind == CS_MOUNT_OVERLAY)
		err = add_layers(reader);
	return err < 0 ? err : add(reader);
}

/* How many words @text has, and that of the 5th and 6th each is a number. */
static const char *fields_fault(const char *text)
{
	size_t count = 0;

	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		const size_t length = strcspn(text, BLANKS);

		if (++count > 4 && strspn(text, "0123456789") < length)
			return "the fifth and sixth field, dump and pass, are numbers";
		text += length;
	}
	if (count < 4)
		return "has fewer than four fields: device, mount point, type, options";
	return count > 6 ? "has more than six fields" : NULL;
}

static const char *bytes_fault(const char *text, size_t length)
{
	if (length > LINE_MAX_BYTES)
		return "is longer than 4000 bytes";
	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)text[i];

		if (byte == 0x7f || (byte < 0x20 && byte != '\t'))
			return "has a control character";
	}
	return NULL;
}

/* One line of @length bytes, without its end. */
static int take_line(struct reader *reader, const char *text, size_t length)
{
	const char *fault = bytes_fault(text, length), *start;
	char *line = reader->text, buffer[TEXT_BYTES];
	struct mntent entry;

	if (fault)
		return refuse(reader, NULL, fault);
	memcpy(line, text, length);
	line[length] = '\0';
	start = line + strspn(line, BLANKS);
	if (*start == '\0' || *start == '#')
		return 0;
	fault = fields_fault(line);
	if (fault)
		return refuse(reader, NULL, fault);
	line[length] = '\n';	/* what was there before is behind it */
	/* one line at a time, so that its number is known: getmntent(3) passes over lines */
	rewind(reader->stream);
	if (!getmntent_r(reader->stream, &entry, buffer, sizeof(buffer)))
		return refuse(reader, NULL, "is no line of fstab(5)");
	return take_entry(reader, &entry);
}

static int take_lines(struct reader *reader, const char *data, size_t size)
{
	const struct reader fresh = *reader;
	int err = 0;

	for (unsigned int line = 1; err == 0 && size > 0; line++) {
		const char *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;

		*reader = fresh;
		reader->line = line;
		err = take_line(reader, data, length);
		data += end ? length + 1 : length;
		size -= end ? length + 1 : length;
	}
	return err;
}

int cs_fstab_take(struct cs_conf_class *class, const char *data, size_t size,
		  struct cs_conf_problems *problems)
{
	char text[TEXT_BYTES] = "";
	struct reader reader = { .class = class, .problems = problems, .text = text };
	int err;

	reader.stream = fmemopen(text, sizeof(text), "r");
	if (!reader.stream)
		return -ENOMEM;
	err = take_lines(&reader, data, size);
	(void)fclose(reader.stream);	/* was only read from */
	class->fstab_taken = true;
	return err;
}

/* A problem of the whole file, said of the key that names it. */
static int refuse_file(const struct cs_conf_class *class, int err, const char *why,
		       struct cs_conf_problems *problems)
{
	const struct cs_conf_origin *origin = &class->origin[CS_KEY_FSTAB];
	char shown[256], text[512];

	if (err == -ENOMEM)
		return err;
	if (err == -EFBIG)
		why = "is larger than 256K";
	cs_strict_escape(class->fstab, strlen(class->fstab), shown, sizeof(shown));
	(void)snprintf(text, sizeof(text), "%s %s%s", shown, why ? why : "cannot be read: ",
		       why ? "" : strerrordesc_np(-err));
	return cs_conf_scan_problem(problems, origin->file, origin->line, class->name, "fstab", text);
}

int cs_fstab_load(struct cs_conf_class *class, struct cs_conf_problems *problems)
{
	cs_autoclose int fd = -1;
	cs_autofree char *data = NULL;
	const char *why = NULL;
	size_t size;
	int err;

	if (class->fstab[0] == '\0')
		return 0;
	err = cs_trust_open_file(class->fstab, &fd, &why);
	if (err == 0)
		err = cs_fd_read_all(fd, CS_CONF_FILE_MAX, &data, &size);
	if (err < 0)
		return refuse_file(class, err, why, problems);
	return cs_fstab_take(class, data, size, problems);
}
