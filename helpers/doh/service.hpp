// The egress proxy's channel on one side, the DoH server on the other.
#pragma once

#include <memory>

#include "common/message_channel.hpp"
#include "doh/options.hpp"

namespace awf::doh {

// What needs files or authority happens in the constructor, the lock-down is the caller's, then
// run().
class Service {
 public:
  // Throws Refusal or SystemFailure.
  explicit Service(const Options& options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  // Answers questions (net/lookup_messages.hpp) until the channel's end. Throws Refusal for a
  // message that is none.
  void run(MessageChannel control);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace awf::doh
