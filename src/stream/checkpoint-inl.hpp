#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "state_codec-inl.hpp"
#include "varimix/core/require.hpp"
#include "varimix/stream/checkpoint.hpp"

namespace varimix {

/// Returns the version of varimix that a checkpoint names as its writer.
[[nodiscard]] const char* library_version() noexcept;

namespace {

using GivenRule = std::optional<UpdateRule>;

template <Fittable M>
std::vector<std::uint8_t> payload_of(const OnlineEM<M>& state) {
  return encode_cbor(
      {{"family", kModelName<M>}, {"library_version", library_version()}, {"state", encode_state(state.state())}});
}

/// Returns the first schema whose readers know all that a state holds.
template <Fittable M>
std::uint32_t schema_of(const OnlineEM<M>& state) {
  const OnlineEMOptions& options = state.state().options;
  return options.gaussian_test || !options.portfolios.empty() ? kCheckpointSchema : kPlainSchema;
}

template <Fittable M>
OnlineEM<M> state_of(const Field& field, const GivenRule& given) {
  OnlineEMState<M> state = decode_state<M>(field);
  require(!given || users_rule_in(state.rule) != nullptr, "rule",
          "left out, because the checkpoint's rule is varimix's own", given ? given->name() : "");
  return field.guarded([&] { return OnlineEM<M>(std::move(state)); });
}

/// Calls read(family, field of the state, reader of the payload), which returns the state.
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

template <Fittable M>
OnlineEM<M> from_payload(std::span<const std::byte> payload, const GivenRule& given) {
  return with_payload(payload, given, [&](const std::string& family, const Field& state, MapReader& reader) {
    reader.field("family").require(family == kModelName<M>, std::string("'") + kModelName<M> + "', as asked for");
    return state_of<M>(state, given);
  });
}

/// Returns what `read` makes of the file's payload; its errors name the file.
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

template <Fittable M>
std::vector<std::byte> to_bytes(const OnlineEM<M>& state) {
  const auto payload = payload_of(state);
  return wrap_checkpoint(std::as_bytes(std::span(payload)), schema_of(state));
}

template <Fittable M>
OnlineEM<M> from_bytes(std::span<const std::byte> bytes, const GivenRule& rule) {
  return from_payload<M>(unwrap_checkpoint(bytes), rule);
}

template <Fittable M>
void save(const OnlineEM<M>& state, const std::filesystem::path& path) {
  const auto payload = payload_of(state);
  write_checkpoint(path, std::as_bytes(std::span(payload)), schema_of(state));
}

template <Fittable M>
OnlineEM<M> load(const std::filesystem::path& path, const GivenRule& rule) {
  return from_file(path, [&](std::span<const std::byte> payload) { return from_payload<M>(payload, rule); });
}

}  // namespace varimix
