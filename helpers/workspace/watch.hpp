// The life of awf-workspace beside one run.
#pragma once

#include "common/message_channel.hpp"
#include "common/unique_fd.hpp"
#include "workspace/options.hpp"

namespace awf::workspace {

// Snapshot, "ready", looking for secrets until "finish", comparison, report, "finished". Ends
// early, with the report unfinished, when the supervisor is gone. `top` is the workspace's
// directory.
void watch(const Options& options, int top, const MessageChannel& supervisor);

}  // namespace awf::workspace
