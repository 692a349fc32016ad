"""Reads whatever a process can reach, under every name it can think of, and prints each planted marker.

Run inside the sandbox: secret_hunter.py HOME TOP... A marker is "PLANTED", a dash, a number and "-s3cr3t"; it is
put together here, so that the hunter does not find itself.
"""
import ctypes, os, re, stat, sys

MARKER = re.compile(("PLAN" + "TED-[0-9]+-s3" + "cr3t").encode())
MOST_BYTES = 1 << 20
libc = ctypes.CDLL(None, use_errno=True)
files_read = 0
bytes_of_memory = 0


def report(where, data):
    for marker in set(MARKER.findall(data)):
        print("FOUND", where, marker.decode(), flush=True)


def read(path):
    global files_read
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    try:
        report(path, os.read(fd, MOST_BYTES))
        files_read += 1
    except OSError:
        pass
    finally:
        os.close(fd)


def walk(top):
    try:
        names = os.listdir(top)
    except OSError:
        return
    for name in names:
        path = os.path.join(top, name)
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode):
            walk(path)
        elif stat.S_ISREG(mode) or stat.S_ISLNK(mode):
            read(path)


def memory_of(process):
    global bytes_of_memory
    try:
        regions = open(process + "/maps").read().splitlines()
        memory = open(process + "/mem", "rb", 0)
    except OSError:
        return
    for region in regions:
        bounds, mode = region.split()[:2]
        start, end = (int(bound, 16) for bound in bounds.split("-"))
        if "r" not in mode or end - start > 64 * MOST_BYTES:
            continue
        try:
            memory.seek(start)
            data = memory.read(end - start)
        except (OSError, ValueError, OverflowError):
            continue
        bytes_of_memory += len(data)
        report(process + "/mem", data)


def processes():
    return ["/proc/" + name for name in os.listdir("/proc") if name.isdigit()]


def mount_tricks(tops):
    """Another sight of the tree by a mount of one's own; each attempt is made for real."""
    here = "/tmp/trick"
    os.makedirs(here, exist_ok=True)
    attempts = [(top, None, 4096 | 16384, None) for top in tops]  # MS_BIND | MS_REC
    attempts += [(b"o", b"overlay", 0, b"lowerdir=/tmp:" + top) for top in tops]
    attempts += [(b"proc", b"proc", 0, None), (b"/dev/vda", b"ext4", 0, None)]
    for attempt in range(2):
        for source, kind, flags, options in attempts:
            if libc.mount(source, here.encode(), kind, flags, options) == 0:
                print("MOUNTED", source, kind, flush=True)
                walk(here)
        if libc.unshare(0x10000000 | 0x00020000) == 0:  # CLONE_NEWUSER | CLONE_NEWNS
            print("UNSHARED", flush=True)
    for top in tops:  # open_tree(2) with OPEN_TREE_CLONE, and the mount on top of a whiteout
        if libc.syscall(428, -100, top, 1) >= 0:
            print("CLONED", top, flush=True)


home = sys.argv[1]
tops = sys.argv[2:]
prefixes = ["", "/proc/self/root", "/proc/thread-self/root", "/..", "/proc/self/cwd/../../../../.."]
prefixes += [process + "/root" for process in processes()]
for prefix in prefixes:
    for top in tops:
        walk(prefix + top)
for process in processes():
    for name in ("environ", "cmdline", "maps", "comm", "mountinfo", "stat", "status", "auxv"):
        read(process + "/" + name)
    for name in ("cwd", "fd", "task"):
        walk(process + "/" + name)
        if name == "cwd":
            walk(process + "/cwd/../..")
    if process != "/proc/%d" % os.getpid():
        memory_of(process)
for name in (".netrc", ".aws/credentials", ".ssh/id_rsa", ".config/gh/hosts.yml"):
    for link in (os.symlink, os.link):
        try:
            link(os.path.join(home, name), "/tmp/link")
            read("/tmp/link")
            os.unlink("/tmp/link")
        except OSError:
            pass
try:
    os.rename(os.path.join(home, ".config"), os.path.join(home, "moved"))
except OSError:
    pass
walk(home)
mount_tricks([top.encode() for top in tops])
print("READ", files_read, "files and", bytes_of_memory, "bytes of memory", flush=True)
