"""Makes small package indexes as the real ones look: DIRECTORY/NAME/PATH is what https://NAME/PATH serves.

usage: indexes.py DIRECTORY     every package is called tiny and says "tiny works"
"""
import base64, hashlib, io, json, pathlib, subprocess, sys, tarfile, tempfile, zipfile

top = pathlib.Path(sys.argv[1])


def serve(path, content):
    target = top / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())


def zipped(files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


def npm():
    package = {"name": "tiny-package", "version": "1.0.0", "main": "index.js"}
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as archive:
        for name, content in (("package.json", json.dumps(package)), ("index.js", "module.exports = 'tiny works'\n")):
            entry = tarfile.TarInfo("package/" + name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    tarball = memory.getvalue()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    place = "registry.npmjs.org/tarballs/tiny-package-1.0.0.tgz"
    package["dist"] = {"tarball": "https://" + place, "integrity": integrity}
    serve(place, tarball)
    serve("registry.npmjs.org/tiny-package", json.dumps(
        {"name": "tiny-package", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": package}}))


def pip():
    info = "tiny_package-1.0.dist-info/"
    wheel = zipped({
        "tiny_package.py": "VALUE = 'tiny works'\n",
        info + "METADATA": "Metadata-Version: 2.1\nName: tiny-package\nVersion: 1.0\n",
        info + "WHEEL": "Wheel-Version: 1.0\nGenerator: indexes\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info + "RECORD": f"tiny_package.py,,\n{info}METADATA,,\n{info}WHEEL,,\n{info}RECORD,,\n"})
    place = "files.pythonhosted.org/packages/tiny_package-1.0-py3-none-any.whl"
    serve(place, wheel)
    link = f"https://{place}#sha256={hashlib.sha256(wheel).hexdigest()}"
    serve("pypi.org/simple/tiny-package/index.html",
          f'<!DOCTYPE html><html><body><a href="{link}">tiny_package-1.0-py3-none-any.whl</a></body></html>\n')


def apt():
    control = "Package: tiny\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <n@example.org>\nDescription: tiny\n"
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory) / "tiny"
        for path, content in (("DEBIAN/control", control), ("usr/share/tiny/says", "tiny works\n")):
            (root / path).parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            (root / path).write_text(content)
        root.chmod(0o755)
        (root / "DEBIAN").chmod(0o755)
        archive = pathlib.Path(directory) / "tiny.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", root, archive], check=True,
                       stdout=subprocess.DEVNULL)
        deb = archive.read_bytes()
    packages = control + (f"Filename: ./tiny_1.0_all.deb\nSize: {len(deb)}\n"
                          f"SHA256: {hashlib.sha256(deb).hexdigest()}\n\n")
    digest = hashlib.sha256(packages.encode()).hexdigest()
    serve("deb.debian.org/debian/tiny_1.0_all.deb", deb)
    serve("deb.debian.org/debian/Packages", packages)
    serve("deb.debian.org/debian/Release", "Date: Thu, 01 Jan 2026 00:00:00 UTC\n"
          f"SHA256:\n {digest} {len(packages)} Packages\n")


def go():
    root, module = "proxy.golang.org/example.org/tiny/@v/", "example.org/tiny@v1.0.0/"
    serve(root + "list", "v1.0.0\n")
    serve(root + "v1.0.0.info", json.dumps({"Version": "v1.0.0", "Time": "2026-01-01T00:00:00Z"}))
    serve(root + "v1.0.0.mod", "module example.org/tiny\n")
    serve(root + "v1.0.0.zip", zipped({module + "go.mod": "module example.org/tiny\n",
                                       module + "tiny.go": "package tiny // tiny works\n"}))


npm()
pip()
apt()
go()
serve("api.github.com/repos/org/tiny", json.dumps({"full_name": "org/tiny", "description": "tiny works"}))
