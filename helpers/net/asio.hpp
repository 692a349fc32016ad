// The one door to Boost.Asio. Boost 1.74 uses std::exchange without including <utility>, which
// fails under newer standard libraries, so no other file includes Asio's headers itself. Asio's
// implementation is compiled once, in asio.cpp (BOOST_ASIO_SEPARATE_COMPILATION, set for every
// user of awf_net by its CMakeLists.txt).
#pragma once

#include <utility>

// <utility> has to come first.
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace awf::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using ErrorCode = boost::system::error_code;

}  // namespace awf::net
