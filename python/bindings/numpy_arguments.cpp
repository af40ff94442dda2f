#include "numpy_arguments.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <numpy/arrayobject.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "varimix/core/require.hpp"

namespace varimix::python {
namespace {

nb::object numpy() { return nb::module_::import_("numpy"); }

/// Returns str() of a Python object.
std::string text_of(nb::handle object) { return nb::cast<std::string>(nb::steal(PyObject_Str(object.ptr()))); }

std::string kind_of(const nb::object& array) { return nb::cast<std::string>(array.attr("dtype").attr("kind")); }

/// Returns anything else converted by Python, in varimix.rows.
nb::object converted(const char* function, nb::handle data, const char* name) {
  return nb::module_::import_("varimix.rows").attr(function)(data, name);
}

constexpr std::size_t kBytesOfKey = 2 * sizeof(std::uint64_t);

/// Returns the key of random bytes.
Key key_of_bytes(const nb::object& bytes) {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), nb::cast<nb::bytes>(bytes).data(), kBytesOfKey);
  return Key::from_words(words);
}

/// Returns true for numpy's generators of random numbers, old and new.
bool is_generator(nb::handle value) {
  if (PyLong_CheckExact(value.ptr())) return false;
  const nb::object random = numpy().attr("random");
  return nb::isinstance(value, random.attr("Generator")) || nb::isinstance(value, random.attr("RandomState"));
}

PyArrayObject* array_of(nb::handle array) { return reinterpret_cast<PyArrayObject*>(array.ptr()); }

/// Returns true if `data` is an array of no class of its own.
bool is_plain_array(nb::handle data) {
  static const bool has_numpy = PyArray_ImportNumPyAPI() == 0;
  if (!has_numpy) throw nb::python_error();
  return PyArray_CheckExact(data.ptr());
}

/// Returns true if `data` is a plain array of native floats.
bool is_array_of_floats(nb::handle data) {
  if (!is_plain_array(data)) return false;
  const int type = PyArray_TYPE(array_of(data));
  return (type == NPY_DOUBLE || type == NPY_FLOAT) && PyArray_ISNOTSWAPPED(array_of(data));
}

/// Returns true if `data` is an array of numbers that is to be read as it is.
bool is_array_of_numbers(nb::handle data) {
  if (!nb::isinstance(data, numpy().attr("ndarray"))) return false;
  // numpy.ma is slow to import, and a plain array is not masked
  if (!is_plain_array(data) && nb::isinstance(data, numpy().attr("ma").attr("MaskedArray"))) return false;
  const std::string kind = kind_of(nb::borrow(data));
  const bool is_wide = nb::cast<std::size_t>(data.attr("itemsize")) > sizeof(double);
  return (kind == "f" && !is_wide) || kind == "i" || kind == "u" || kind == "b";
}

/// Returns a numpy array of native floats, without a copy if it is one already.
nb::object native(nb::object array) {
  const auto size = nb::cast<std::size_t>(array.attr("itemsize"));
  const bool is_float = kind_of(array) == "f" && (size == sizeof(double) || size == sizeof(float)) &&
                        nb::cast<bool>(array.attr("dtype").attr("isnative"));
  return is_float ? std::move(array) : array.attr("astype")("float64");
}

/// Returns an array of native floats of any shape.
nb::object as_floats(nb::handle data, const char* name) {
  if (is_array_of_floats(data)) return nb::borrow(data);
  if (PyFloat_Check(data.ptr())) return numpy().attr("asarray")(data);
  return native(is_array_of_numbers(data) ? nb::borrow(data) : converted("numbers_in_memory", data, name));
}

/// Returns names as Python has them: a tuple, or None.
nb::object tuple_or_none(const ColumnNames& columns) {
  return columns.empty() ? nb::none() : nb::object(tuple_of(columns));
}

/// Returns the rows of anything that holds some, as an array of native floats, and sets out_names to the names of their
/// columns, or None. Only data that are no array have names.
nb::object as_rows(nb::handle data, const char* name, const ColumnNames& columns, nb::object& out_names) {
  out_names = nb::none();
  if (is_array_of_floats(data)) return nb::borrow(data);
  if (is_array_of_numbers(data)) return native(nb::borrow(data));
  const nb::object rows =
      nb::module_::import_("varimix.rows").attr("rows_and_names")(data, name, tuple_or_none(columns));
  out_names = rows[1];
  return native(nb::object(rows[0]));
}

/// Returns an array whose strides are whole elements; copies it if a stride is not, or the array is not aligned.
nb::object with_whole_strides(nb::object array) {
  PyArrayObject* const of = array_of(array);
  bool whole = PyArray_ISALIGNED(of);
  for (int k = 0; k < PyArray_NDIM(of); ++k) whole = whole && PyArray_STRIDE(of, k) % PyArray_ITEMSIZE(of) == 0;
  return whole ? array : nb::object(numpy().attr("ascontiguousarray")(array));
}

double* doubles_of(const nb::object& array) { return static_cast<double*>(PyArray_DATA(array_of(array))); }

/// Returns true if the elements of an array of native floats are doubles one after the other, in C order.
bool is_contiguous(const nb::object& array) {
  PyArrayObject* const of = array_of(array);
  return PyArray_TYPE(of) == NPY_DOUBLE && PyArray_IS_C_CONTIGUOUS(of) && PyArray_ISALIGNED(of);
}

RowView view_of(const nb::object& array) {
  PyArrayObject* const of = array_of(array);
  const Index size = PyArray_ITEMSIZE(of);
  const Index rows = PyArray_DIM(of, 0);
  const Index columns = PyArray_DIM(of, 1);
  const Index row_stride = PyArray_STRIDE(of, 0) / size;
  const Index column_stride = PyArray_STRIDE(of, 1) / size;
  if (PyArray_TYPE(of) == NPY_DOUBLE) {
    return RowView::strided(static_cast<const double*>(PyArray_DATA(of)), rows, columns, row_stride, column_stride);
  }
  return RowView::strided(static_cast<const float*>(PyArray_DATA(of)), rows, columns, row_stride, column_stride);
}

nb::object two_dimensional(nb::object array, Index d, const char* name) {
  const int dimensions = PyArray_NDIM(array_of(array));
  if (dimensions == 1) {
    const std::string rows = text_of(array.attr("shape")[0]);
    require(d <= 1, name, "two-dimensional, rows of " + std::to_string(d) + " columns",
            "a one-dimensional array of " + rows);
    return array.attr("reshape")(-1, 1);
  }
  require(dimensions == 2, name, "two-dimensional, one row an observation",
          "an array of " + std::to_string(dimensions) + " dimensions");
  return array;
}

nb::object prepared(nb::handle data, Index d, const char* name, const ColumnNames& columns, nb::object& out_names) {
  return with_whole_strides(two_dimensional(as_rows(data, name, columns, out_names), d, name));
}

}  // namespace

nb::tuple tuple_of(const ColumnNames& columns) {
  nb::list names;
  for (const std::string& name : columns.names()) names.append(name);
  return nb::tuple(names);
}

Rows::Rows(nb::handle data, Index d, const char* name, ColumnNames columns)
    : array_(prepared(data, d, name, columns, names_)), view_(view_of(array_)), columns_(std::move(columns)) {}

ColumnNames Rows::columns() const {
  if (!columns_.empty() || names_.is_none()) return columns_;
  return ColumnNames(nb::cast<std::vector<std::string>>(names_));
}

void Rows::refuse(const BadNumber& bad) const {
  const auto j = static_cast<std::size_t>(bad.column());
  if (columns_.empty() && names_.is_none()) throw bad;
  throw std::invalid_argument(bad.naming(columns_.empty() ? text_of(names_[bad.column()]) : columns_.names()[j]));
}

nb::object chosen(nb::handle data, nb::handle columns) {
  if (columns.is_none()) return nb::borrow(data);
  return nb::module_::import_("varimix.sources").attr("open_source")(data, nb::arg("columns") = columns);
}

Numbers::Numbers(nb::handle data, const char* name) : array_(numpy().attr("atleast_1d")(as_floats(data, name))) {
  require(nb::cast<int>(array_.attr("ndim")) == 1, name, "one-dimensional",
          "an array of " + text_of(array_.attr("ndim")) + " dimensions");
  if (!is_contiguous(array_)) array_ = numpy().attr("array")(array_, nb::arg("dtype") = "float64");
  span_ = {doubles_of(array_), nb::cast<std::size_t>(array_.attr("size"))};
}

ElementwiseArrays::ElementwiseArrays(nb::handle data, const char* name) : array_(as_floats(data, name)) {
  result_ = numpy().attr("empty")(array_.attr("shape"));
  if (!is_contiguous(array_)) {
    numpy().attr("copyto")(result_, array_, nb::arg("casting") = "same_kind");
    array_ = result_;
  }
  const auto size = nb::cast<std::size_t>(result_.attr("size"));
  in_ = {doubles_of(array_), size};
  out_ = {doubles_of(result_), size};
}

nb::object ElementwiseArrays::result() const {
  return nb::cast<int>(result_.attr("ndim")) == 0 ? nb::object(result_.attr("item")()) : result_;
}

Vector to_vector(nb::handle value, const char* name) {
  const nb::object array = numpy().attr("atleast_1d")(as_floats(value, name));
  require(nb::cast<int>(array.attr("ndim")) == 1, name, "one-dimensional",
          "an array of " + text_of(array.attr("ndim")) + " dimensions");
  return to_matrix(array.attr("reshape")(-1, 1), name).col(0);
}

Matrix to_matrix(nb::handle value, const char* name) {
  const nb::object array = with_whole_strides(numpy().attr("atleast_2d")(as_floats(value, name)));
  require(nb::cast<int>(array.attr("ndim")) == 2, name, "two-dimensional",
          "an array of " + text_of(array.attr("ndim")) + " dimensions");
  const RowView view = view_of(array);
  Matrix matrix(view.rows(), view.columns());
  for (Index j = 0; j < view.columns(); ++j) {
    for (Index i = 0; i < view.rows(); ++i) matrix(i, j) = view(i, j);
  }
  return matrix;
}

Key to_key(nb::handle value, const char* name) {
  constexpr const char* kDomain = "an integer >= 0 and below 2^64, an array of them, a numpy.random.Generator or None";
  if (value.is_none()) return key_of_bytes(nb::module_::import_("secrets").attr("token_bytes")(kBytesOfKey));
  if (is_generator(value)) return key_of_bytes(value.attr("bytes")(kBytesOfKey));
  const bool is_object_array = nb::isinstance(value, numpy().attr("ndarray")) && kind_of(nb::borrow(value)) == "O";
  require(!is_object_array, name, kDomain, text_of(value));
  const nb::object words = numpy().attr("asarray")(value, nb::arg("dtype") = "object").attr("ravel")();
  std::vector<std::uint64_t> bits;
  for (const nb::handle word : words) {
    const bool is_integer = nb::hasattr(word, "__index__") && !PyBool_Check(word.ptr());
    std::uint64_t number = 0;
    require(is_integer && nb::try_cast(nb::int_(word), number), name, kDomain, text_of(value));
    bits.push_back(number);
  }
  require(!bits.empty(), name, kDomain, "an empty array");
  return Key::from_words(bits);
}

}  // namespace varimix::python
