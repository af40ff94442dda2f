#include "checkpoint-inl.hpp"
#include "mixture/families.hpp"
#include "model_codec.hpp"

namespace varimix {

const char* library_version() noexcept { return VARIMIX_VERSION; }

namespace {

AnyOnlineEM from_payload_any(std::span<const std::byte> payload, const GivenRule& given) {
  return with_payload(payload, given, [&](const std::string& family, const Field& state, MapReader& reader) {
#define VARIMIX_READ(M) \
  if (family == kModelName<M>) return AnyOnlineEM(state_of<M>(state, given));
    VARIMIX_FOR_EACH_MODEL(VARIMIX_READ)
#undef VARIMIX_READ
    reader.field("family").fail("this varimix has no family " + in_quotes(family));
  });
}

}  // namespace

AnyOnlineEM from_bytes_any(std::span<const std::byte> bytes, const GivenRule& rule) {
  return from_payload_any(unwrap_checkpoint(bytes), rule);
}

AnyOnlineEM load_any(const std::filesystem::path& path, const GivenRule& rule) {
  return from_file(path, [&](std::span<const std::byte> payload) { return from_payload_any(payload, rule); });
}

#define VARIMIX_INSTANTIATE(M)                                                      \
  template std::vector<std::byte> to_bytes<M>(const OnlineEM<M>&);                  \
  template OnlineEM<M> from_bytes<M>(std::span<const std::byte>, const GivenRule&); \
  template void save<M>(const OnlineEM<M>&, const std::filesystem::path&);          \
  template OnlineEM<M> load<M>(const std::filesystem::path&, const GivenRule&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
