// The connections that are open now, so that the end of a run can write them down.
#pragma once

#include <boost/intrusive/list.hpp>

namespace awf::egress {

// In the list from enter() until it goes.
class OpenConnection : public boost::intrusive::list_base_hook<
                           boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  OpenConnection() = default;
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;

  // The run ends: records what was allowed, has reached an origin and is not recorded yet.
  virtual void record_unfinished() = 0;

 protected:
  ~OpenConnection() = default;
};

// One thread; outlives its connections.
class OpenConnections {
 public:
  void enter(OpenConnection& connection) { list_.push_back(connection); }

  void record_unfinished() {
    for (OpenConnection& connection : list_)
      connection.record_unfinished();
  }

 private:
  boost::intrusive::list<OpenConnection, boost::intrusive::constant_time_size<false>> list_;
};

}  // namespace awf::egress
