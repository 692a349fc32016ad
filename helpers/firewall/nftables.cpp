#include "firewall/nftables.hpp"

#include <nftables/libnftables.h>

#include <memory>

#include "common/check.hpp"
#include "common/text.hpp"
#include "firewall/ruleset_proof.hpp"

namespace awf::firewall {
namespace {

struct FreeContext {
  void operator()(nft_ctx* context) const noexcept { ::nft_ctx_free(context); }
};
using Context = std::unique_ptr<nft_ctx, FreeContext>;

Context make_context() {
  Context context(::nft_ctx_new(NFT_CTX_DEFAULT));
  verify(context != nullptr, "libnftables could be started");
  // Its output goes to memory, not to stdout and stderr, which belong to the command.
  const bool buffered =
      ::nft_ctx_buffer_output(context.get()) == 0 && ::nft_ctx_buffer_error(context.get()) == 0;
  verify(buffered, "libnftables writes to memory");
  ::nft_ctx_output_set_debug(context.get(), NFT_DEBUG_NETLINK);
  // Priorities as numbers: their names are younger than some versions.
  ::nft_ctx_output_set_flags(context.get(), NFT_CTX_OUTPUT_STATELESS | NFT_CTX_OUTPUT_NUMERIC_ALL);
  return context;
}

// What the library printed. Its return value is all that tells success from failure.
std::string run(const Context& context, const std::string& commands, const std::string& doing) {
  if (::nft_run_cmd_from_buffer(context.get(), commands.c_str()) != 0) {
    const std::string reason = ::nft_ctx_get_error_buffer(context.get());
    throw Refusal(doing + " failed: " + reason.substr(0, reason.find('\n')) +
                  " (nf_tables with the tproxy, log and reject expressions is needed)");
  }
  // libnftables resets the buffer when the next command starts.
  return ::nft_ctx_get_output_buffer(context.get());
}

}  // namespace

void apply_ruleset(const std::string& ruleset) {
  const Context context = make_context();
  const std::string sent = run(context, ruleset, "applying the packet rules");
  const std::string held = run(context, "list ruleset", "reading the packet rules back");
  verify_held(ruleset, sent, held);
}

}  // namespace awf::firewall
