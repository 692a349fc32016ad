// Asio's implementation, once for all programs that link awf_net.
#include "net/asio.hpp"

#include <boost/asio/impl/src.hpp>
