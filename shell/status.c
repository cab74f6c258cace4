/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status: one container, or all of a user's, in full.
 *
 * container-shell --status USER|PID [--json]. As root; and --status alone, by
 * anybody inside, of the container that one is in.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin.h"
#include "conf.h"
#include "conf_stamp.h"
#include "list.h"
#include "log.h"
#include "places.h"
#include "strict.h"
#include "target.h"
#include "usage.h"

#define TEXT 512
#define DEPTH_MAX 32

static void print_text(const char *name, const char *text)
{
	char safe[TEXT];

	cs_strict_escape(text, strlen(text), safe, sizeof(safe));
	printf("%12s: %s\n", name, safe);
}

static void print_limit(const char *name, uint64_t ms)
{
	char text[32];

	if (ms == CS_RECORD_FOREVER)
		return;
	cs_usage_print_time(ms, text, sizeof(text));
	print_text(name, text);
}

/* Where its class is configured now, and whether it is still what it was made from. */
static void print_configuration(const struct cs_record *record)
{
	struct cs_conf_problems problems = { 0 };
	const struct cs_conf_class *class;
	struct cs_conf_stamp stamp = { { 0, 0 } };
	struct cs_conf *conf = NULL;
	bool current;

	current = cs_conf_stamp_now(CS_MAIN_FILE, CS_DROPIN_DIR, &stamp) == 0;
	cs_conf_stamp_add(&stamp, record->fstab);
	cs_conf_stamp_add(&stamp, record->image);
	current = current &&
		  memcmp(stamp.hash, record->stamp, sizeof(record->stamp)) == 0;
	if (cs_conf_load(CS_MAIN_FILE, CS_DROPIN_DIR, true, &conf, &problems) < 0) {
		printf("%12s: %s\n", "Config", "cannot be read now, see --check-config");
		cs_conf_problems_free(&problems);
		return;
	}
	printf("%12s: ", "Config");
	for (size_t i = 0; (class = cs_conf_class_at(conf, i)) != NULL; i++)
		if (strcmp(class->name, record->class_name) == 0)
			break;
	if (class == NULL)
		printf("class %s is no more", record->class_name);
	else if (class->where.file != NULL)
		printf("%s:%u", class->where.file, class->where.line);
	else
		printf("built in");
	printf("%s\n", current ? "" : " (changed since the container was made)");
	cs_conf_free(conf);
}

static void print_sessions(const struct cs_inventory_item *item)
{
	for (size_t i = 0; i < item->session_count; i++) {
		const struct cs_roster_entry *entry = &item->sessions[i];
		char since[32], text[TEXT];

		cs_list_time(entry->since_ms, since, sizeof(since));
		(void)snprintf(text, sizeof(text), "%s since %s%s%s%s, process %d",
			       entry->tty[0] != '\0' ? entry->tty : "no terminal", since,
			       entry->from[0] != '\0' ? " from " : "", entry->from,
			       entry->by_admin ? " by an administrator" : "", entry->pid);
		print_text(i == 0 ? "Sessions" : "", text);
	}
}

static void print_usage(const struct cs_usage *usage)
{
	char text[32];

	if (usage->has_processes)
		printf("%12s: %llu\n", "Processes", (unsigned long long)usage->processes);
	if (usage->has_memory) {
		cs_usage_print_size(usage->memory, text, sizeof(text));
		print_text("Memory", text);
	}
	if (usage->has_peak) {
		cs_usage_print_size(usage->peak, text, sizeof(text));
		print_text("Memory peak", text);
	}
	if (usage->has_kills)
		printf("%12s: %llu\n", "OOM kills", (unsigned long long)usage->kills);
	if (usage->has_cpu) {
		cs_usage_print_time(usage->cpu_us / 1000, text, sizeof(text));
		print_text("CPU", text);
	}
}

/* Those whose parent is not in the container hang below init: they came in from outside. */
static bool is_root_of_tree(const struct cs_processes *all, const struct cs_process *process,
			    uint64_t namespace)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].pid == process->parent)
			return all->list[i].namespace != namespace;
	return true;
}

static void print_tree(const struct cs_processes *all, const struct cs_process *process,
		       uint64_t namespace, int depth)
{
	char name[80];

	cs_strict_escape(process->name, strlen(process->name), name, sizeof(name));
	printf("%12s  %*s%d %s%s\n", "", 2 * depth, "", process->pid, name,
	       process->state == 'Z' ? " (has ended)" : process->state == 'T' ? " (stopped)" : "");
	for (size_t i = 0; depth < DEPTH_MAX && i < all->count; i++)
		if (all->list[i].parent == process->pid && all->list[i].namespace == namespace)
			print_tree(all, &all->list[i], namespace, depth + 1);
}

static void print_processes(const struct cs_record *record, struct cs_processes *all)
{
	if (all->list == NULL && cs_usage_scan(all) < 0)
		return;
	printf("%12s:\n", "Tree");
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].namespace == record->init_namespace &&
		    is_root_of_tree(all, &all->list[i], record->init_namespace))
			print_tree(all, &all->list[i], record->init_namespace, 0);
}

/* A field of mountinfo, with the kernel's own escapes ("\\040" for a blank) left as they are. */
static void print_field(const char *before, const char *text)
{
	(void)fputs(before, stdout);	/* admin.c asks ferror(3) */
	for (; *text != '\0'; text++) {
		char safe[8];

		cs_strict_escape(text, 1, safe, sizeof(safe));
		(void)fputs(*text == '\\' ? "\\" : safe, stdout);	/* and here */
	}
}

static void print_mount(const char *place, const char *type, const char *options, const char *root)
{
	printf("%12s", "");
	print_field("  ", place);
	print_field(" ", type);
	print_field(" ", options);
	if (strcmp(root, "/") != 0)
		print_field(" of ", root);
	printf("\n");
}

/*
 * proc_pid_mountinfo(5): of its init, so what is really there. SECURITY: the
 * kernel escapes blanks, not ESC; a mount of the user's own, by FUSE below the
 * home, has a place and a type that the user has named.
 */
static void print_mounts(const struct cs_record *record)
{
	char path[48], line[8192];
	FILE *mounts;

	(void)snprintf(path, sizeof(path), "/proc/%d/mountinfo", record->init_pid);
	mounts = fopen(path, "re");
	if (mounts == NULL)
		return;
	printf("%12s:\n", "Mounts");
	while (fgets(line, sizeof(line), mounts) != NULL) {
		char root[2048], place[2048], options[1024], type[256];
		const char *dash = strstr(line, " - ");

		if (dash != NULL && sscanf(dash, " - %255s", type) == 1 &&
		    sscanf(line, "%*s %*s %*s %2047s %2047s %1023s", root, place, options) == 3)
			print_mount(place, type, options, root);
	}
	(void)fclose(mounts);
}

static void print_item(const struct cs_inventory_item *item, const struct cs_usage *usage,
		       struct cs_processes *processes)
{
	const struct cs_record *record = &item->record;
	char text[64];

	printf("%s, class %s\n", record->user, record->class_name);
	print_text("State", cs_list_state(item->state));
	cs_list_time(record->since_ms, text, sizeof(text));
	print_text("Since", text);
	printf("%12s: %d (monitor %d)\n", "Init", record->init_pid, record->monitor_pid);
	print_configuration(record);
	print_sessions(item);
	print_usage(usage);
	print_text("Group", record->cgroup[0] != '\0' ? record->cgroup : "none: no cgroup v2 here");
	if (record->identity == CS_RECORD_IDENTITY_HOST)
		print_text("Identity", "host");
	else
		printf("%12s: %s%s, root inside is uid %u of the host\n", "Identity",
		       cs_list_identity(record), record->allow_root ? " with allow-root" : "",
		       record->root_uid);
	print_text("Root", record->image[0] != '\0' ? record->image : "host");
	if (record->image[0] != '\0')
		print_text("Writable", cs_list_writable(record));
	if (record->layer[0] != '\0')
		printf("%12s: %s/%u/%s/%s\n", "Layer", CS_LAYERSDIR, record->uid,
		       record->class_name, record->layer);
	print_text("Network", record->network);
	print_text("Shell", record->shell);
	print_text("Home", record->home);
	if (record->linger_ms == CS_RECORD_FOREVER)
		print_text("Linger", "yes");
	else if (record->linger_ms != 0)
		print_limit("Linger", record->linger_ms);
	print_limit("Stop timeout", record->stop_timeout_ms);
	print_limit("Max age", record->max_age_ms);
	print_limit("Idle timeout", record->idle_timeout_ms);
	if (record->max_sessions != CS_RECORD_FOREVER)
		printf("%12s: %llu\n", "Max sessions", (unsigned long long)record->max_sessions);
	if (record->maintenance[0] != '\0')
		print_text("Maintenance", record->maintenance);
	print_processes(record, processes);
	print_mounts(record);
}

/* Made by helper/mounts.c where only root writes: the container's own words of itself. */
static int print_inside(void)
{
	struct cs_processes processes = { 0 };
	char line[TEXT];
	FILE *description = fopen("/run/host/container-shell", "re");

	if (description == NULL) {
		cs_log_user("cannot show a container: say whose, as this is none");
		return CS_ADMIN_FAILED;
	}
	while (fgets(line, sizeof(line), description) != NULL) {
		char *value = strchr(line, '=');

		if (value == NULL)
			continue;
		*value++ = '\0';
		value[strcspn(value, "\n")] = '\0';
		printf("%15s: %s\n", line, value);
	}
	(void)fclose(description);
	/* All that can be seen here is in the container. */
	if (cs_usage_scan(&processes) == 0)
		printf("%15s: %zu\n", "processes", processes.count);
	cs_usage_free(&processes);
	return 0;
}

int cs_status(char *const operands[])
{
	const char *operand = operands[0];
	const bool json = operand != NULL && operands[1] != NULL && strcmp(operands[1], "--json") == 0;
	struct cs_processes processes = { 0 };
	struct cs_inventory inventory;
	char why[256];

	if (operand == NULL)
		return print_inside();	/* as it is: KEY=VALUE lines need no --json */
	if (operand[0] == '-' || (operands[1] != NULL && (!json || operands[2] != NULL)))
		return cs_admin_usage("--status takes a USER or a PID, and --json");
	if (!cs_admin_is_root("show a container"))
		return CS_ADMIN_FAILED;
	if (cs_target_find(operand, &inventory, why, sizeof(why)) < 0) {
		cs_log_user("cannot show a container: %s", why);
		return CS_ADMIN_FAILED;
	}
	printf(json ? "[" : "");
	for (size_t i = 0; i < inventory.count; i++) {
		struct cs_usage usage;

		cs_usage_of(&inventory.items[i].record, &processes, &usage);
		printf(i == 0 ? "" : json ? ",\n " : "\n");
		if (json)
			cs_list_print_json(&inventory.items[i], &usage, stdout);
		else
			print_item(&inventory.items[i], &usage, &processes);
	}
	printf(json ? "]\n" : "");
	cs_usage_free(&processes);
	cs_inventory_free(&inventory);
	return 0;
}
