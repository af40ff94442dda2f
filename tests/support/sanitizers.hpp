#pragma once

namespace varimix::tests {

/// True if this build watches memory and undefined behaviour, and so is some thirty times as slow. A statistical test
/// then takes every kind of step but makes fewer draws; claims that need many draws are tested in the release build.
#if defined(__SANITIZE_ADDRESS__)  // GCC
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)  // Clang
inline constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace varimix::tests
