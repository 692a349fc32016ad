// Running a function in another network namespace.
#pragma once

#include <functional>

namespace awf::test_world {

// A network namespace belongs to a thread (setns(2)), so `body` runs in a thread of its own, which
// ends before this returns. Exceptions of `body` pass through. Sockets that it opens stay there.
void run_in_network(int network_namespace, const std::function<void()>& body);

}  // namespace awf::test_world
