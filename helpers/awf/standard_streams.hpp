// What kind of file the caller gave us as standard streams, and which of them the command may hold.
#pragma once

namespace awf::supervisor {

// Pipes, terminals and /dev/null are handed over. Everything else is relayed by a pipe: a regular
// file can be opened again through /proc/self/fd, also for what the caller did not open it for, and
// even where the command may not see its path; a socket was made in the host's network, and
// connect(2) would take it to another place there. Directories count as handed over, because
// awf-confine refuses them.
bool may_be_handed_over(int fd);

// Two descriptors of one file, pipe or terminal: what is written through both keeps its order only
// when it takes one way.
bool are_one_file(int first, int second);

}  // namespace awf::supervisor
