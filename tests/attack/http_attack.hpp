// What the attacks on plain HTTP and on the doors share.
#pragma once

#include "attack/attack.hpp"

namespace awf::attack {

class HttpAttack : public Attack {
 protected:
  // Whoever was reached is the allowed host and was asked for nothing that had been smuggled.
  void expect_nothing_smuggled() {
    const auto requests = world.web_requests();
    using test_world::WebRequest;
    EXPECT_THAT(requests, testing::Each(testing::Field(&WebRequest::host, "example.org")));
    for (const auto& request : requests)
      EXPECT_EQ(request.target.find("smuggled"), std::string::npos) << request.target;
    EXPECT_THAT(world.packets_to_others({"93.184.216.34", "2606:2800:220:1::1"}),
                testing::IsEmpty());
    EXPECT_THAT(world.dns_queries(), testing::Each(testing::EndsWith(" example.org")));
  }
};

// doors: where a request can be sent, and how a target on example.org is spelled there.
inline constexpr const char* kHttp = R"(
import re
proxy = ('127.0.0.1', 3128)
inside = (socket.getaddrinfo('example.org', 80, socket.AF_INET)[0][4][0], 80)
doors = [('proxy', proxy, 'http://example.org'), ('intercept', inside, '')]
def talk(address, data):
    data = data if isinstance(data, bytes) else data.encode('latin-1')
    s = socket.create_connection(address, 10)
    s.settimeout(10)
    answer = b''
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        while piece := s.recv(65536):
            answer += piece
    except TimeoutError:
        answer += b'TIMEOUT'
    except OSError:
        answer += b'RESET'
    return answer
def statuses(answer):
    ends = [end for end in ('RESET', 'TIMEOUT') if answer.endswith(end.encode())]
    return [code.decode() for code in re.findall(rb'HTTP/1[.]1 (\d\d\d) ', answer)] + ends
)";

}  // namespace awf::attack
