#include "varimix/stream/checkpoint.hpp"

#include <string>
#include <utility>

#include "mixture/families.hpp"
#include "state_codec.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

using GivenRule = std::optional<UpdateRule>;

template <Subordinator S>
std::vector<std::uint8_t> payload_of(const OnlineEM<S>& state) {
  return encode_cbor(
      {{"family", kFamilyName<S>}, {"library_version", VARIMIX_VERSION}, {"state", encode_state(state.state())}});
}

template <Subordinator S>
OnlineEM<S> state_of(const Field& field, const GivenRule& given) {
  OnlineEMState<S> state = decode_state<S>(field);
  require(!given || holds_user_rule(state.rule), "rule", "left out, because the checkpoint's rule is varimix's own",
          given ? given->name() : "");
  return field.guarded([&] { return OnlineEM<S>(std::move(state)); });
}

/// Calls read(family, field of the state), which returns the state.
template <class Read>
auto with_payload(std::span<const std::byte> payload, const GivenRule& given, Read&& read) {
  const Json value = decode_cbor(payload);
  MapReader reader(Field(value, "", given ? &*given : nullptr));
  const auto family = reader.get<std::string>("family");
  (void)reader.get<std::string>("library_version");
  const Field state = reader.field("state");
  reader.finish();
  return read(family, state, reader);
}

template <Subordinator S>
OnlineEM<S> from_payload(std::span<const std::byte> payload, const GivenRule& given) {
  return with_payload(payload, given, [&](const std::string& family, const Field& state, MapReader& reader) {
    reader.field("family").require(family == kFamilyName<S>, std::string("'") + kFamilyName<S> + "', as asked for");
    return state_of<S>(state, given);
  });
}

AnyOnlineEM from_payload_any(std::span<const std::byte> payload, const GivenRule& given) {
  return with_payload(payload, given, [&](const std::string& family, const Field& state, MapReader& reader) {
#define VARIMIX_READ(S) \
  if (family == kFamilyName<S>) return AnyOnlineEM(state_of<S>(state, given));
    VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_READ)
#undef VARIMIX_READ
    reader.field("family").fail("this varimix has no family " + in_quotes(family));
  });
}

/// What `read` makes of the file's payload, the errors naming the file.
template <class Read>
auto from_file(const std::filesystem::path& path, Read&& read) {
  const std::vector<std::byte> payload = read_checkpoint(path);
  try {
    return read(payload);
  } catch (const CheckpointError& error) {
    throw CheckpointError(about_checkpoint(path, error.what()));
  }
}

}  // namespace

template <Subordinator S>
std::vector<std::byte> to_bytes(const OnlineEM<S>& state) {
  const auto payload = payload_of(state);
  return wrap_checkpoint(std::as_bytes(std::span(payload)));
}

template <Subordinator S>
OnlineEM<S> from_bytes(std::span<const std::byte> bytes, const GivenRule& rule) {
  return from_payload<S>(unwrap_checkpoint(bytes), rule);
}

AnyOnlineEM from_bytes_any(std::span<const std::byte> bytes, const GivenRule& rule) {
  return from_payload_any(unwrap_checkpoint(bytes), rule);
}

template <Subordinator S>
void save(const OnlineEM<S>& state, const std::filesystem::path& path) {
  const auto payload = payload_of(state);
  write_checkpoint(path, std::as_bytes(std::span(payload)));
}

template <Subordinator S>
OnlineEM<S> load(const std::filesystem::path& path, const GivenRule& rule) {
  return from_file(path, [&](std::span<const std::byte> payload) { return from_payload<S>(payload, rule); });
}

AnyOnlineEM load_any(const std::filesystem::path& path, const GivenRule& rule) {
  return from_file(path, [&](std::span<const std::byte> payload) { return from_payload_any(payload, rule); });
}

#define VARIMIX_INSTANTIATE(S)                                                      \
  template std::vector<std::byte> to_bytes<S>(const OnlineEM<S>&);                  \
  template OnlineEM<S> from_bytes<S>(std::span<const std::byte>, const GivenRule&); \
  template void save<S>(const OnlineEM<S>&, const std::filesystem::path&);          \
  template OnlineEM<S> load<S>(const std::filesystem::path&, const GivenRule&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
