"""How long the whole process `awf -- true` takes, beside bubblewrap and the bare command.

On the machine itself and not in the test world, whose mounts are fewer. The contenders take turns, so
that a change of the machine's load meets all of them alike.
"""
import pathlib, shutil, statistics, subprocess, sys, tempfile, time

WARM_UP = 3  # the first turns warm the caches
AWF = "awf -- true"


def contenders(programs):
    awf = [str(programs / "awf"), "--log-level", "error"]
    found = {"true": ["/bin/true"], AWF: [*awf, "--", "/bin/true", "x"],
             "awf --allow-domains github.com -- true":
                 [*awf, "--allow-domains", "github.com", "--", "/bin/true", "x"]}
    if bwrap := shutil.which("bwrap"):
        found["bwrap --unshare-all --dev-bind / / true"] = \
            [bwrap, "--unshare-all", "--dev-bind", "/", "/", "/bin/true"]
    return found


def measure(programs, runs):
    """{command: {"p50", "p95", "min"}} in milliseconds, warm."""
    commands = contenders(programs)
    times = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(dir=pathlib.Path.cwd()) as directory:
        for turn in range(runs + WARM_UP):
            for name, argv in commands.items():
                start = time.perf_counter()
                done = subprocess.run(argv, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True)
                elapsed = time.perf_counter() - start
                if done.returncode != 0:
                    sys.exit(f"bench: {name} ended with {done.returncode}: {done.stderr.decode()}")
                if turn >= WARM_UP:
                    times[name].append(elapsed * 1000)
    for values in times.values():
        values.sort()
    return {name: {"p50": statistics.median(values), "p95": values[max(0, int(len(values) * 0.95) - 1)],
                   "min": values[0]} for name, values in times.items()}
