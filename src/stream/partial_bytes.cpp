#include "varimix/stream/partial_bytes.hpp"

#include <cmath>
#include <string>

#include "mixture/families.hpp"
#include "model_codec.hpp"
#include "varimix/core/members.hpp"
#include "varimix/core/require.hpp"

namespace varimix {

template <Fittable M>
inline constexpr auto kMembers<EStepRequest<M>> = std::tuple(member("model", &EStepRequest<M>::model),
                                                             member("missing", &EStepRequest<M>::missing),
                                                             member("facts", &EStepRequest<M>::facts),
                                                             member("peak", &EStepRequest<M>::peak),
                                                             member("every", &EStepRequest<M>::every));

template <>
inline constexpr auto kMembers<RowFacts> = std::tuple(member("counted", &RowFacts::counted),
                                                      member("weight", &RowFacts::weight),
                                                      member("low", &RowFacts::low), member("high", &RowFacts::high));

template <>
inline constexpr auto kMembers<PeakRow> = std::tuple(member("row", &PeakRow::row),
                                                     member("log_density", &PeakRow::log_density),
                                                     member("values", &PeakRow::values),
                                                     member("equal", &PeakRow::equal));

template <>
inline constexpr auto kMembers<EStepPartial> =
    std::tuple(member("family", &EStepPartial::family), member("model", &EStepPartial::model),
               member("columns", &EStepPartial::columns), member("missing", &EStepPartial::missing),
               member("rows", &EStepPartial::rows), member("eta", &EStepPartial::eta),
               member("log_lik", &EStepPartial::log_lik), member("floored_rows", &EStepPartial::floored_rows),
               member("observed", &EStepPartial::observed), member("peak", &EStepPartial::peak),
               member("facts", &EStepPartial::facts), member("sample", &EStepPartial::sample));

template <>
inline constexpr auto kMembers<MomentRequest> = std::tuple(member("pass", &MomentRequest::pass),
                                                           member("missing", &MomentRequest::missing),
                                                           member("gaps", &MomentRequest::gaps),
                                                           member("origin", &MomentRequest::origin),
                                                           member("scale", &MomentRequest::scale),
                                                           member("root", &MomentRequest::root));

template <>
inline constexpr auto kMembers<MomentPartial> = std::tuple(
    member("pass", &MomentPartial::pass), member("rows", &MomentPartial::rows), member("gaps", &MomentPartial::gaps),
    member("low", &MomentPartial::low), member("high", &MomentPartial::high), member("sums", &MomentPartial::sums));

namespace {

void require_amount(double value, const char* name) {
  require(std::isfinite(value) && value >= 0.0, name, "finite and >= 0", value);
}

void require_none_or(Index size, Index d, const char* name) {
  if (size != 0) require_dimension(size, d, name);
}

/// Throws std::invalid_argument unless the parts of an answer fit each other.
void check(const EStepPartial& partial) {
  const Index d = partial.eta.d();
  require_amount(partial.eta.weight, "eta.weight");
  require(partial.rows >= 1, "rows", ">= 1", partial.rows);
  require_none_or(static_cast<Index>(partial.columns.size()), d, "columns");
  if (!partial.columns.empty()) (void)ColumnNames(partial.columns);
  require_none_or(partial.observed.size(), d, "observed");
  if (partial.peak) {
    require(partial.peak->row < partial.rows, "peak.row", "one of the rows", partial.peak->row);
    require_none_or(partial.peak->values.size(), d, "peak.values");
  }
  if (partial.facts) {
    require_dimension(partial.facts->low.size(), d, "facts.low");
    require_dimension(partial.facts->high.size(), d, "facts.high");
    require_amount(partial.facts->weight, "facts.weight");
  }
  if (partial.sample && partial.sample->rows() > 0) require_dimension(partial.sample->cols(), d, "sample");
}

/// Throws std::invalid_argument unless an answer has the sums of its pass.
void check(const MomentPartial& partial) {
  require_dimension(partial.high.size(), partial.low.size(), "high");
  const bool is_ranges = partial.pass == MomentPass::kRanges;
  const std::size_t of_products = partial.gaps ? 4 : 2;  // pair_products, products
  const std::size_t expected = is_ranges ? 0 : (partial.pass == MomentPass::kProducts ? of_products : 2);
  require(partial.sums.size() == expected, "sums", std::to_string(expected) + " matrices", partial.sums.size());
  require(is_ranges == (partial.low.size() > 0), "low", "there in the first pass alone", partial.low.size());
  if (is_ranges) return;
  const Index d = partial.sums[0].rows();
  for (std::size_t k = 0; k < expected; ++k) {
    const bool is_number = partial.pass == MomentPass::kShape && k == 1;
    const bool is_vector = expected == 2 && k == 0;
    const Index rows = is_number ? 1 : d;
    const Index columns = is_number || is_vector ? 1 : d;
    const Matrix& sum = partial.sums[k];
    require(d > 0 && sum.rows() == rows && sum.cols() == columns, "sums", "of one dimension", sum.rows());
  }
}

std::vector<std::byte> wrapped(const Json& value) {
  const std::vector<std::uint8_t> payload = encode_cbor(value);
  return wrap_checkpoint(std::as_bytes(std::span(payload)));
}

constexpr const char* kFamilyKey = "family";
constexpr const char* kRequestKey = "request";
constexpr const char* kPartialKey = "partial";
constexpr const char* kMomentRequestKey = "moment_request";
constexpr const char* kMomentsKey = "moments";

/// Returns the one value that bytes hold under a key.
template <class T>
T from_wrapped(std::span<const std::byte> bytes, const char* key) {
  const Json value = decode_cbor(unwrap_checkpoint(bytes));
  MapReader reader(Field(value, "", nullptr));
  const Field field = reader.field(key);
  reader.finish();
  return Codec<T>::decode(field);
}

/// Returns `value` if its parts fit each other. Throws CheckpointError otherwise.
template <class T>
T checked(T value) {
  try {
    if (value) check(*value);
  } catch (const std::invalid_argument& error) {
    throw CheckpointError(error.what());
  }
  return value;
}

}  // namespace

template <Fittable M>
std::vector<std::byte> to_bytes(const EStepRequest<M>& request) {
  return wrapped({{kFamilyKey, kModelName<M>}, {kRequestKey, Codec<EStepRequest<M>>::encode(request)}});
}

std::vector<std::byte> to_bytes(const MaybePartial& partial) {
  return wrapped({{kPartialKey, Codec<MaybePartial>::encode(partial)}});
}

AnyEStepRequest request_from_bytes(std::span<const std::byte> bytes) {
  const Json value = decode_cbor(unwrap_checkpoint(bytes));
  MapReader reader(Field(value, "", nullptr));
  const auto family = reader.get<std::string>(kFamilyKey);
  const Field request = reader.field(kRequestKey);
  reader.finish();
  // NOLINTBEGIN(bugprone-macro-parentheses): M is a type
#define VARIMIX_READ(M) \
  if (family == kModelName<M>) return Codec<EStepRequest<M>>::decode(request);
  VARIMIX_FOR_EACH_MODEL(VARIMIX_READ)
#undef VARIMIX_READ
  // NOLINTEND(bugprone-macro-parentheses)
  reader.field(kFamilyKey).fail("this varimix has no family " + in_quotes(family));
}

MaybePartial partial_from_bytes(std::span<const std::byte> bytes) {
  return checked(from_wrapped<MaybePartial>(bytes, kPartialKey));
}

std::vector<std::byte> to_bytes(const MomentRequest& request) {
  return wrapped({{kMomentRequestKey, Codec<MomentRequest>::encode(request)}});
}

std::vector<std::byte> to_bytes(const MaybeMoments& partial) {
  return wrapped({{kMomentsKey, Codec<MaybeMoments>::encode(partial)}});
}

MomentRequest moment_request_from_bytes(std::span<const std::byte> bytes) {
  return from_wrapped<MomentRequest>(bytes, kMomentRequestKey);
}

MaybeMoments moments_from_bytes(std::span<const std::byte> bytes) {
  return checked(from_wrapped<MaybeMoments>(bytes, kMomentsKey));
}

#define VARIMIX_INSTANTIATE(M) template std::vector<std::byte> to_bytes(const EStepRequest<M>&);
VARIMIX_FOR_EACH_MODEL(VARIMIX_INSTANTIATE)
#undef VARIMIX_INSTANTIATE

}  // namespace varimix
