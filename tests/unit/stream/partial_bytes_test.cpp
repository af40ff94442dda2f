#include "varimix/stream/partial_bytes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "stream/cbor.hpp"
#include "support/models.hpp"
#include "varimix/stream/checkpoint_envelope.hpp"

namespace varimix::tests {
namespace {

NormalInverseGaussian law() { return some_model(2, 7, 0.6); }

MaybePartial partial() {
  const RowMatrix x = law().rvs(100, Seed{3});
  return e_step_partial<NormalInverseGaussian>({.model = law()}, RowView(x));
}

MaybeMoments moments() {
  const RowMatrix x = law().rvs(100, Seed{3});
  return moment_partial({}, RowView(x));
}

TEST(PartialBytes, GiveEveryValueAgain) {
  const std::vector<std::byte> bytes = to_bytes(partial());
  EXPECT_EQ(to_bytes(partial_from_bytes(bytes)), bytes);
  EXPECT_EQ(partial_from_bytes(bytes)->eta, partial()->eta);
  const auto request = to_bytes(EStepRequest<NormalInverseGaussian>{.model = law(), .every = 3});
  const AnyEStepRequest again = request_from_bytes(request);
  EXPECT_EQ(std::get<EStepRequest<NormalInverseGaussian>>(again).model, law());
  EXPECT_EQ(std::get<EStepRequest<NormalInverseGaussian>>(again).every, 3);
  EXPECT_EQ(to_bytes(moments_from_bytes(to_bytes(moments()))), to_bytes(moments()));
  const MomentRequest asked{.pass = MomentPass::kShape, .origin = Vector::Ones(2), .scale = Vector::Ones(2)};
  EXPECT_EQ(to_bytes(moment_request_from_bytes(to_bytes(asked))), to_bytes(asked));
}

TEST(PartialBytes, OfNoRowsAreFew) {
  constexpr std::size_t kFew = 64;
  EXPECT_LT(to_bytes(MaybePartial()).size(), kFew);
  EXPECT_FALSE(partial_from_bytes(to_bytes(MaybePartial())).has_value());
  EXPECT_FALSE(moments_from_bytes(to_bytes(MaybeMoments())).has_value());
}

TEST(PartialBytes, OfAnotherKindAreRefused) {
  const std::vector<std::byte> bytes = to_bytes(partial());
  EXPECT_THROW((void)request_from_bytes(bytes), CheckpointError);
  EXPECT_THROW((void)moments_from_bytes(bytes), CheckpointError);
  EXPECT_THROW((void)moment_request_from_bytes(bytes), CheckpointError);
  EXPECT_THROW((void)partial_from_bytes(to_bytes(moments())), CheckpointError);
}

/// Returns bytes whose header and checksum are right, around a payload that was changed in one place.
std::vector<std::byte> changed(const std::vector<std::byte>& bytes, std::mt19937& chance) {
  const auto payload = unwrap_checkpoint(bytes);
  std::vector<std::byte> other(payload.begin(), payload.end());
  other[chance() % other.size()] = static_cast<std::byte>(chance());
  if (chance() % 4 == 0) other.resize(chance() % other.size());
  return wrap_checkpoint(other);
}

TEST(PartialBytes, WithAForgedPayloadAreReadWholeOrRefused) {
  constexpr int kTrials = 3000;
  std::mt19937 chance(5);
  const std::vector<std::byte> bytes = to_bytes(partial());
  const std::vector<std::byte> of_moments = to_bytes(moments());
  int refused = 0;
  for (int k = 0; k < kTrials; ++k) {
    try {
      const MaybePartial read = partial_from_bytes(changed(bytes, chance));
      if (read && read->eta.d() == 2) (void)merge(read, read);
      (void)moments_from_bytes(changed(of_moments, chance));
    } catch (const CheckpointError&) {
      ++refused;
    } catch (const std::invalid_argument&) {
      ++refused;  // by the merge, of a partial without weight
    }
  }
  EXPECT_GT(refused, kTrials / 10);
}

}  // namespace
}  // namespace varimix::tests
