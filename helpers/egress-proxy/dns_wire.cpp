#include "egress-proxy/dns_wire.hpp"

#include <ldns/ldns.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include "common/check.hpp"

namespace awf::egress {
namespace {

// A mapped address stays the name's for the whole run; the small TTL only keeps clients from caches
// that outlive it.
constexpr std::uint32_t kAnswerTtl = 60;
constexpr std::uint16_t kReplyUdpSize = 1232;
constexpr std::string_view kBlockedText = "blocked by AWF policy";

struct FreePacket {
  void operator()(ldns_pkt* packet) const noexcept { ldns_pkt_free(packet); }
};
using Packet = std::unique_ptr<ldns_pkt, FreePacket>;

struct FreeRecord {
  void operator()(ldns_rr* record) const noexcept { ldns_rr_free(record); }
};
using Record = std::unique_ptr<ldns_rr, FreeRecord>;

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }  // NOLINT: malloc'ed by ldns
};

// libldns returns null for want of memory only, and statuses otherwise.
template <typename T>
T* not_null(T* pointer) {
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}

ldns_rdf* new_field(ldns_rdf_type type, std::span<const std::uint8_t> data) {
  return not_null(ldns_rdf_new_frm_data(type, data.size(), data.data()));
}

bool is_host_byte(std::uint8_t byte) noexcept {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

void append_shown(std::string& out, std::uint8_t byte) {
  if (is_host_byte(byte)) {
    out.push_back(static_cast<char>(byte));
    return;
  }
  out.push_back('\\');
  for (const unsigned digit : {byte / 100U, byte / 10U % 10U, byte % 10U}) {
    out.push_back(static_cast<char>('0' + digit));
  }
}

// Calls per_byte for each byte of each label and between_labels at each border.
template <typename PerByte, typename BetweenLabels>
void walk_labels(const std::vector<std::uint8_t>& owner, PerByte per_byte,
                 BetweenLabels between_labels) {
  std::size_t at = 0;
  while (at < owner.size() && owner[at] != 0) {
    if (at != 0) between_labels();
    const std::size_t end = at + 1 + owner[at];
    for (++at; at < end && at < owner.size(); ++at)
      per_byte(owner[at]);
  }
}

DnsQuery faulty(DnsQuery query, DnsCode fault) {
  query.fault = fault;
  return query;
}

void push_record(ldns_pkt* packet, ldns_pkt_section section, Record record) {
  if (!ldns_pkt_push_rr(packet, section, record.get())) throw std::bad_alloc();
  (void)record.release();  // the packet owns it now
}

Record new_record(const DnsQuery& query, ldns_rr_type type) {
  Record record(not_null(ldns_rr_new()));
  ldns_rr_set_owner(record.get(), new_field(LDNS_RDF_TYPE_DNAME, query.owner));
  ldns_rr_set_type(record.get(), type);
  ldns_rr_set_class(record.get(), LDNS_RR_CLASS_IN);
  ldns_rr_set_ttl(record.get(), kAnswerTtl);
  return record;
}

void push_field(const Record& record, ldns_rdf* field) {
  if (!ldns_rr_push_rdf(record.get(), field)) throw std::bad_alloc();
}

void push_address(ldns_pkt* packet, const DnsQuery& query, const policy::IpAddress& address) {
  const bool is_v4 = address.family() == policy::IpAddress::Family::kV4;
  Record record = new_record(query, is_v4 ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA);
  if (is_v4) {
    push_field(record, new_field(LDNS_RDF_TYPE_A, address.v4_bytes()));
  } else {
    push_field(record, new_field(LDNS_RDF_TYPE_AAAA, address.bytes()));
  }
  push_record(packet, LDNS_SECTION_ANSWER, std::move(record));
}

void push_pointer(ldns_pkt* packet, const DnsQuery& query, const std::string& target) {
  Record record = new_record(query, LDNS_RR_TYPE_PTR);
  push_field(record, not_null(ldns_dname_new_frm_str(target.c_str())));
  push_record(packet, LDNS_SECTION_ANSWER, std::move(record));
}

// The root as the zone: its owner is an ancestor of every name and takes one byte. Five seconds of
// negative caching keep a client from asking in a loop.
void push_soa(ldns_pkt* packet) {
  ldns_rr* raw = nullptr;
  const ldns_status status =
      ldns_rr_new_frm_str(&raw, ". 5 IN SOA . . 1 3600 600 86400 5", 0, nullptr, nullptr);
  verify(status == LDNS_STATUS_OK, "the SOA record of negative answers is well formed");
  push_record(packet, LDNS_SECTION_AUTHORITY, Record(raw));
}

// RFC 8914 §2: OPTION-CODE 15, length, INFO-CODE, text.
void set_blocked(ldns_pkt* packet) {
  std::vector<std::uint8_t> option{
      0, LDNS_EDNS_EDE, 0, static_cast<std::uint8_t>(2 + kBlockedText.size()), 0, LDNS_EDE_BLOCKED};
  option.insert(option.end(), kBlockedText.begin(), kBlockedText.end());
  ldns_pkt_set_edns_data(packet, new_field(LDNS_RDF_TYPE_UNKNOWN, option));
}

// A reply of a header alone, for queries whose question could not be read.
std::vector<std::uint8_t> bare_reply(const DnsQuery& query, DnsCode code) {
  return {static_cast<std::uint8_t>(query.id >> 8U),
          static_cast<std::uint8_t>(query.id & 0xFFU),
          static_cast<std::uint8_t>(0x80U | (query.recursion_desired ? 1U : 0U)),
          static_cast<std::uint8_t>(0x80U | (static_cast<unsigned>(code) & 0x0FU)),
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0};
}

void set_head(ldns_pkt* packet, const DnsQuery& query, DnsCode code) {
  const auto number = static_cast<unsigned>(code);
  ldns_pkt_set_id(packet, query.id);
  ldns_pkt_set_qr(packet, true);
  ldns_pkt_set_ra(packet, true);
  ldns_pkt_set_rd(packet, query.recursion_desired);
  ldns_pkt_set_rcode(packet, static_cast<std::uint8_t>(number & 0x0FU));
  if (query.has_edns) {
    ldns_pkt_set_edns_udp_size(packet, kReplyUdpSize);
    ldns_pkt_set_edns_extended_rcode(packet, static_cast<std::uint8_t>(number >> 4U));
  }
}

std::vector<std::uint8_t> to_wire(const ldns_pkt* packet) {
  std::uint8_t* raw = nullptr;
  std::size_t size = 0;
  const ldns_status status = ldns_pkt2wire(&raw, packet, &size);
  const std::unique_ptr<std::uint8_t, Free> owned(raw);
  // No query is known that leads here; if there is one, silence is better than the end of the
  // proxy.
  if (status != LDNS_STATUS_OK) return {};
  return {raw, raw + size};
}

}  // namespace

std::optional<std::string> DnsQuery::host_text() const {
  std::string text;
  bool plain = true;
  walk_labels(
      owner,
      [&](std::uint8_t byte) {
        plain = plain && is_host_byte(byte);
        text.push_back(static_cast<char>(byte));
      },
      [&] { text.push_back('.'); });
  if (!plain) return std::nullopt;
  return text;
}

std::string DnsQuery::shown() const {
  std::string text;
  walk_labels(
      owner, [&](std::uint8_t byte) { append_shown(text, byte); }, [&] { text.push_back('.'); });
  return text;
}

std::optional<DnsQuery> read_dns_query(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < LDNS_HEADER_SIZE || bytes.size() > kMaxDnsQueryBytes) return std::nullopt;
  const std::uint8_t* wire = bytes.data();
  // Two hosts that answer each other's answers would never end: responses are not looked at.
  if (LDNS_QR_WIRE(wire) != 0) return std::nullopt;
  DnsQuery query;
  query.id = LDNS_ID_WIRE(wire);
  query.recursion_desired = LDNS_RD_WIRE(wire) != 0;
  if (LDNS_OPCODE_WIRE(wire) != LDNS_PACKET_QUERY) return faulty(query, DnsCode::kNotImplemented);
  // One question is all that any resolver sends; with two, a reader that judges the first and
  // answers the second would be fooled (RFC 9619).
  if (LDNS_QDCOUNT(wire) != 1 || LDNS_ANCOUNT(wire) != 0 || LDNS_NSCOUNT(wire) != 0 ||
      LDNS_TC_WIRE(wire) != 0) {
    return faulty(query, DnsCode::kFormatError);
  }
  ldns_pkt* raw = nullptr;
  const ldns_status status = ldns_wire2pkt(&raw, wire, bytes.size());
  const Packet packet(raw);
  if (status != LDNS_STATUS_OK) return faulty(query, DnsCode::kFormatError);
  const ldns_rr_list* questions = ldns_pkt_question(packet.get());
  if (ldns_rr_list_rr_count(questions) != 1) return faulty(query, DnsCode::kFormatError);
  const ldns_rr* question = ldns_rr_list_rr(questions, 0);
  const ldns_rdf* owner = ldns_rr_owner(question);
  query.owner.assign(ldns_rdf_data(owner), ldns_rdf_data(owner) + ldns_rdf_size(owner));
  query.type = static_cast<std::uint16_t>(ldns_rr_get_type(question));
  query.rr_class = static_cast<std::uint16_t>(ldns_rr_get_class(question));
  query.has_edns = ldns_pkt_edns(packet.get());
  if (query.has_edns && ldns_pkt_edns_version(packet.get()) != 0)
    query.fault = DnsCode::kBadVersion;
  return query;
}

std::vector<std::uint8_t> write_dns_reply(const DnsQuery& query, const DnsReplyContent& content) {
  if (query.owner.empty()) return bare_reply(query, content.code);
  const Packet packet(not_null(ldns_pkt_new()));
  set_head(packet.get(), query, content.code);
  Record question = new_record(query, static_cast<ldns_rr_type>(query.type));
  ldns_rr_set_question(question.get(), true);
  ldns_rr_set_class(question.get(), static_cast<ldns_rr_class>(query.rr_class));
  push_record(packet.get(), LDNS_SECTION_QUESTION, std::move(question));
  for (const auto& address : content.addresses)
    push_address(packet.get(), query, address);
  if (content.pointer) push_pointer(packet.get(), query, *content.pointer);
  if (content.with_soa) push_soa(packet.get());
  if (content.blocked && query.has_edns) set_blocked(packet.get());
  return to_wire(packet.get());
}

std::string dns_type_text(std::uint16_t type) {
  const std::unique_ptr<char, Free> text(ldns_rr_type2str(static_cast<ldns_rr_type>(type)));
  return text ? std::string(text.get()) : std::to_string(type);
}

}  // namespace awf::egress
