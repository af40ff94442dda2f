#include "varimix/stream/checkpoint_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/checkpoints.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

constexpr unsigned kBitsOfByte = 8;
constexpr std::size_t kSchemaAt = 8;
constexpr std::size_t kChecksumAt = 24;
constexpr std::size_t kHeaderBytes = 28;

Bytes small_checkpoint() { return wrap_checkpoint(bytes_of("a state that is small")); }

std::string fault_of(const Bytes& bytes) {
  return checkpoint_error_of([&] { (void)unwrap_checkpoint(bytes); });
}

/// Returns the CRC-32 (ISO 3309), computed bit by bit: the implementation shares nothing with the library's.
std::uint32_t slow_crc(const Bytes& bytes) {
  constexpr std::uint32_t kPolynomial = 0xEDB88320U;
  std::uint32_t crc = ~0U;
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    if (k >= kChecksumAt && k < kHeaderBytes) continue;
    crc ^= std::to_integer<std::uint32_t>(bytes[k]);
    for (unsigned bit = 0; bit < kBitsOfByte; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
  }
  return ~crc;
}

void put_checksum(Bytes& bytes) {
  const std::uint32_t crc = slow_crc(bytes);
  for (unsigned k = 0; k < 4; ++k) bytes[kChecksumAt + k] = static_cast<std::byte>(crc >> (kBitsOfByte * k));
}

TEST(CheckpointFile, GivesBackThePayload) {
  const Bytes payload = bytes_of("a state that is small");
  const Bytes checkpoint = wrap_checkpoint(payload);
  const auto back = unwrap_checkpoint(checkpoint);
  EXPECT_EQ(Bytes(back.begin(), back.end()), payload);
  EXPECT_TRUE(unwrap_checkpoint(wrap_checkpoint({})).empty());
}

TEST(CheckpointFile, IsLaidOutAsDocumented) {
  Bytes expected = bytes_of({0x89, 'V', 'M', 'X', '\r', '\n', 0x1A, '\n',  // magic word
                             2,    0,   0,   0,                            // schema
                             0,    0,   0,   0,                            // flags
                             3,    0,   0,   0,   0,    0,    0,    0,     // length
                             0,    0,   0,   0,                            // checksum
                             'x',  'y', 'z'});
  put_checksum(expected);
  EXPECT_EQ(wrap_checkpoint(bytes_of("xyz")), expected);
}

TEST(CheckpointFile, TellsEveryTruncation) {
  const Bytes whole = small_checkpoint();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(fault_of(cut), ::testing::AnyOf(HasSubstr("empty"), HasSubstr("cut short"), HasSubstr("damaged")))
        << size << " bytes";
  }
}

TEST(CheckpointFile, TellsEveryFlippedBit) {
  const Bytes whole = small_checkpoint();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < kBitsOfByte; ++bit) {
      Bytes flipped = whole;
      flipped[at] ^= static_cast<std::byte>(1U << bit);
      EXPECT_THAT(fault_of(flipped), HasSubstr("damaged")) << "bit " << bit << " of byte " << at;
    }
  }
}

TEST(CheckpointFile, TellsWhatStandsAfterItsEnd) {
  Bytes longer = small_checkpoint();
  longer.push_back(std::byte{0});
  EXPECT_THAT(fault_of(longer), HasSubstr("its header says 21 bytes of payload, there are 22"));
}

TEST(CheckpointFile, TellsAnotherKindOfFile) {
  EXPECT_THAT(fault_of(bytes_of("%PDF-1.7 and so on, for more than a header's length")),
              HasSubstr("not a checkpoint of varimix"));
}

TEST(CheckpointFile, IsReadOfEveryEarlierSchema) {
  for (std::uint32_t schema = 1; schema <= kCheckpointSchema; ++schema) {
    Bytes earlier = small_checkpoint();
    earlier[kSchemaAt] = static_cast<std::byte>(schema);
    put_checksum(earlier);
    EXPECT_EQ(fault_of(earlier), "") << schema;
  }
  Bytes none = small_checkpoint();
  none[kSchemaAt] = std::byte{0};
  put_checksum(none);
  EXPECT_THAT(fault_of(none), HasSubstr("its schema is 0"));
}

TEST(CheckpointFile, TellsANewerSchemaFromDamage) {
  Bytes newer = small_checkpoint();
  newer[kSchemaAt] = std::byte{kCheckpointSchema + 1};
  EXPECT_THAT(fault_of(newer), HasSubstr("checksum"));
  put_checksum(newer);
  EXPECT_THAT(fault_of(newer), HasSubstr("a newer varimix wrote it: its schema is 4, this build reads up to 3"));
}

TEST(CheckpointFile, TellsADeclaredLengthThatIsHuge) {
  Bytes huge = small_checkpoint();
  for (std::size_t k = 16; k < kChecksumAt; ++k) huge[k] = std::byte{0xFF};
  put_checksum(huge);
  EXPECT_THAT(fault_of(huge), HasSubstr("its header says 18446744073709551615 bytes"));
}

}  // namespace
}  // namespace varimix::tests
