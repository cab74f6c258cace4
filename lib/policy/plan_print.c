/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan_print: a plan for the eye, as --explain shows it.
 *
 * Floor 1. Runs as anyone; no program of a login links it. Must not decide
 * anything: what it prints is what the plan holds.
 */
#include <errno.h>
#include <string.h>

#include "conf_keys.h"
#include "plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct unit {
	const char *name;
	uint64_t factor;
};

/* @number in the largest of @units (largest first, the last has factor 1) that has no rest. */
static void print_number(uint64_t number, const struct unit *units, FILE *out)
{
	while (number == 0 ? units->factor != 1 : number % units->factor != 0)
		units++;
	(void)fprintf(out, "%llu%s", (unsigned long long)(number / units->factor), units->name);
}

static void print_list(const struct cs_conf_list *list, FILE *out)
{
	for (size_t i = 0; i < list->count; i++)
		(void)fprintf(out, "%s%s", i ? " " : "", list->names[i]);
	if (list->count == 0)
		(void)fputs("(none)", out);
}

static void print_users(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* does not hold whom else its class serves */
	print_list(&class->users, out);
}

static void print_groups(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* as above */
	print_list(&class->groups, out);
}

static void print_identity(const struct cs_plan *plan, const struct cs_conf_class *class,
			   FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(cs_conf_keys_at(CS_KEY_IDENTITY)->words[plan->identity], out);
}

static void print_id_range(const struct cs_plan *plan, const struct cs_conf_class *class,
			   FILE *out)
{
	(void)plan;	/* has the maps */
	if (class->id_range.count == 0)
		(void)fputs("(none)", out);
	else
		(void)fprintf(out, "%u+%u", class->id_range.start, class->id_range.count);
}

static void print_allow_root(const struct cs_plan *plan, const struct cs_conf_class *class,
			     FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->allow_root ? "yes" : "no", out);
}

static void print_nested(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->nested ? "yes" : "no", out);
}

static void print_seccomp(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* the class has the word */
	(void)fputs(class->seccomp, out);
}

static void print_root(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->root == CS_ROOT_HOST ? CS_CONF_HOST : plan->image, out);
}

static void print_root_verity(const struct cs_plan *plan, const struct cs_conf_class *class,
			      FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->root_verity[0] != '\0' ? plan->root_verity : "(none)", out);
}

static void print_writable(const struct cs_plan *plan, const struct cs_conf_class *class,
			   FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(cs_conf_keys_at(CS_KEY_WRITABLE)->words[plan->writable], out);
}

static void print_network(const struct cs_plan *plan, const struct cs_conf_class *class,
			  FILE *out)
{
	static const char *const words[] = {
		[CS_NETWORK_HOST] = "host", [CS_NETWORK_NONE] = "none",
		[CS_NETWORK_NETNS] = "netns:",
	};

	(void)class;	/* the plan has it */
	(void)fprintf(out, "%s%s", words[plan->network], plan->netns);
}

static void print_shell(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->shell, out);
}

static const struct unit size_units[] = {
	{ "T", UINT64_C(1) << 40 }, { "G", UINT64_C(1) << 30 }, { "M", UINT64_C(1) << 20 },
	{ "K", UINT64_C(1) << 10 }, { "", 1 },
};

static void print_writable_size(const struct cs_plan *plan, const struct cs_conf_class *class,
				FILE *out)
{
	(void)class;	/* the plan has it */
	print_number(plan->writable_size, size_units, out);
}

static void print_home_kind(const struct cs_plan *plan, const struct cs_conf_class *class,
			    FILE *out)
{
	(void)plan;	/* has it among its mounts */
	(void)fputs(cs_conf_keys_at(CS_KEY_HOME)->words[class->home], out);
}

static void print_tmp_size(const struct cs_plan *plan, const struct cs_conf_class *class,
			   FILE *out)
{
	(void)plan;	/* has it with each tmpfs */
	print_number(class->tmp_size, size_units, out);
}

static const struct unit time_units[] = {
	{ "d", 24 * 3600 * 1000 }, { "h", 3600 * 1000 }, { "min", 60000 }, { "s", 1000 }, { "ms", 1 },
};

static void print_limit(uint64_t number, const struct unit *units, FILE *out)
{
	if (number == CS_CONF_FOREVER)
		(void)fputs("infinity", out);
	else
		print_number(number, units, out);
}

static void print_expose(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* has them among its mounts */
	print_list(&class->expose, out);
}

static void print_share(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* as above */
	print_list(&class->share, out);
}

static void print_fstab(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->fstab[0] ? plan->fstab : "(none)", out);
}

static void print_devices(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* has them by number, or among its mounts */
	print_list(&class->devices, out);
}

static void print_hide(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)plan;	/* has them among its mounts */
	print_list(&class->hide, out);
}

static void print_scope(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(cs_conf_keys_at(CS_KEY_SCOPE)->words[plan->scope], out);
}

static void print_linger(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	if (plan->linger_ms == 0 || plan->linger_ms == CS_CONF_FOREVER)
		(void)fputs(plan->linger_ms ? "yes" : "no", out);
	else
		print_number(plan->linger_ms, time_units, out);
}

static void print_stop_timeout(const struct cs_plan *plan, const struct cs_conf_class *class,
			       FILE *out)
{
	(void)class;	/* the plan has it */
	print_number(plan->stop_timeout_ms, time_units, out);
}

static void print_max_sessions(const struct cs_plan *plan, const struct cs_conf_class *class,
			       FILE *out)
{
	static const struct unit units[] = { { "", 1 } };

	(void)class;	/* the plan has it */
	print_limit(plan->max_sessions, units, out);
}

static void print_max_age(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	print_limit(plan->max_age_ms, time_units, out);
}

static void print_idle_timeout(const struct cs_plan *plan, const struct cs_conf_class *class,
			       FILE *out)
{
	(void)class;	/* the plan has it */
	print_limit(plan->idle_timeout_ms, time_units, out);
}

static void print_recycle(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(cs_conf_keys_at(CS_KEY_RECYCLE)->words[plan->recycle], out);
}

static void print_maintenance(const struct cs_plan *plan, const struct cs_conf_class *class,
			      FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->maintenance[0] ? plan->maintenance : "(none)", out);
}

static void print_maintenance_allow(const struct cs_plan *plan, const struct cs_conf_class *class,
				    FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->maintenance_sftp ? "sftp" : "(none)", out);
}

static void print_environment(const struct cs_plan *plan, const struct cs_conf_class *class,
			      FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->pass_environment[0] ? plan->pass_environment : "(none)", out);
}

static void print_cpuset(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	(void)class;	/* the plan has it */
	(void)fputs(plan->cpuset[0] ? plan->cpuset : "(none)", out);
}

static void (*const printers[])(const struct cs_plan *plan, const struct cs_conf_class *class,
				FILE *out) = {
	[CS_KEY_USERS] = print_users,
	[CS_KEY_GROUPS] = print_groups,
	[CS_KEY_IDENTITY] = print_identity,
	[CS_KEY_ID_RANGE] = print_id_range,
	[CS_KEY_ALLOW_ROOT] = print_allow_root,
	[CS_KEY_NESTED_NAMESPACES] = print_nested,
	[CS_KEY_SECCOMP] = print_seccomp,
	[CS_KEY_ROOT] = print_root,
	[CS_KEY_ROOT_VERITY] = print_root_verity,
	[CS_KEY_WRITABLE] = print_writable,
	[CS_KEY_WRITABLE_SIZE] = print_writable_size,
	[CS_KEY_NETWORK] = print_network,
	[CS_KEY_SHELL] = print_shell,
	[CS_KEY_HOME] = print_home_kind,
	[CS_KEY_TMP_SIZE] = print_tmp_size,
	[CS_KEY_EXPOSE] = print_expose,
	[CS_KEY_SHARE] = print_share,
	[CS_KEY_FSTAB] = print_fstab,
	[CS_KEY_DEVICES] = print_devices,
	[CS_KEY_HIDE] = print_hide,
	[CS_KEY_SCOPE] = print_scope,
	[CS_KEY_LINGER] = print_linger,
	[CS_KEY_STOP_TIMEOUT] = print_stop_timeout,
	[CS_KEY_MAX_SESSIONS] = print_max_sessions,
	[CS_KEY_MAX_AGE] = print_max_age,
	[CS_KEY_IDLE_TIMEOUT] = print_idle_timeout,
	[CS_KEY_RECYCLE] = print_recycle,
	[CS_KEY_MAINTENANCE] = print_maintenance,
	[CS_KEY_MAINTENANCE_ALLOW] = print_maintenance_allow,
	[CS_KEY_PASS_ENVIRONMENT] = print_environment,
	[CS_KEY_CPUSET] = print_cpuset,
	/* all others are limits */
	[CS_KEY_COUNT - 1] = NULL,
};
_Static_assert(COUNT(printers) == CS_KEY_COUNT, "each key is shown");

/* The plan's limit of this kind, or NULL. */
static const struct cs_limit *find_limit(const struct cs_plan *plan, uint32_t kind)
{
	for (size_t i = 0; i < plan->limit_count; i++)
		if (plan->limits[i].kind == kind)
			return &plan->limits[i];
	return NULL;
}

static void print_value(uint32_t kind, uint64_t value, FILE *out)
{
	static const struct unit count_units[] = { { "", 1 } }, second_units[] = {
		{ "d", 24 * 3600 }, { "h", 3600 }, { "min", 60 }, { "s", 1 },
	};

	if (value == CS_LIMIT_INFINITY) {
		(void)fputs("infinity", out);
		return;
	}
	switch (kind) {
	case CS_LIMIT_CPU:
		print_number(value, second_units, out);
		break;
	case CS_LIMIT_CPU_QUOTA:
		(void)fprintf(out, "%llu%%", (unsigned long long)value);
		break;
	case CS_LIMIT_NICE:
		(void)fprintf(out, "%d", (int)value - CS_LIMIT_NICE_OFFSET);
		break;
	case CS_LIMIT_OOM_SCORE:
		(void)fprintf(out, "%d", (int)value - CS_LIMIT_OOM_SCORE_OFFSET);
		break;
	case CS_LIMIT_PIDS_MAX:
	case CS_LIMIT_CPU_WEIGHT:
	case CS_LIMIT_IO_WEIGHT:
	case CS_LIMIT_NOFILE:
	case CS_LIMIT_NPROC:
	case CS_LIMIT_SIGPENDING:
		print_number(value, count_units, out);
		break;
	default:
		print_number(value, size_units, out);
		break;
	}
}

static void print_limited(const struct cs_plan *plan, const struct cs_conf_row *row, FILE *out)
{
	const struct cs_limit *limit = find_limit(plan, row->limit);

	if (!limit)
		(void)fputs(row->default_text[0] ? row->default_text : "(none)", out);
	else if (limit->form == CS_LIMIT_PERCENT)
		(void)fprintf(out, "%llu%%", (unsigned long long)limit->hard);
	else if (row->words && limit->hard < 2 && row->words[limit->hard])
		(void)fputs(row->words[limit->hard], out);
	else {
		print_value(limit->kind, limit->soft, out);
		if (limit->soft == limit->hard)
			return;
		(void)fputc(':', out);
		print_value(limit->kind, limit->hard, out);
	}
}

static void print_setting(const struct cs_plan *plan, const struct cs_conf_class *class,
			  const struct cs_conf_row *row, FILE *out)
{
	const struct cs_conf_origin *origin = &class->origin[row->key];

	(void)fprintf(out, "%s: ", row->name);
	if (printers[row->key])
		printers[row->key](plan, class, out);
	else
		print_limited(plan, row, out);
	if (origin->file)
		(void)fprintf(out, "  (%s:%u)\n", origin->file, origin->line);
	else
		(void)fputs("  (default)\n", out);
}

/* @path as a field of fstab(5): what is not plain in octal. */
static void print_path(const char *path, FILE *out)
{
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;

		if (byte <= ' ' || byte == '\\' || byte >= 0x7f)
			(void)fprintf(out, "\\%03o", byte);
		else
			(void)fputc(byte, out);
	}
}

static void print_home(const struct cs_plan *plan, FILE *out)
{
	const char *obstacle = cs_plan_home_obstacle(plan);

	(void)fputs("home directory: ", out);
	print_path(plan->home, out);
	if (obstacle) {
		(void)fputs("  (not shown: the container has its own ", out);
		print_path(obstacle, out);
		(void)fputs(")", out);
	}
	(void)fputs("\n", out);
}

/* Each line of a map: id inside, id outside, how many. */
static void print_map(const char *name, const char *text, FILE *out)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		(void)fprintf(out, "%s: %.*s\n", name, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void print_maps(const struct cs_plan *plan, FILE *out)
{
	if (plan->identity == CS_IDENTITY_HOST)
		return;
	print_map("uid-map", plan->uid_map, out);
	print_map("gid-map", plan->gid_map, out);
	(void)fprintf(out, "setgroups: %s\n", plan->keep_groups ? "deny" : "allow");
}

/* fstab(5)'s first and third field, and what the options start with, by kind. */
static const struct {
	const char *source;	/* NULL: the mount's own */
	const char *type;
	const char *option;	/* NULL: bind or rbind */
} kinds[] = {
	[CS_MOUNT_BIND] = { NULL, "none", NULL },
	[CS_MOUNT_BIND_OR_LINK] = { NULL, "none", "rbind,x-or-link," },
	[CS_MOUNT_TMPFS] = { "tmpfs", "tmpfs", "" },
	[CS_MOUNT_PROC] = { "proc", "proc", "" },
	[CS_MOUNT_SYSFS] = { "sysfs", "sysfs", "" },
	[CS_MOUNT_CGROUP2] = { "cgroup2", "cgroup2", "" },
	[CS_MOUNT_MQUEUE] = { "mqueue", "mqueue", "" },
	[CS_MOUNT_DEV] = { "dev", "tmpfs", "x-device-nodes," },
	[CS_MOUNT_DIR] = { "none", "none", "x-directory," },
	[CS_MOUNT_DEVPTS] = { "devpts", "devpts", "" },
	[CS_MOUNT_OVERLAY] = { "overlay", "overlay", "" },
	[CS_MOUNT_LOWER] = { NULL, "none", "x-lowerdir," },
	[CS_MOUNT_UPPER] = { NULL, "none", "x-upperdir," },
	[CS_MOUNT_WORK] = { NULL, "none", "x-workdir," },
	[CS_MOUNT_SQUASHFS] = { NULL, "squashfs", "" },
	[CS_MOUNT_EROFS] = { NULL, "erofs", "" },
	[CS_MOUNT_ISO9660] = { NULL, "iso9660", "" },
	[CS_MOUNT_NODE] = { NULL, "none", "x-device-node," },
	[CS_MOUNT_HIDE] = { "hidden", "none", "bind," },
	[CS_MOUNT_PRIVATE_HOME] = { "private-home", "none", "rbind," },
};

static void print_options(const struct cs_mount *mount, FILE *out)
{
	static const struct {
		unsigned int flag;
		const char *word;
	} words[] = {
		{ CS_MOUNT_NOSUID, "nosuid" },	   { CS_MOUNT_NODEV, "nodev" },
		{ CS_MOUNT_NOEXEC, "noexec" },	   { CS_MOUNT_OPTIONAL, "nofail" },
		{ CS_MOUNT_AS_USER, "x-as-user" }, { CS_MOUNT_FILE, "x-file" },
		{ CS_MOUNT_USER_OWNS, "x-user-owns" }, { CS_MOUNT_IN_PLACE, "x-in-place" },
		{ CS_MOUNT_SKEL, "x-skel" },
		{ CS_MOUNT_IDMAP, "x-idmap" },
	};
	const char *first = kinds[mount->kind].option;

	if (!first)
		first = mount->flags & CS_MOUNT_FLAT ? "bind," : "rbind,";
	(void)fprintf(out, "%s%s", first,
		      mount->flags & CS_MOUNT_RO ? "ro" : "rw");
	for (size_t i = 0; i < COUNT(words); i++) {
		if (mount->flags & words[i].flag)
			(void)fprintf(out, ",%s", words[i].word);
	}
	if (mount->kind == CS_MOUNT_TMPFS || mount->kind == CS_MOUNT_DEV ||
	    mount->kind == CS_MOUNT_DIR)
		(void)fprintf(out, ",mode=%04o", mount->mode);
	if (mount->size) {
		(void)fputs(",size=", out);
		print_number(mount->size, size_units, out);
	}
}

static void print_mount(const struct cs_mount *mount, FILE *out)
{
	const char *source = kinds[mount->kind].source;

	print_path(source ? source : mount->source, out);
	(void)fputc(' ', out);
	print_path(mount->target, out);
	(void)fprintf(out, " %s ", kinds[mount->kind].type);
	print_options(mount, out);
	if (mount->origin && mount->origin->file)
		(void)fprintf(out, " 0 0  (%s:%u)\n", mount->origin->file, mount->origin->line);
	else
		(void)fputs(" 0 0\n", out);
}

/* The overlay that all else is mounted in, and what is added to the image's files. */
static void print_image(const struct cs_plan *plan, FILE *out)
{
	static const char *const types[] = {
		[CS_ROOT_DIRECTORY] = "none", [CS_ROOT_EROFS] = "erofs",
		[CS_ROOT_SQUASHFS] = "squashfs",
	};

	if (plan->root == CS_ROOT_HOST)
		return;
	print_path(plan->image, out);
	(void)fprintf(out, " / %s x-lowerdir,ro,nosuid,nodev%s 0 0\n", types[plan->root],
		      plan->identity == CS_IDENTITY_HOST ? "" : ",X-mount.idmap");
	(void)fputs("overlay / overlay ", out);
	(void)fprintf(out, "%s%s,nodev", plan->writable == CS_WRITABLE_NO ? "ro" : "rw",
		      plan->allow_root ? "" : ",nosuid");
	if (plan->writable == CS_WRITABLE_EPHEMERAL) {
		(void)fputs(",size=", out);
		print_number(plan->writable_size, size_units, out);
	}
	(void)fputs(" 0 0\n", out);
}

/* Each of @lines, which are added to the image's file @name. */
static void print_lines(const char *name, const char *lines, FILE *out)
{
	while (*lines) {
		const size_t length = strcspn(lines, "\n");

		(void)fprintf(out, "line %s: %.*s\n", name, (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

int cs_plan_print(const struct cs_plan *plan, const struct cs_conf_class *class, FILE *out)
{
	errno = 0;
	(void)fprintf(out, "user: %s (uid %u, gid %u)\nclass: %s", plan->user, plan->uid,
		      plan->gid, plan->class_name);
	if (class->where.file)
		(void)fprintf(out, "  (%s:%u)\n", class->where.file, class->where.line);
	else
		(void)fputs("  (built in)\n", out);
	for (size_t i = 0; i < cs_conf_keys_count(); i++)
		print_setting(plan, class, cs_conf_keys_at(i), out);
	print_maps(plan, out);
	print_home(plan, out);
	print_image(plan, out);
	for (size_t i = 0; i < plan->mount_count; i++)
		print_mount(&plan->mounts[i], out);
	for (size_t i = 0; i < plan->link_count; i++)
		(void)fprintf(out, "link %s -> %s\n", plan->links[i].path, plan->links[i].target);
	print_lines("/etc/passwd", plan->passwd, out);
	print_lines("/etc/group", plan->group, out);
	/* a write that failed is remembered by the stream */
	if (fflush(out) != 0 || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
