#include "field.hpp"

#include <algorithm>

#include "varimix/stream/checkpoint_envelope.hpp"

namespace varimix {

Field Field::at(const std::string& name) const {
  return {value_->at(name), place_.empty() ? name : place_ + "." + name, given_rule_};
}

Field Field::at(std::size_t index) const {
  return {value_->at(index), place_ + "[" + std::to_string(index) + "]", given_rule_};
}

void Field::require(bool holds, const std::string& constraint) const {
  if (holds) return;
  const bool is_small = !value_->is_structured();
  const std::string got = value_->is_string() ? in_quotes(value_->get_ref<const std::string&>())
                          : is_small          ? value_->dump()
                                              : std::string(value_->is_array() ? "a list" : "a map");
  throw CheckpointError((place_.empty() ? "it" : place_) + " must be " + constraint + ", got " + got);
}

void Field::fail(const std::string& what) const { throw CheckpointError(place_ + ": " + what); }

MapReader::MapReader(Field field) : field_(std::move(field)) { field_.require(field_.json().is_object(), "a map"); }

Field MapReader::field(const char* name) {
  if (!field_.json().contains(name)) field_.fail(std::string("has no '") + name + "'");
  asked_.insert(name);
  return field_.at(name);
}

void MapReader::finish() const {
  for (const auto& [name, value] : field_.json().items()) {
    if (asked_.count(name) == 0) field_.fail("has " + in_quotes(name) + ", which this schema does not know");
  }
}

}  // namespace varimix
