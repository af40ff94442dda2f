#include "varimix/core/missing.hpp"

#include "varimix/core/require.hpp"

namespace varimix {

Missing missing_from(const std::string& name) {
  require(name == "error" || name == "exact", "missing", "'error' or 'exact'", "'" + name + "'");
  return name == "exact" ? Missing::kExact : Missing::kError;
}

}  // namespace varimix
