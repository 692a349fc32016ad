"""From samples to figures, and from figures to a verdict on each target."""
import statistics

import startup

MEGABYTE = 1e6
# Name, unit and value of each figure of one sample of bench-peers.
FIGURES = {
    "down": ("download, 4 tunnels", "GB/s", lambda s: s["down"]["bytes"] / s["down"]["seconds"] / 1e9),
    "down_cpu": ("proxy's CPU, download", "s/GB", lambda s: s["down"]["cpuSeconds"] / s["down"]["bytes"] * 1e9),
    "up": ("upload, 4 tunnels", "GB/s", lambda s: s["up"]["bytes"] / s["up"]["seconds"] / 1e9),
    "up_cpu": ("proxy's CPU, upload", "s/GB", lambda s: s["up"]["cpuSeconds"] / s["up"]["bytes"] * 1e9),
    "open": ("new tunnels, 16 at once", "1/s", lambda s: s["open"]["tunnels"] / s["open"]["seconds"]),
    "open_cpu": ("proxy's CPU, a tunnel", "µs", lambda s: s["open"]["cpuSeconds"] / s["open"]["tunnels"] * 1e6),
    "ping": ("1 byte there and back, p50", "µs", lambda s: s["ping"]["p50Microseconds"]),
    "ping99": ("the same, p99", "µs", lambda s: s["ping"]["p99Microseconds"]),
    "memory": ("5,000 idle tunnels, PSS", "MB", lambda s: s["idle"]["pssBytes"] / MEGABYTE),
}
NOT_OF_DIRECT = ("down_cpu", "up_cpu", "open_cpu", "memory")


def medians(peers):
    return {product: {key: statistics.median(value(sample) for sample in samples)
                      for key, (_, _, value) in FIGURES.items() if (product, key) not in
                      {("direct", lacking) for lacking in NOT_OF_DIRECT}}
            for product, samples in peers.items()}


def slowest_decision(decisions, entries):
    return max(value for name, value in decisions.items() if name.endswith(f"/{entries}"))


def judge(peers, startups, decisions):
    """[(what, measured, target, reached)], the rows of the design's targets."""
    m = medians(peers)
    awf, direct, squid, tinyproxy = m["awf"], m["direct"], m["squid"], m["tinyproxy"]
    rows = []

    def row(what, value, limit, unit, least):
        reached = value >= limit if least else value <= limit
        rows.append((what, f"{value:.2f} {unit}".strip(), f"{'≥' if least else '≤'} {limit} {unit}".strip(), reached))

    row("`awf -- true`, p50", startups[startup.AWF]["p50"], 30, "ms", False)
    row("download, of direct", awf["down"] / direct["down"], 0.75, "×", True)
    row("download, of the best peer", awf["down"] / max(squid["down"], tinyproxy["down"]), 1.1, "×", True)
    row("proxy's CPU per GB down, of squid's", awf["down_cpu"] / squid["down_cpu"], 0.35, "×", False)
    row("new tunnels, of tinyproxy's", awf["open"] / tinyproxy["open"], 1.3, "×", True)
    row("new tunnels, of squid's", awf["open"] / squid["open"], 2, "×", True)
    row("memory at 5,000 idle tunnels", awf["memory"], 15, "MB", False)
    row("decision, 10,000 entries", slowest_decision(decisions, 10000), 300, "ns", False)
    row("decision, 100,000 of 10,000 entries",
        slowest_decision(decisions, 100000) / slowest_decision(decisions, 10000), 1.5, "×", False)
    return rows


def line(cells):
    return "| " + " | ".join(cells) + " |\n"


def table_of_peers(peers):
    m = medians(peers)
    text = line(["median", "unit", *m]) + line(["---", "---", *["---:"] * len(m)])
    for key, (name, unit, _) in FIGURES.items():
        cells = [f"{m[p][key]:,.0f}" if key in m[p] and m[p][key] >= 1000 else
                 f"{m[p][key]:.3g}" if key in m[p] else "–" for p in m]
        text += line([name, unit, *cells])
    return text


def table_of_startup(startups):
    text = line(["whole process", "p50 ms", "p95 ms", "min ms"]) + line(["---", "---:", "---:", "---:"])
    for name, row in startups.items():
        text += line([f"`{name}`", *(f"{row[key]:.1f}" for key in ("p50", "p95", "min"))])
    return text


def table_of_decisions(decisions):
    text = line(["policy decision, ns", "10 entries", "10,000", "100,000"]) + line(["---", "---:", "---:", "---:"])
    for kind, name in (("listed", "listed name"), ("subdomain", "subdomain"), ("unlisted", "unlisted name")):
        text += line([name, *(f"{decisions[f'BM_{kind}/{entries}']:.0f}" for entries in (10, 10000, 100000))])
    return text


def table_of_targets(judged):
    text = line(["target", "measured", "wanted", ""]) + line(["---", "---:", "---:", "---"])
    for what, measured, wanted, reached in judged:
        text += line([what, measured, wanted, "pass" if reached else "**miss**"])
    return text


def assert_sane(peers, startups, decisions):
    """For the smoke run: every figure is there and above nothing; none is judged."""
    for product, row in medians(peers).items():
        assert len(row) == len(FIGURES) - (len(NOT_OF_DIRECT) if product == "direct" else 0), (product, row)
        assert all(0 < value < float("inf") for value in row.values()), (product, row)
    assert {"true", startup.AWF} <= set(startups), startups
    assert all(0 < row["min"] <= row["p50"] for row in startups.values()), startups
    assert all(value > 0 for value in decisions.values()), decisions
