// Where everything in the test world is. The addresses look public, so that AWF's classification
// treats them as it would on the internet; all of them exist only inside two network namespaces.
#pragma once

#include <array>
#include <string_view>

namespace awf::test_world {

// The machine's only interface is eth0; the internet is at the other end of the wire.
inline constexpr std::string_view kMachine4 = "20.55.0.2";
inline constexpr std::string_view kMachine6 = "2603:1030:7::2";
inline constexpr std::string_view kMachineLinkLocal = "fe80::2";
inline constexpr std::string_view kGateway4 = "20.55.0.1";
inline constexpr std::string_view kGateway6 = "2603:1030:7::1";
inline constexpr std::string_view kGatewayLinkLocal = "fe80::1";

// What the machine's resolv.conf names. Every address of this internet answers DNS (and everything
// else), so other servers may be given to awf; packets() tells which one was asked.
inline constexpr std::string_view kDnsServer4 = "192.5.6.30";
inline constexpr std::string_view kDnsServer6 = "2001:503:a83e::30";

// The certificate covers the first of them as an address too.
inline constexpr std::string_view kDohServer4 = "8.8.8.8";
inline constexpr std::string_view kDohServer6 = "2001:4860:4860::8888";

// A directory entry of the internet's DNS. An empty address: no record of that type.
struct ServedName {
  std::string_view name;
  std::string_view address4;
  std::string_view address6;
};

// Names outside this table do not exist (NXDOMAIN). The certificate covers those with a TLS origin.
inline constexpr std::array kServedNames{
    ServedName{"github.com", "140.82.112.3", "2606:50c0:8000::153"},
    ServedName{"api.github.com", "140.82.112.6", "2606:50c0:8000::156"},
    ServedName{"a.b.github.com", "140.82.112.7", "2606:50c0:8000::157"},
    ServedName{"notgithub.com", "198.41.30.5", "2606:4700::5"},
    ServedName{"github.com.attacker.net", "198.41.30.6", "2606:4700::6"},
    ServedName{"raw.githubusercontent.com", "185.199.108.133", "2606:50c0:8001::154"},
    ServedName{"example.org", "93.184.216.34", "2606:2800:220:1::1"},
    ServedName{"www.example.org", "93.184.216.35", "2606:2800:220:1::2"},
    ServedName{"deep.sub.example.org", "93.184.216.36", "2606:2800:220:1::3"},
    ServedName{"example.com", "93.184.215.14", "2606:2800:21f::14"},
    ServedName{"www.example.com", "93.184.215.15", "2606:2800:21f::15"},
    ServedName{"pypi.org", "151.101.0.223", "2a04:4e42::223"},
    ServedName{"registry.npmjs.org", "104.16.1.34", "2606:4700::6810:122"},
    ServedName{"files.pythonhosted.org", "151.101.64.223", "2a04:4e42:200::223"},
    ServedName{"deb.debian.org", "151.101.2.132", "2a04:4e42::644"},
    ServedName{"proxy.golang.org", "142.250.185.81", "2a00:1450:4001:80f::2011"},
    ServedName{"api.openai.com", "162.159.140.245", "2606:4700:7::a29f"},
    ServedName{"api.anthropic.com", "160.79.104.10", "2607:6bc0::10"},
    ServedName{"attacker.net", "198.41.30.7", "2606:4700::7"},
    ServedName{"www.attacker.net", "198.41.30.8", "2606:4700::8"},
    ServedName{"denied.org", "198.41.30.9", "2606:4700::9"},
    ServedName{"ipv4only.example.net", "93.184.214.4", ""},
    ServedName{"ipv6only.example.net", "", "2606:2800:220:9::6"},
    // Allowed names that lead to places which AWF must not go to.
    ServedName{"private.example.org", "10.9.9.9", "fd00:9::9"},
    ServedName{"metadata.example.org", "169.254.169.254", "fd00:ec2::254"},
    ServedName{"loopback.example.org", "127.0.0.1", "::1"},
    ServedName{"own.example.org", kMachine4, kMachine6},
    ServedName{"mapped6.example.org", "", "::ffff:10.9.9.9"},
    ServedName{"nat64.example.org", "", "64:ff9b::a09:909"},
    // The same translation of a public address, which may be gone to, and one in the prefix of a
    // site (RFC 8215), which is nobody's business.
    ServedName{"nat64public.example.org", "", "64:ff9b::5db8:d829"},
    ServedName{"nat64site.example.org", "", "64:ff9b:1::a09:909"},
    // A DoH server: POST /dns-query of the web server.
    ServedName{"dns.google", kDohServer4, kDohServer6},
};

// A name with a public and a private address, and an alias of a name that no policy should allow.
inline constexpr std::string_view kMixedName = "mixed.example.org";
inline constexpr std::string_view kMixedPublic4 = "93.184.216.40";
inline constexpr std::string_view kMixedPrivate4 = "10.9.9.10";
inline constexpr std::string_view kAlias = "cname.example.org";
inline constexpr std::string_view kAliasTarget = "attacker.net";

}  // namespace awf::test_world
