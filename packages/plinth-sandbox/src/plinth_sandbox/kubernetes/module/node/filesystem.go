package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// hostRoot is where the node sees the file system of this machine.
const hostRoot = "/host"

// tunables are settings of the kernel that kubelet wants and that hold for the whole machine. It sees files with these
// values instead, so that it changes nothing.
var tunables = map[string]string{
	"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
	"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
}

// kept are the directories of the node that outlive it, by their name in its own directory.
var kept = map[string]string{
	"/var/lib/containerd": "containerd", "/var/lib/kubelet": "kubelet", "/var/lib/cni": "cni", "/var/log": "log",
}

// makeRoot gives the node a root of its own in memory, with the programs of this machine and with its own directories.
// Its mounts are in no other namespace.
func makeRoot(configured *configuration) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	root := filepath.Join(configured.Directory, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("root", root, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for _, folder := range []string{"proc", "sys", "run", "tmp", "var/lib", "etc", "dev", hostRoot[1:]} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	if err := os.Symlink("/run", filepath.Join(root, "var/run")); err != nil {
		return err
	}
	if err := bindAll(configured, root); err != nil {
		return err
	}
	if err := writeNames(configured, root); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, filepath.Join(root, hostRoot)); err != nil {
		return fmt.Errorf("new root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	// runc would take the cgroups of this machine for those of the node.
	for _, folder := range []string{"proc", "sys"} {
		if err := unix.Unmount(filepath.Join(hostRoot, folder), unix.MNT_DETACH); err != nil {
			return fmt.Errorf("%s of this machine: %w", folder, err)
		}
	}
	// Nothing of this machine changes but the directories of the node.
	for _, folder := range []string{hostRoot, "/usr"} {
		if err := makeReadOnly(folder); err != nil {
			return err
		}
	}
	// Containers may ask for mounts that follow those of the node.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return err
	}
	for _, one := range []struct{ kind, at string }{{"proc", "/proc"}, {"sysfs", "/sys"}} {
		if err := unix.Mount(one.kind, one.at, one.kind, 0, ""); err != nil {
			return fmt.Errorf("%s: %w", one.at, err)
		}
	}
	return hideTunables()
}

// bindAll shows the programs of this machine, its devices, and the directories of the node.
func bindAll(configured *configuration, root string) error {
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, "lib") && !slices.Contains([]string{"usr", "bin", "sbin", "dev"}, name) {
			continue
		}
		target := filepath.Join(root, name)
		if entry.Type()&fs.ModeSymlink != 0 {
			leads, err := os.Readlink("/" + name)
			if err == nil {
				err = os.Symlink(leads, target)
			}
			if err != nil {
				return err
			}
		} else if err := bind("/"+name, target); err != nil {
			return err
		}
	}
	for at, folder := range kept {
		own := filepath.Join(configured.Directory, folder)
		if err := os.MkdirAll(own, 0o700); err != nil {
			return err
		}
		if err := bind(own, filepath.Join(root, at)); err != nil {
			return err
		}
	}
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	for _, folder := range append([]string{configured.Directory, filepath.Dir(program)}, configured.Bound...) {
		if err := bind(folder, filepath.Join(root, folder)); err != nil {
			return err
		}
	}
	return nil
}

func makeReadOnly(folder string) error {
	attributes := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(unix.AT_FDCWD, folder, unix.AT_RECURSIVE, attributes); err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	return nil
}

func bind(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return nil
}

func writeNames(configured *configuration, root string) error {
	settings, err := json.Marshal(map[string]any{
		"hostRoot": hostRoot, "variables": configured.Variables, "ports": configured.FixedPorts,
	})
	if err != nil {
		return err
	}
	files := map[string]string{
		// The runtime reads it for each container.
		"etc/plinth-runtime.json": string(settings),
		"etc/hosts":               fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", configured.Address, configured.Name),
		"etc/resolv.conf":         "",
		"etc/passwd":              "root:x:0:0:root:/root:/sbin/nologin\n",
		"etc/group":               "root:x:0:\n",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func hideTunables() error {
	folder := "/run/tunables"
	for name, value := range tunables {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := unix.Mount(file, filepath.Join("/proc/sys", name), "", unix.MS_BIND, ""); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// mountControlGroups mounts the hierarchies of which this process is in a cgroup of its own. They begin there, because of
// the namespace of cgroups.
func mountControlGroups() error {
	const top = "/sys/fs/cgroup"
	own, err := ownControlGroups("/proc/self/cgroup")
	if err != nil {
		return err
	}
	if len(own) == 1 {
		return mountUnified(top)
	}
	if err := unix.Mount("cgroup", top, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for controllers := range own {
		if controllers == "" {
			continue
		}
		name := strings.TrimPrefix(controllers, "name=")
		if err := os.Mkdir(filepath.Join(top, name), 0o755); err != nil {
			return err
		}
		options := controllers
		if name != controllers {
			options = "none," + controllers
		}
		if err := unix.Mount("cgroup", filepath.Join(top, name), "cgroup", 0, options); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, part := range strings.Split(name, ",") {
			if part != name {
				if err := os.Symlink(name, filepath.Join(top, part)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mountUnified mounts version 2. A cgroup whose children have controllers has no processes, so this one moves.
func mountUnified(top string) error {
	if err := unix.Mount("cgroup2", top, "cgroup2", 0, ""); err != nil {
		return err
	}
	own := filepath.Join(top, "init")
	if err := os.Mkdir(own, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(own, "cgroup.procs"), []byte("1"), 0o644); err != nil {
		return err
	}
	available, err := os.ReadFile(filepath.Join(top, "cgroup.controllers"))
	if err != nil {
		return err
	}
	enabled := "+" + strings.Join(strings.Fields(string(available)), " +")
	return os.WriteFile(filepath.Join(top, "cgroup.subtree_control"), []byte(enabled), 0o644)
}
