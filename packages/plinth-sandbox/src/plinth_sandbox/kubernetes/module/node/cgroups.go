package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	removeTimeout = 10 * time.Second
	removePause   = 20 * time.Millisecond
)

// needed are the controllers that kubelet and runc cannot do without.
var needed = []string{"cpu", "cpuset", "memory", "pids"}

// hierarchy is a mounted tree of cgroups, or the only one of version 2.
type hierarchy struct {
	// controllers as in /proc/self/cgroup, such as "cpu,cpuacct". Empty for version 2.
	controllers string
	// parent of the node's cgroup.
	parent string
}

// controlGroups are the cgroups of a node, one in each hierarchy.
type controlGroups struct{ paths []string }

// makeControlGroups creates the cgroups of a node below those of this process, so that limits of this process hold.
func makeControlGroups(name string) (*controlGroups, error) {
	found, err := hierarchies()
	if err != nil {
		return nil, err
	}
	made := &controlGroups{}
	for _, one := range found {
		made.paths = append(made.paths, filepath.Join(one.parent, name))
	}
	// A node that was killed with everything else may have left some.
	if err := made.remove(); err != nil {
		return nil, err
	}
	for number, one := range found {
		path := made.paths[number]
		if err := os.Mkdir(path, 0o755); err != nil {
			return nil, errors.Join(err, made.remove())
		}
		if slices.Contains(strings.Split(one.controllers, ","), "cpuset") {
			if err := inherit(one.parent, path, "cpuset.cpus", "cpuset.mems"); err != nil {
				return nil, errors.Join(err, made.remove())
			}
		}
	}
	return made, nil
}

func inherit(from, to string, names ...string) error {
	for _, name := range names {
		value, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// add moves a process into all cgroups.
func (groups *controlGroups) add(pid int) error {
	for _, path := range groups.paths {
		if err := os.WriteFile(filepath.Join(path, "cgroup.procs"), []byte(fmt.Sprint(pid)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the cgroups with all below them. Their processes have been killed, which takes the kernel a moment.
func (groups *controlGroups) remove() error {
	var failures []error
	for _, path := range groups.paths {
		until := time.Now().Add(removeTimeout)
		for {
			err := removeTree(path)
			if err == nil {
				break
			}
			if time.Now().After(until) {
				failures = append(failures, err)
				break
			}
			time.Sleep(removePause)
		}
	}
	return errors.Join(failures...)
}

func removeTree(path string) error {
	var folders []string
	err := filepath.WalkDir(path, func(one string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, one)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(folders)
	for _, folder := range folders {
		if err := syscall.Rmdir(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &fs.PathError{Op: "rmdir", Path: folder, Err: err}
		}
	}
	return nil
}

// hierarchies returns where cgroups of a node belong: version 1 if its controllers are mounted, else version 2.
func hierarchies() ([]hierarchy, error) {
	own, err := ownControlGroups("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	mounts, err := controlGroupMounts()
	if err != nil {
		return nil, err
	}
	var found []hierarchy
	for _, one := range mounts {
		path, known := own[one.controllers]
		if !known || one.controllers == "" {
			continue
		}
		found = append(found, hierarchy{one.controllers, one.path(path)})
	}
	for _, one := range mounts {
		if one.controllers == "" && len(found) == 0 {
			parent, err := unifiedParent(one, own[""])
			return []hierarchy{{"", parent}}, err
		}
	}
	for _, controller := range append([]string{"devices", "freezer", "cpuacct"}, needed...) {
		if !slices.ContainsFunc(found, func(one hierarchy) bool {
			return slices.Contains(strings.Split(one.controllers, ","), controller)
		}) {
			return nil, fmt.Errorf("the controller %s is not mounted", controller)
		}
	}
	return found, nil
}

// unifiedParent returns the nearest cgroup above this process whose children have the controllers. A cgroup with
// processes cannot have such children, unless it is the root.
func unifiedParent(mount controlGroupMount, own string) (string, error) {
	for path := mount.path(own); strings.HasPrefix(path, mount.point); path = filepath.Dir(path) {
		enabled, err := os.ReadFile(filepath.Join(path, "cgroup.subtree_control"))
		if err != nil {
			return "", err
		}
		if has(strings.Fields(string(enabled)), needed) {
			return path, nil
		}
	}
	return "", fmt.Errorf("no cgroup above this process has children with the controllers %s", strings.Join(needed, ", "))
}

func has(all, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(one string) bool { return !slices.Contains(all, one) })
}

// controlGroupMount is a mounted hierarchy.
type controlGroupMount struct{ controllers, root, point string }

// path returns where a cgroup, as /proc/self/cgroup names it, is mounted.
func (mount controlGroupMount) path(group string) string {
	return filepath.Join(mount.point, strings.TrimPrefix(group, strings.TrimSuffix(mount.root, "/")))
}

// ownControlGroups returns the cgroups of a process by their controllers.
func ownControlGroups(file string) (map[string]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if parts := strings.SplitN(strings.TrimSpace(line), ":", 3); len(parts) == 3 {
			found[parts[1]] = parts[2]
		}
	}
	return found, nil
}

// controlGroupMounts returns the mounted hierarchies, the first mount of each.
func controlGroupMounts() ([]controlGroupMount, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var found []controlGroupMount
	seen := map[string]bool{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if len(left) < 5 || len(right) < 3 || !strings.HasPrefix(right[0], "cgroup") {
			continue
		}
		controllers := ""
		if right[0] == "cgroup" {
			controllers = ofControllers(right[2])
		}
		if !seen[controllers] {
			seen[controllers] = true
			found = append(found, controlGroupMount{controllers, left[3], left[4]})
		}
	}
	return found, nil
}

// ofControllers returns the controllers in the options of a mount, as /proc/self/cgroup names them.
func ofControllers(options string) string {
	others := []string{"rw", "ro", "none", "xattr", "clone_children", "noprefix", "cpuset_v2_mode"}
	return strings.Join(slices.DeleteFunc(strings.Split(options, ","), func(one string) bool {
		return slices.Contains(others, one) || strings.HasPrefix(one, "release_agent=")
	}), ",")
}
