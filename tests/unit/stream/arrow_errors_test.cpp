#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/arrow_sources.hpp"
#include "support/close.hpp"
#include "varimix/stream/arrow_source.hpp"

namespace varimix::tests {
namespace {

using ::testing::HasSubstr;

class ArrowErrors : public ArrowTest {};

std::string open_error(MadeStream made, const ArrowColumns& columns = {}) {
  ArrowArrayStream stream = export_stream(std::move(made));
  return error_of([&] { ArrowSource(&stream, columns); });
}

TEST_F(ArrowErrors, NamesAColumnThatIsNoNumber) {
  const auto error = [](const std::string& format) {
    return open_error(made_stream({made_batch({made_column("a", kNumbers), made_column("b", kNumbers, format)})}));
  };
  for (const std::string format :
       {"u", "U", "z", "vu", "+l", "+s", "+w:3", "d:10", "d:10,2,7", "w:4", "n", "tss:", "tdD", "tts", "", "gg"}) {
    EXPECT_EQ(error(format), "column 'b' must be of numbers or booleans, got Arrow format '" + format + "'");
  }
  MadeColumn dictionary = made_column("b", std::vector<std::int32_t>{0});
  dictionary.is_dictionary = true;
  EXPECT_EQ(open_error(made_stream({made_batch({dictionary})})),
            "column 'b' must be of numbers or booleans, got a dictionary with keys of Arrow format 'i'");
  EXPECT_THAT(open_error(made_stream({made_batch({made_column("a", kNumbers), made_column("t", kNumbers, "u")})}),
                         {.x = {}, .weights = std::nullopt, .times = "t"}),
              HasSubstr("column 't' must be of times, numbers or booleans, got Arrow format 'u'"));
}

TEST_F(ArrowErrors, NamesColumnsThatAreMissingOrNotOne) {
  const MadeStream made =
      made_stream({made_batch({made_column("a", kNumbers), made_column("b", kNumbers), made_column("b", kNumbers)})});
  EXPECT_EQ(open_error(made, {.x = {"c"}}), "column 'c' must be in the table once, got 0 of 'a', 'b', 'b'");
  EXPECT_EQ(open_error(made, {.x = {"b"}}), "column 'b' must be in the table once, got 2 of 'a', 'b', 'b'");
  EXPECT_EQ(open_error(made, {.x = {"a", "a"}}), "column 'a' must be asked for once, got asked for again");
  EXPECT_THAT(open_error(made, {.x = {"a"}, .weights = "a"}), HasSubstr("asked for again"));
  EXPECT_THAT(open_error(made_stream({made_batch({made_column("w", kNumbers)})}), {.x = {}, .weights = "w"}),
              HasSubstr("one column or more besides weights and times"));
}

TEST_F(ArrowErrors, RefusesABrokenSchema) {
  const MadeStream good = made_stream({made_batch({made_column("a", kNumbers)})});
  const auto error = [&](auto&& change) {
    MadeStream made = good;
    change(made);
    return open_error(made);
  };
  EXPECT_EQ(error([](MadeStream&) {}), "");
  EXPECT_THAT(error([](MadeStream& made) { made.format = "g"; }), HasSubstr("format '+s'"));
  EXPECT_THAT(error([](MadeStream& made) { made.format.reset(); }), HasSubstr("format '+s'"));
  EXPECT_THAT(error([](MadeStream& made) { made.n_children = -1; }), HasSubstr("n_children"));
  EXPECT_THAT(error([](MadeStream& made) { made.n_children = 0; }), HasSubstr("one column or more"));
  EXPECT_THAT(error([](MadeStream& made) { made.has_children = false; }), HasSubstr("children"));
  EXPECT_THAT(error([](MadeStream& made) { made.columns[0].is_there = false; }), HasSubstr("each column"));
  EXPECT_THAT(error([](MadeStream& made) { made.columns[0].format.reset(); }), HasSubstr("each column"));
}

TEST_F(ArrowErrors, RefusesABrokenBatch) {
  const auto error = [&](auto&& change) {
    MadeBatch batch = made_batch({made_column("a", kNumbers), made_column("b", kNumbers)});
    MadeStream made = made_stream({batch});
    change(made.batches[0], made.batches[0].columns[1]);
    ArrowSource source = open(made);
    return error_of([&] { (void)source.next(); });
  };
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(error([](MadeBatch&, MadeColumn&) {}), "");
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.length = -1; }), HasSubstr("length"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.length = 5; }), HasSubstr("length of Arrow column 'a'"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.length = kMost; }), HasSubstr("length"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.offset = -1; }), HasSubstr("offset"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.offset = 1; }), HasSubstr("length of Arrow column 'a'"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.offset = kMost; }), HasSubstr("offset"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.null_count = 1; }), HasSubstr("validity"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) {
                batch.validity = made_bits({true, true, false, true});
                batch.null_count = 1;
              }),
              HasSubstr("not null themselves"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.n_buffers = 2; }), HasSubstr("n_buffers"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.n_children = 1; }), HasSubstr("of 2 columns"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.n_children = -3; }), HasSubstr("of 2 columns"));
  EXPECT_THAT(error([](MadeBatch& batch, MadeColumn&) { batch.has_children = false; }), HasSubstr("children"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.is_there = false; }), HasSubstr("'b' must be given"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.length = -4; }), HasSubstr("length of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.length = 3; }), HasSubstr("length of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.offset = -1; }), HasSubstr("offset of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.offset = kMost; }), HasSubstr("offset of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.null_count = -2; }), HasSubstr("null_count of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.null_count = 5; }), HasSubstr("null_count of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.null_count = 2; }),
              HasSubstr("validity buffer of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.n_buffers = 3; }), HasSubstr("n_buffers of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.has_buffers = false; }),
              HasSubstr("buffers of Arrow column 'b'"));
  EXPECT_THAT(error([](MadeBatch&, MadeColumn& b) { b.has_values = false; }), HasSubstr("values of Arrow column 'b'"));
}

/// Returns the message of the std::runtime_error that `action` throws.
template <class Action>
std::string failure_of(Action&& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST_F(ArrowErrors, SaysWhatTheStreamSaysOfItsFailure) {
  MadeStream made = made_stream({made_batch({made_column("a", kNumbers)})});
  made.fails_at = 1;
  {
    ArrowSource source = open(made);
    EXPECT_TRUE(source.next().has_value());
    EXPECT_EQ(failure_of([&] { (void)source.next(); }),
              "an Arrow stream could not give its next batch: the disk is on fire (Input/output error)");
  }
  made.schema_fails = true;
  EXPECT_EQ(failure_of([&] { (void)open(made); }),
            "an Arrow stream could not give its schema: the disk is on fire (Input/output error)");
  made.error.reset();
  EXPECT_THAT(failure_of([&] { (void)open(made); }), HasSubstr("(Input/output error)"));
}

TEST_F(ArrowErrors, RefusesAStreamThatIsReleased) {
  ArrowArrayStream released = {};
  EXPECT_THAT(error_of([&] { (void)ArrowSource(&released, ArrowColumns{}); }), HasSubstr("not yet released"));
  EXPECT_THAT(error_of([] { (void)ArrowSource(nullptr, ArrowColumns{}); }), HasSubstr("not yet released"));
}

}  // namespace
}  // namespace varimix::tests
