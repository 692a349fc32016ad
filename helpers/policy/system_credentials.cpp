// Credentials of the machine, and the unix sockets through which a process becomes root, starts
// processes outside its sandbox, or looks names up behind the policy's back.
#include "policy/credential_paths.hpp"

namespace awf::policy {
namespace {

constexpr auto kFile = CredentialPath::Kind::kFile;
constexpr auto kDirectory = CredentialPath::Kind::kDirectory;
constexpr auto kGlob = CredentialPath::Kind::kGlob;

constexpr CredentialPath kSystem[] = {
    // Accounts
    {"/etc/shadow", kFile, "password hashes"},
    {"/etc/shadow-", kFile, "password hashes"},
    {"/etc/gshadow", kFile, "group password hashes"},
    {"/etc/gshadow-", kFile, "group password hashes"},
    {"/etc/security/opasswd", kFile, "old password hashes"},
    {"/etc/sudoers", kFile, "the rules of sudo"},
    {"/etc/sudoers.d", kDirectory, "the rules of sudo"},
    {"/etc/environment", kFile, "the machine's environment"},
    {"/etc/krb5.keytab", kFile, "Kerberos keys"},
    // Keys
    {"/etc/ssh/ssh_host_*_key", kGlob, "the host's ssh keys"},
    {"/etc/ssh/ssh_host_rsa_key", kFile, "a host key of ssh"},
    {"/etc/ssh/ssh_host_ecdsa_key", kFile, "a host key of ssh"},
    {"/etc/ssh/ssh_host_ed25519_key", kFile, "a host key of ssh"},
    {"/etc/ssl/private", kDirectory, "TLS keys"},
    {"/etc/pki/tls/private", kDirectory, "TLS keys"},
    {"/etc/letsencrypt", kDirectory, "TLS keys"},
    {"/etc/wireguard", kDirectory, "WireGuard keys"},
    {"/etc/openvpn", kDirectory, "OpenVPN keys"},
    {"/etc/ipsec.secrets", kFile, "IPsec keys"},
    {"/etc/ppp/chap-secrets", kFile, "PPP passwords"},
    {"/etc/ppp/pap-secrets", kFile, "PPP passwords"},
    {"/etc/NetworkManager/system-connections", kDirectory, "network passwords"},
    {"/etc/wpa_supplicant", kDirectory, "network passwords"},
    // Services and package managers
    {"/etc/apt/auth.conf", kFile, "apt passwords"},
    {"/etc/apt/auth.conf.d", kDirectory, "apt passwords"},
    {"/etc/pip.conf", kFile, "passwords in pip's index URLs"},
    {"/etc/npmrc", kFile, "npm tokens"},
    {"/usr/local/etc/npmrc", kFile, "npm tokens"},
    {"/etc/netrc", kFile, "passwords for curl and others"},
    {"/etc/boto.cfg", kFile, "Google and AWS keys of boto"},
    {"/etc/vault.d", kDirectory, "Vault's configuration"},
    {"/etc/consul.d", kDirectory, "Consul's tokens"},
    {"/etc/nomad.d", kDirectory, "Nomad's tokens"},
    {"/etc/gitlab-runner", kDirectory, "the tokens of a GitLab runner"},
    {"/etc/msmtprc", kFile, "mail passwords"},
    {"/etc/sasldb2", kFile, "mail passwords"},
    {"/etc/samba/credentials", kFile, "passwords of network drives"},
    {"/etc/cifs-credentials", kFile, "passwords of network drives"},
    {"/etc/davfs2/secrets", kFile, "passwords of network drives"},
    {"/etc/docker/key.json", kFile, "Docker's key"},
    {"/etc/docker/certs.d", kDirectory, "keys for registries"},
    {"/etc/containers/auth.json", kFile, "registry passwords"},
    {"/etc/mysql/debian.cnf", kFile, "MySQL passwords"},
    {"/etc/kubernetes", kDirectory, "Kubernetes credentials"},
    {"/etc/rancher", kDirectory, "Kubernetes credentials"},
    {"/etc/credstore", kDirectory, "systemd credentials"},
    {"/etc/credstore.encrypted", kDirectory, "systemd credentials"},
    {"/run/credentials", kDirectory, "systemd credentials"},
    {"/run/secrets", kDirectory, "secrets of containers and pods"},
    {"/var/run/secrets", kDirectory, "secrets of containers and pods"},
    {"/var/lib/kubelet", kDirectory, "Kubernetes credentials"},
    {"/var/lib/rancher", kDirectory, "Kubernetes credentials"},
    {"/var/lib/docker", kDirectory, "Docker's containers"},
    {"/var/lib/containerd", kDirectory, "containerd's containers"},
    {"/var/lib/containers", kDirectory, "podman's containers"},
    {"/var/lib/cloud", kDirectory, "cloud-init's user data"},
    {"/var/lib/waagent", kDirectory, "the keys of Azure's agent"},
    {"/var/lib/sss", kDirectory, "sssd's secrets and sockets"},
    {"/var/spool/cron", kDirectory, "the users' cron jobs"},
    {"/var/lib/private", kDirectory, "the state of system services"},
    {"/var/lib/systemd/random-seed", kFile, "the machine's random seed"},
    {"/var/lib/tailscale", kDirectory, "Tailscale's keys"},
    {"/var/lib/jenkins/secrets", kDirectory, "Jenkins' keys"},
    {"/var/lib/postgresql", kDirectory, "databases"},
    {"/var/lib/mysql", kDirectory, "databases"},
    {"/var/log/journal", kDirectory, "the machine's log"},
    {"/var/mail", kDirectory, "the users' mail"},
    {"/var/backups", kDirectory, "copies of password files"},
    {"/tmp/gh-aw/mcp-logs", kDirectory, "logs of the MCP gateway, which hold tokens"},
    // Container engines: whoever may talk to them is root on the host.
    {"/run/docker.sock", kFile, "Docker's socket"},
    {"/var/run/docker.sock", kFile, "Docker's socket"},
    {"/run/docker", kDirectory, "Docker's sockets"},
    {"/var/run/docker", kDirectory, "Docker's sockets"},
    {"/run/cri-dockerd.sock", kFile, "Docker's socket for Kubernetes"},
    {"/run/containerd", kDirectory, "containerd's sockets"},
    {"/var/run/containerd", kDirectory, "containerd's sockets"},
    {"/run/podman", kDirectory, "podman's socket"},
    {"/var/run/podman", kDirectory, "podman's socket"},
    {"/run/crio", kDirectory, "CRI-O's socket"},
    {"/var/run/crio", kDirectory, "CRI-O's socket"},
    {"/run/buildkit", kDirectory, "BuildKit's socket"},
    {"/run/k3s", kDirectory, "k3s's sockets"},
    {"/run/libvirt", kDirectory, "libvirt's sockets"},
    {"/run/lxd.socket", kFile, "LXD's socket"},
    {"/var/lib/lxd", kDirectory, "LXD's socket"},
    {"/var/snap/lxd/common/lxd", kDirectory, "LXD's socket"},
    {"/var/lib/incus", kDirectory, "Incus's socket"},
    {"/run/incus", kDirectory, "Incus's socket"},
    // Service managers and buses: they start processes outside the sandbox.
    {"/run/systemd/private", kFile, "systemd's private socket"},
    {"/run/systemd/io.systemd.Manager", kFile, "systemd's varlink socket"},
    {"/run/systemd/machine", kDirectory, "systemd-machined's sockets"},
    {"/run/dbus", kDirectory, "the system bus"},
    {"/var/run/dbus", kDirectory, "the system bus"},
    {"/run/user", kDirectory, "the users' buses, agents and key rings"},
    {"/run/snapd.socket", kFile, "snapd's socket"},
    {"/run/snapd-snap.socket", kFile, "snapd's socket"},
    {"/run/tailscale", kDirectory, "Tailscale's control socket"},
    {"/var/run/tailscale", kDirectory, "Tailscale's control socket"},
    {"/run/pcscd", kDirectory, "smart cards"},
    // Resolvers of the host: they would carry names out unjudged.
    {"/run/systemd/resolve", kDirectory, "the host's resolver"},
    {"/run/nscd", kDirectory, "the host's resolver"},
    {"/var/run/nscd", kDirectory, "the host's resolver"},
    {"/run/avahi-daemon", kDirectory, "the host's mDNS resolver"},
};

}  // namespace

std::span<const CredentialPath> system_credentials() noexcept {
  return kSystem;
}

}  // namespace awf::policy
