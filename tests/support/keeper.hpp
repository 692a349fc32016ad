// The process that holds a test world: its parts, in the order in which keeper_main.cpp runs them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/message_channel.hpp"

namespace awf::test_world::keeper {

struct Families {
  bool ipv4 = true;
  bool ipv6 = true;
};

// Whether the world serves tests or measurements (World::Options::for_measuring).
enum class Purpose { kTests, kMeasuring };

inline constexpr const char* kWorldDirectory = "/run/world";

// Runs a program to its end with `input` as stdin; throws Refusal unless it exits with 0.
// argv[0] is looked up in the system's directories, whatever PATH says.
void run_tool(const std::vector<std::string>& argv, std::string_view input = {});

// The absolute path of a program of the system; Refusal that names the package otherwise.
std::string find_tool(const std::string& name);

void mount_memory(const std::string& target, const std::string& mode);

// --- the internet's side, in its network and mount namespace ---------------------------------

// A certificate authority and one certificate for all served names, in kWorldDirectory.
void make_certificates();
// The wire to the machine's network namespace (that of process `machine`), addresses.
void wire_internet(pid_t machine, const Families& families);
// DNS, web server, echo ports; DNS alone for measurements. Returns when all accept connections.
void start_servers(Purpose purpose);

// --- the machine's side ------------------------------------------------------------------------

// Needs the wire. Addresses, default routes.
void wire_machine(const Families& families);
// File systems in memory, the programs at kPrograms, resolver and trust store of this world.
// The built programs may lie anywhere but in /run.
void furnish_machine(const std::string& programs_directory, const Families& families);

}  // namespace awf::test_world::keeper
