// Putting the name service files of name_service.hpp in place.
#pragma once

namespace awf::mask {

// /etc/resolv.conf, /etc/hosts and /etc/nsswitch.conf become ours, wherever their links lead. Needs
// a private, writable /run.
void replace_name_service_files();

}  // namespace awf::mask
