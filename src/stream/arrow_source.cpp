#include "varimix/stream/arrow_source.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "arrow_chunk.hpp"
#include "arrow_schema.hpp"
#include "varimix/core/require.hpp"

namespace varimix {
namespace {

/// Throws std::runtime_error with the stream's message about its last call, unless the call's code is 0.
void require_success(int code, ArrowArrayStream* stream, const std::string& action) {
  if (code == 0) return;
  const char* const detail = stream->get_last_error == nullptr ? nullptr : stream->get_last_error(stream);
  throw std::runtime_error("an Arrow stream could not " + action + ": " + (detail == nullptr ? "" : detail) + " (" +
                           std::generic_category().message(code) + ")");
}

ArrowOwner<ArrowArrayStream> take_over(ArrowArrayStream* stream) {
  require(stream != nullptr && stream->release != nullptr, "an Arrow stream", "one that is not yet released",
          "a released one");
  require(stream->get_schema != nullptr && stream->get_next != nullptr, "an Arrow stream",
          "given with get_schema and get_next", "a null pointer");
  return ArrowOwner<ArrowArrayStream>(stream);
}

}  // namespace

class ArrowSource::State {
 public:
  State(ArrowArrayStream* stream, const ArrowColumns& columns) : stream_(take_over(stream)) {
    ArrowOwner<ArrowSchema> schema;
    require_success(stream_->get_schema(stream_.get(), schema.get()), stream_.get(), "give its schema");
    require(!schema.is_released(), "the schema of an Arrow stream", "given", "a released one");
    plan_ = plan_columns(*schema.get(), columns);
    for (const ArrowColumn& column : plan_.x) names_.push_back(column.name);
  }

  [[nodiscard]] std::optional<Batch> next() {
    while (!stream_.is_released()) {
      ArrowOwner<ArrowArray> array;
      require_success(stream_->get_next(stream_.get(), array.get()), stream_.get(), "give its next batch");
      if (array.is_released()) {
        stream_ = {};  // the end
        break;
      }
      Batch batch = read_record_batch(std::move(array), plan_);
      if (batch.x.rows() == 0) continue;
      batch.first_row = position_;
      position_ += batch.x.rows();
      return batch;
    }
    return std::nullopt;
  }

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  ArrowOwner<ArrowArrayStream> stream_;
  ArrowPlan plan_;
  std::vector<std::string> names_;
  std::int64_t position_ = 0;
};

ArrowSource::ArrowSource(ArrowArrayStream* stream, const ArrowColumns& columns)
    : state_(std::make_unique<State>(stream, columns)) {}
ArrowSource::ArrowSource(ArrowSource&&) noexcept = default;
ArrowSource& ArrowSource::operator=(ArrowSource&&) noexcept = default;
ArrowSource::~ArrowSource() = default;

std::optional<Batch> ArrowSource::next() { return state_->next(); }
Index ArrowSource::d() const noexcept { return static_cast<Index>(state_->names().size()); }
const std::vector<std::string>& ArrowSource::names() const noexcept { return state_->names(); }

}  // namespace varimix
