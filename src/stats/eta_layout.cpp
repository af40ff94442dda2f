#include "varimix/stats/eta_layout.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "varimix/core/require.hpp"

namespace varimix {
namespace {

Index size_of(Statistic statistic, Index d) {
  switch (statistic) {
    case Statistic::kNumber:
    case Statistic::kLogarithm:
      return 1;
    case Statistic::kVector:
      return d;
    case Statistic::kSymmetric:
      return d * (d + 1) / 2;
  }
  return 0;
}

/// Returns true if `parent` (null for none) may be the parent of a field of statistic `of`.
bool is_parent(const EtaField* parent, Statistic of) {
  switch (of) {
    case Statistic::kNumber:
      return parent == nullptr;
    case Statistic::kLogarithm:
    case Statistic::kVector:
      return parent == nullptr || parent->statistic == Statistic::kNumber;
    case Statistic::kSymmetric:
      return parent != nullptr && parent->statistic == Statistic::kVector;
  }
  return false;
}

const std::vector<EtaField>& mean_variance_fields() {
  static const std::vector<EtaField> fields = {{"E[1/Y]", Statistic::kNumber, -1.0},
                                               {"E[Y]", Statistic::kNumber, 1.0},
                                               {"E[X]", Statistic::kVector, 0.0},
                                               {"E[X/Y]", Statistic::kVector, -1.0, 0},
                                               {"E[XX'/Y]", Statistic::kSymmetric, -1.0, 3},
                                               {"E[log Y]", Statistic::kLogarithm}};
  return fields;
}

}  // namespace

EtaLayout::EtaLayout(Index d, std::vector<EtaField> fields) {
  require(d >= 1, "d", ">= 1", d);
  require(!fields.empty(), "fields", "one or more", "none");
  std::vector<Index> begin = {0};
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const std::optional<Index> parent = fields[k].parent;
    if (parent) require(*parent >= 0 && *parent < static_cast<Index>(k), "parent", "an earlier field", *parent);
    require(is_parent(parent ? &fields[static_cast<std::size_t>(*parent)] : nullptr, fields[k].statistic),
            "the parent of '" + fields[k].name + "'", "the field with one factor X less", "another");
    begin.push_back(begin.back() + size_of(fields[k].statistic, d));
  }
  content_ = std::make_shared<const Content>(Content{d, std::move(fields), std::move(begin)});
}

bool EtaLayout::begins(const EtaLayout& other) const {
  const auto& mine = content_->fields;
  const auto& theirs = other.content_->fields;
  return content_ == other.content_ ||
         (d() == other.d() && mine.size() <= theirs.size() && std::equal(mine.begin(), mine.end(), theirs.begin()));
}

bool EtaLayout::operator==(const EtaLayout& other) const { return begins(other) && size() == other.size(); }

EtaLayout mean_variance_layout(Index d, LogY log_y) {
  const std::vector<EtaField>& all = mean_variance_fields();
  // The thread's last one, because a fit asks for the same one with every batch.
  thread_local std::array<std::optional<EtaLayout>, 2> last;
  std::optional<EtaLayout>& layout = last[log_y == LogY::kCompute ? 1 : 0];
  if (!layout || layout->d() != d) {
    layout.emplace(d, std::vector(all.begin(), log_y == LogY::kCompute ? all.end() : all.end() - 1));
  }
  return *layout;
}

bool is_mean_variance(const EtaLayout& layout) {
  const bool with_log_y = layout.fields().size() == mean_variance_fields().size();
  return layout == mean_variance_layout(layout.d(), with_log_y ? LogY::kCompute : LogY::kLeaveOut);
}

}  // namespace varimix
