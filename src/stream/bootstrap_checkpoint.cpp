#include "varimix/stream/bootstrap_checkpoint.hpp"

#include <string>
#include <utility>

#include "checkpoint-inl.hpp"
#include "mixture/families.hpp"
#include "model_codec.hpp"
#include "varimix/stream/checkpoint_envelope.hpp"

namespace varimix {
namespace {

template <Fittable M>
std::vector<std::uint8_t> bootstrap_payload(const BootstrapEM<M>& state) {
  const UpdateRule& rule = state.fit().state().rule;
  require(users_rule_in(rule) == nullptr, "eta_update", "one of varimix's own in a bootstrap that is saved",
          called(rule));
  Json replicas = Json::array();
  for (const OnlineEM<M>& replica : state.replicas()) replicas.push_back(encode_state(replica.state()));
  MapWriter writer;
  writer("key", state.key());
  writer("stream", state.stream());
  writer("next", state.rows().next);
  writer("total", state.rows().total);
  writer("streams", state.rows().streams);
  if (state.rows().first > 0) writer("first", state.rows().first);
  Json bootstrap = std::move(writer).take();
  bootstrap["fit"] = encode_state(state.fit().state());
  bootstrap["replicas"] = std::move(replicas);
  return encode_cbor(
      {{"family", kModelName<M>}, {"library_version", library_version()}, {"bootstrap", std::move(bootstrap)}});
}

/// Returns the first schema whose readers know all that a bootstrap holds. Those of schema 2 number rows of weight above
/// 0 alone, each once.
template <Fittable M>
std::uint32_t schema_of(const BootstrapEM<M>& state) {
  const BootstrapRows& rows = state.rows();
  return rows.first > 0 || rows.next > rows.total ? kCheckpointSchema : schema_of(state.fit());
}

template <Fittable M>
BootstrapEM<M> bootstrap_of(const Field& field) {
  MapReader reader(field);
  const Key key = reader.get<Key>("key");
  const auto stream = reader.get<std::int64_t>("stream");
  BootstrapRows rows{.next = reader.get<std::int64_t>("next"),
                     .total = reader.get<std::int64_t>("total"),
                     .first = reader.has("first") ? reader.get<std::int64_t>("first") : 0,
                     .streams = reader.get<std::vector<std::int64_t>>("streams")};
  OnlineEM<M> fit = state_of<M>(reader.field("fit"), std::nullopt);
  const Field list = reader.field("replicas");
  list.require(list.json().is_array(), "a list");
  std::vector<OnlineEM<M>> replicas;
  for (std::size_t b = 0; b < list.json().size(); ++b) replicas.push_back(state_of<M>(list.at(b), std::nullopt));
  reader.finish();
  const BootstrapOptions options{.replicas = static_cast<int>(replicas.size()), .key = key, .stream = stream};
  return field.guarded([&] { return BootstrapEM<M>(std::move(fit), std::move(replicas), options, std::move(rows)); });
}

AnyBootstrapEM bootstrap_of_payload(std::span<const std::byte> payload) {
  const Json value = decode_cbor(payload);
  MapReader reader(Field(value, "", nullptr));
  const auto family = reader.get<std::string>("family");
  (void)reader.get<std::string>("library_version");
  const Field bootstrap = reader.field("bootstrap");
  reader.finish();
#define VARIMIX_READ(M) \
  if (family == kModelName<M>) return AnyBootstrapEM(bootstrap_of<M>(bootstrap));
  VARIMIX_FOR_EACH_MODEL(VARIMIX_READ)
#undef VARIMIX_READ
  reader.field("family").fail("this varimix has no family " + in_quotes(family));
}

}  // namespace

template <Fittable M>
std::vector<std::byte> to_bytes(const BootstrapEM<M>& state) {
  const auto payload = bootstrap_payload(state);
  return wrap_checkpoint(std::as_bytes(std::span(payload)), schema_of(state));
}

template <Fittable M>
void save(const BootstrapEM<M>& state, const std::filesystem::path& path) {
  const auto payload = bootstrap_payload(state);
  write_checkpoint(path, std::as_bytes(std::span(payload)), schema_of(state));
}

AnyBootstrapEM bootstrap_from_bytes(std::span<const std::byte> bytes) {
  return bootstrap_of_payload(unwrap_checkpoint(bytes));
}

AnyBootstrapEM load_bootstrap(const std::filesystem::path& path) {
  return from_file(path, [](std::span<const std::byte> payload) { return bootstrap_of_payload(payload); });
}

#define VARIMIX_INSTANTIATE(M)                                     \
  template std::vector<std::byte> to_bytes(const BootstrapEM<M>&); \
  template void save(const BootstrapEM<M>&, const std::filesystem::path&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
