package data

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
)

func init() {
	add(table{
		"INFO":                info,
		"MEMORY|DOCTOR":       memoryDoctor,
		"MEMORY|HELP":         help,
		"MEMORY|MALLOC-STATS": func(c *call) error { c.addVerbatim("Stats not supported for the current allocator"); return nil },
		"MEMORY|PURGE":        func(c *call) error { c.addOK(); return nil },
		"MEMORY|STATS":        memoryStats,
		"MEMORY|USAGE":        memoryUsage,
	})
}

// sections are those of INFO, in order.
var sections = []struct {
	name  string
	facts func(c *call) string
}{
	{"Server", func(c *call) string {
		uptime := (c.now - c.started) / 1000
		return lines("redis_version", Version, "redis_mode", "standalone", "os", runtime.GOOS+" "+runtime.GOARCH, "arch_bits", strconv.Itoa(strconv.IntSize),
			"process_id", strconv.Itoa(os.Getpid()), "run_id", c.runID, "tcp_port", "0", "server_time_usec", strconv.FormatInt(c.clock().UnixMicro(), 10),
			"uptime_in_seconds", strconv.FormatInt(uptime, 10), "uptime_in_days", strconv.FormatInt(uptime/86400, 10), "hz", "10", "configured_hz", "10", "config_file", "")
	}},
	{"Clients", func(c *call) string {
		clients := 1
		if c.Hooks.Clients != nil {
			clients = c.Hooks.Clients()
		}
		return lines("connected_clients", strconv.Itoa(clients), "cluster_connections", "0", "blocked_clients", strconv.Itoa(c.Waiting()+c.Paused), "tracking_clients", "0")
	}},
	{"Memory", func(c *call) string {
		used, all := uint64(c.Memory()), processMemory()
		scripts := 0
		if c.Hooks.Scripts != nil {
			scripts = c.Hooks.Scripts()
		}
		peak := uint64(c.peak)
		return lines("used_memory", strconv.FormatUint(used, 10), "used_memory_human", human(used), "used_memory_rss", strconv.FormatUint(all, 10),
			"used_memory_rss_human", human(all), "used_memory_peak", strconv.FormatUint(peak, 10), "used_memory_peak_human", human(peak), "used_memory_peak_perc", percent(used, peak),
			"used_memory_startup", strconv.Itoa(emptyMemory), "used_memory_dataset", strconv.FormatUint(used-emptyMemory, 10), "used_memory_dataset_perc", percent(used-emptyMemory, used),
			"maxmemory", strconv.FormatInt(c.MaxMemory, 10), "maxmemory_human", human(uint64(c.MaxMemory)),
			"maxmemory_policy", c.policy.name, "mem_fragmentation_ratio", fmt.Sprintf("%.2f", float64(all)/float64(used)), "mem_allocator", "go", "number_of_cached_scripts", strconv.Itoa(scripts))
	}},
	{"Persistence", func(c *call) string {
		return lines("loading", "0", "async_loading", "0", "rdb_changes_since_last_save", strconv.FormatInt(c.stats.Changes-c.savedChanges, 10), "rdb_bgsave_in_progress", "0",
			"rdb_last_save_time", strconv.FormatInt(c.saved/1000, 10), "rdb_last_bgsave_status", "ok", "aof_enabled", "0", "aof_rewrite_in_progress", "0")
	}},
	{"Stats", func(c *call) string {
		var errors int64
		for _, n := range c.errors {
			errors += n
		}
		return lines("total_commands_processed", strconv.FormatInt(c.stats.Commands, 10), "expired_keys", strconv.FormatInt(c.stats.Expired, 10), "evicted_keys", strconv.FormatInt(c.stats.Evicted, 10),
			"keyspace_hits", strconv.FormatInt(c.stats.Hits, 10), "keyspace_misses", strconv.FormatInt(c.stats.Misses, 10), "rejected_connections", "0", "evicted_clients", "0", "latest_fork_usec", "0", "total_forks", "0",
			"migrate_cached_sockets", "0", "total_error_replies", strconv.FormatInt(errors, 10))
	}},
	{"Replication", func(c *call) string {
		return lines("role", "master", "connected_slaves", "0", "master_failover_state", "no-failover", "master_replid", c.replID,
			"master_replid2", strings.Repeat("0", 40), "master_repl_offset", "0", "second_repl_offset", "-1", "repl_backlog_active", "0")
	}},
	{"Errorstats", func(c *call) string {
		var text strings.Builder
		for _, code := range slices.Sorted(maps.Keys(c.errors)) {
			fmt.Fprintf(&text, "errorstat_%s:count=%d\r\n", code, c.errors[code])
		}
		return text.String()
	}},
	{"Cluster", func(*call) string { return lines("cluster_enabled", "0") }},
	{"Keyspace", func(c *call) string {
		var text strings.Builder
		for _, db := range c.dbs {
			if n := db.keys.Len(); n > 0 {
				fmt.Fprintf(&text, "db%d:keys=%d,expires=%d,avg_ttl=0\r\n", db.id, n, db.expires.Len())
			}
		}
		return text.String()
	}},
}

func lines(facts ...string) string {
	var text strings.Builder
	for i := 0; i < len(facts); i += 2 {
		text.WriteString(facts[i] + ":" + facts[i+1] + "\r\n")
	}
	return text.String()
}

func info(c *call) error {
	wanted := func(section string) bool {
		return len(c.args) == 1 || slices.ContainsFunc(c.args[1:], func(word string) bool {
			return slices.ContainsFunc([]string{section, "ALL", "EVERYTHING", "DEFAULT"}, func(name string) bool { return equalFold(word, name) })
		})
	}
	var text strings.Builder
	for _, s := range sections {
		if !wanted(strings.ToUpper(s.name)) {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("\r\n")
		}
		text.WriteString("# " + s.name + "\r\n" + s.facts(c))
	}
	c.addVerbatim(text.String())
	return nil
}

// processMemory returns how much memory this process has from the system.
func processMemory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()
}

// human writes a number of bytes in the form of INFO (bytesToHuman).
func human(n uint64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%dB", n)
	}
	f, unit := float64(n), 0
	for f >= 1<<10 && unit < len("KMGTP") {
		f /= 1 << 10
		unit++
	}
	return fmt.Sprintf("%.2f%c", f, "KMGTP"[unit-1])
}

// percent writes a share in the form of INFO.
func percent(part, whole uint64) string {
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(whole))
}

func memoryDoctor(c *call) error {
	text := "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
	if c.Memory() < 5<<20 {
		text = "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n"
	}
	c.addVerbatim(text)
	return nil
}

// memoryStats runs MEMORY STATS, with the facts that there are here.
func memoryStats(c *call) error {
	used, all := uint64(c.Memory()), processMemory()
	keys := 0
	for _, db := range c.dbs {
		keys += db.keys.Len()
	}
	c.addMap(5)
	for _, fact := range []struct {
		name string
		n    uint64
	}{{"total.allocated", used}, {"replication.backlog", 0}, {"keys.count", uint64(keys)}, {"keys.bytes-per-key", used / uint64(max(keys, 1))}, {"allocator.resident", all}} {
		c.addBulk(fact.name)
		c.addInt(int64(fact.n))
	}
	return nil
}

func memoryUsage(c *call) error {
	key := c.args[2]
	for i := 3; i < len(c.args); i += 2 {
		if !c.is(i, "SAMPLES") || i+1 == len(c.args) {
			return errSyntax
		}
		samples, err := parseInt(c.args[i+1])
		if err != nil {
			return err
		}
		if samples < 0 {
			return errSyntax
		}
	}
	e := c.db.keys.Ref(key)
	if e == nil {
		c.addNull()
		return nil
	}
	c.addLen(keyMemory + len(key) + e.value.Memory())
	return nil
}

// keyMemory is about how many bytes of memory a key takes besides its text and its value.
const keyMemory = 56
