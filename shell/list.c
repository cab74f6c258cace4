/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list: every container that runs, one per line.
 *
 * container-shell --list [--json]. As root.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "admin.h"
#include "conf.h"
#include "inventory.h"
#include "json.h"
#include "list.h"
#include "log.h"
#include "strict.h"
#include "usage.h"

#define COLUMNS 11
#define CELL 160

static const char *const headings[COLUMNS] = {
	"USER", "CLASS", "PID", "SINCE", "STATE", "SESSIONS", "PROCESSES", "MEMORY", "CPU",
	"NETWORK", "FROM",
};

struct line {
	char cells[COLUMNS][CELL];
};

static const char *const state_words[] = {
	[CS_INVENTORY_RUNNING] = "running",
	[CS_INVENTORY_LINGERING] = "lingering",
	[CS_INVENTORY_DEAD] = "dead",
};

const char *cs_list_writable(const struct cs_record *record)
{
	static const char *const words[] = {
		[CS_WRITABLE_NO] = "no", [CS_WRITABLE_EPHEMERAL] = "ephemeral",
		[CS_WRITABLE_PERSISTENT] = "persistent",
	};

	return record->writable < sizeof(words) / sizeof(words[0]) ? words[record->writable] : "?";
}

const char *cs_list_identity(const struct cs_record *record)
{
	static const char *const words[] = {
		[CS_IDENTITY_HOST] = "host", [CS_IDENTITY_KEEP] = "keep", [CS_IDENTITY_ROOT] = "root",
	};

	return record->identity < sizeof(words) / sizeof(words[0]) ? words[record->identity] : "?";
}

const char *cs_list_state(enum cs_inventory_state state)
{
	return state_words[state];
}

void cs_list_time(uint64_t ms, char *ret_text, size_t size)
{
	const time_t seconds = (time_t)(ms / 1000);
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL ||
	    strftime(ret_text, size, "%Y-%m-%d %H:%M:%S", &local) == 0)
		(void)snprintf(ret_text, size, "?");
}

/* What came from outside, fit for a terminal. */
static void escape(const char *text, char *ret_cell)
{
	cs_strict_escape(text, strlen(text), ret_cell, CELL);
}

/* "pts/0 192.0.2.1, -, pts/3": cut where the cell is full. */
static void from_cell(const struct cs_inventory_item *item, char *ret_cell)
{
	size_t used = 0;

	ret_cell[0] = '\0';
	for (size_t i = 0; i < item->session_count && used < CELL; i++) {
		const struct cs_roster_entry *entry = &item->sessions[i];
		char tty[CELL], from[CELL];

		escape(entry->tty[0] != '\0' ? entry->tty : "-", tty);
		escape(entry->by_admin ? "(admin)" : entry->from, from);
		used += (size_t)snprintf(ret_cell + used, CELL - used, "%s%s%s%s", i > 0 ? ", " : "",
					 tty, from[0] != '\0' ? " " : "", from);
	}
}

static void fill_line(const struct cs_inventory_item *item, const struct cs_usage *usage,
		      struct line *ret_line)
{
	const struct cs_record *record = &item->record;
	char (*cells)[CELL] = ret_line->cells;

	escape(record->user, cells[0]);
	escape(record->class_name, cells[1]);
	(void)snprintf(cells[2], CELL, "%d", record->init_pid);
	cs_list_time(record->since_ms, cells[3], CELL);
	(void)snprintf(cells[4], CELL, "%s", cs_list_state(item->state));
	(void)snprintf(cells[5], CELL, "%zu", item->session_count);
	(void)snprintf(cells[6], CELL, usage->has_processes ? "%llu" : "-",
		       (unsigned long long)usage->processes);
	(void)snprintf(cells[7], CELL, "-");
	if (usage->has_memory)
		cs_usage_print_size(usage->memory, cells[7], CELL);
	(void)snprintf(cells[8], CELL, "-");
	if (usage->has_cpu)
		cs_usage_print_time(usage->cpu_us / 1000, cells[8], CELL);
	escape(record->network, cells[9]);
	from_cell(item, cells[10]);
}

static void widen(const struct line *line, size_t *widths)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t width = strlen(line->cells[i]);

		if (width > widths[i])
			widths[i] = width;
	}
}

static void print_line(const struct line *line, const size_t *widths)
{
	static const bool is_number[COLUMNS] = { [2] = true, [5] = true, [6] = true, [7] = true,
						 [8] = true };

	for (size_t i = 0; i < COLUMNS - 1; i++)
		printf(is_number[i] ? "%*s " : "%-*s ", (int)widths[i], line->cells[i]);
	printf("%s\n", line->cells[COLUMNS - 1]);
}

static int print_table(const struct cs_inventory *inventory, const struct cs_usage *usages)
{
	struct line *lines = calloc(inventory->count + 1, sizeof(lines[0]));
	size_t widths[COLUMNS] = { 0 };

	if (lines == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < COLUMNS; i++)
		(void)snprintf(lines[0].cells[i], CELL, "%s", headings[i]);
	for (size_t i = 0; i < inventory->count; i++)
		fill_line(&inventory->items[i], &usages[i], &lines[i + 1]);
	for (size_t i = 0; i <= inventory->count; i++)
		widen(&lines[i], widths);
	/* The headings are for people: a pipe gets the lines alone, which awk(1) reads. */
	for (size_t i = isatty(STDOUT_FILENO) ? 0 : 1; i <= inventory->count; i++)
		print_line(&lines[i], widths);
	free(lines);
	return 0;
}

static void print_json_sessions(const struct cs_inventory_item *item, FILE *out)
{
	(void)fputc('[', out);
	for (size_t i = 0; i < item->session_count; i++) {
		const struct cs_roster_entry *entry = &item->sessions[i];
		int first = 1;

		(void)fputs(i > 0 ? ", {" : "{", out);
		cs_json_number(out, "pid", (uint64_t)entry->pid, &first);
		cs_json_member(out, "tty", entry->tty, &first);
		cs_json_member(out, "from", entry->from, &first);
		cs_json_number(out, "since_ms", entry->since_ms, &first);
		cs_json_key(out, "admin", &first);
		(void)fprintf(out, "%s}", entry->by_admin ? "true" : "false");
	}
	(void)fputc(']', out);
}

static void print_json_usage(const char *name, bool known, uint64_t number, int *first, FILE *out)
{
	if (known) {
		cs_json_number(out, name, number, first);
		return;
	}
	cs_json_key(out, name, first);
	(void)fputs("null", out);
}

void cs_list_print_json(const struct cs_inventory_item *item, const struct cs_usage *usage,
			FILE *out)
{
	const struct cs_record *record = &item->record;
	int first = 1;

	(void)fputc('{', out);
	cs_json_member(out, "user", record->user, &first);
	cs_json_number(out, "uid", record->uid, &first);
	cs_json_member(out, "class", record->class_name, &first);
	cs_json_member(out, "instance", record->instance, &first);
	cs_json_number(out, "pid", (uint64_t)record->init_pid, &first);
	cs_json_number(out, "monitor", (uint64_t)record->monitor_pid, &first);
	cs_json_number(out, "since_ms", record->since_ms, &first);
	cs_json_member(out, "state", cs_list_state(item->state), &first);
	cs_json_member(out, "cgroup", record->cgroup, &first);
	cs_json_member(out, "identity", cs_list_identity(record), &first);
	if (record->identity != CS_RECORD_IDENTITY_HOST) {
		cs_json_key(out, "allow_root", &first);
		(void)fputs(record->allow_root ? "true" : "false", out);
		cs_json_number(out, "root_uid", record->root_uid, &first);
	}
	cs_json_member(out, "root", record->image[0] != '\0' ? record->image : "host", &first);
	cs_json_member(out, "writable", cs_list_writable(record), &first);
	cs_json_member(out, "network", record->network, &first);
	print_json_usage("processes", usage->has_processes, usage->processes, &first, out);
	print_json_usage("memory", usage->has_memory, usage->memory, &first, out);
	print_json_usage("memory_peak", usage->has_peak, usage->peak, &first, out);
	print_json_usage("oom_kills", usage->has_kills, usage->kills, &first, out);
	print_json_usage("cpu_us", usage->has_cpu, usage->cpu_us, &first, out);
	cs_json_key(out, "sessions", &first);
	print_json_sessions(item, out);
	(void)fputc('}', out);
}

static void print_json(const struct cs_inventory *inventory, const struct cs_usage *usages)
{
	printf("[");
	for (size_t i = 0; i < inventory->count; i++) {
		printf(i > 0 ? ",\n " : "");
		cs_list_print_json(&inventory->items[i], &usages[i], stdout);
	}
	printf("]\n");
}

int cs_list(char *const operands[])
{
	const bool json = operands[0] != NULL && strcmp(operands[0], "--json") == 0;
	struct cs_processes processes = { 0 };
	struct cs_inventory inventory;
	struct cs_usage *usages;
	int result;

	if (operands[0] != NULL && (!json || operands[1] != NULL))
		return cs_admin_usage("--list takes --json, and nothing else");
	if (!cs_admin_is_root("list containers"))
		return CS_ADMIN_FAILED;
	result = cs_inventory_take((uid_t)-1, &inventory);
	if (result < 0) {
		cs_log_user("cannot read the records: %s", strerror(-result));
		return CS_ADMIN_FAILED;
	}
	usages = calloc(inventory.count + 1, sizeof(usages[0]));
	if (usages == NULL) {
		cs_log_user("cannot list containers: %s", strerror(ENOMEM));
		return CS_ADMIN_FAILED;
	}
	for (size_t i = 0; i < inventory.count; i++)
		cs_usage_of(&inventory.items[i].record, &processes, &usages[i]);
	if (json)
		print_json(&inventory, usages);
	else
		result = print_table(&inventory, usages);
	free(usages);
	cs_usage_free(&processes);
	cs_inventory_free(&inventory);
	if (result < 0)
		cs_log_user("cannot list containers: %s", strerror(-result));
	return result < 0 ? CS_ADMIN_FAILED : 0;
}
