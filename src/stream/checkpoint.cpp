#include "checkpoint-inl.hpp"
#include "mixture/families.hpp"
#include "model_codec.hpp"

namespace varimix {

const char* library_version() noexcept { return VARIMIX_VERSION; }

namespace {

AnyOnlineEM from_payload_any(std::span<const std::byte> payload, const GivenRule& given) {
  return with_payload(payload, given, [&](const std::string& family, const Field& state, MapReader& reader) {
#define VARIMIX_READ(S) \
  if (family == kFamilyName<S>) return AnyOnlineEM(state_of<MeanVarianceMixture<S>>(state, given));
    VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_READ)
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

#define VARIMIX_INSTANTIATE(S)                                                                                       \
  template std::vector<std::byte> to_bytes<MeanVarianceMixture<S>>(const OnlineEM<MeanVarianceMixture<S>>&);         \
  template OnlineEM<MeanVarianceMixture<S>> from_bytes<MeanVarianceMixture<S>>(std::span<const std::byte>,           \
                                                                               const GivenRule&);                    \
  template void save<MeanVarianceMixture<S>>(const OnlineEM<MeanVarianceMixture<S>>&, const std::filesystem::path&); \
  template OnlineEM<MeanVarianceMixture<S>> load<MeanVarianceMixture<S>>(const std::filesystem::path&,               \
                                                                         const GivenRule&);
VARIMIX_FOR_EACH_SUBORDINATOR(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
