#include "support/namespace_thread.hpp"

#include <sched.h>

#include <exception>
#include <thread>

#include "common/check.hpp"

namespace awf::test_world {

void run_in_network(int network_namespace, const std::function<void()>& body) {
  std::exception_ptr failure;
  std::thread visitor([&] {
    try {
      check(::setns(network_namespace, CLONE_NEWNET), "entering a network namespace");
      body();
    } catch (...) {
      failure = std::current_exception();
    }
  });
  visitor.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace awf::test_world
