#pragma once

#include "value_codec.hpp"
#include "varimix/core/require.hpp"
#include "varimix/mixture/mean_variance_mixture.hpp"

namespace varimix {

/// The law of Y is a map of its parameters by their names.
template <Subordinator S>
struct Codec<S> {
  static Json encode(const S& law) {
    MapWriter writer;
    const auto parameters = law.parameters();
    for (std::size_t k = 0; k < parameters.size(); ++k) writer(S::kParameterNames[k], parameters[k]);
    return std::move(writer).take();
  }
  static S decode(const Field& field) {
    MapReader reader(field);
    decltype(std::declval<const S&>().parameters()) parameters{};
    for (std::size_t k = 0; k < parameters.size(); ++k) parameters[k] = reader.get<double>(S::kParameterNames[k]);
    reader.finish();
    return field.guarded([&] { return S::from_parameters(parameters); });
  }
};

/// The names of a model's columns have a key of their own, but in a model that has none: since schema 2.
template <Subordinator S>
struct Codec<MeanVarianceMixture<S>> {
  static Json encode(const MeanVarianceMixture<S>& model) {
    MapWriter writer;
    writer("mu", model.mu());
    writer("gamma", model.gamma());
    writer("L_Sigma", model.L_Sigma());
    writer("subordinator", model.subordinator());
    if (!model.columns().empty()) {
      const auto names = model.columns().names();
      writer(kColumns, std::vector<std::string>(names.begin(), names.end()));
    }
    return std::move(writer).take();
  }
  static MeanVarianceMixture<S> decode(const Field& field) {
    MapReader reader(field);
    auto mu = reader.get<Vector>("mu");
    auto gamma = reader.get<Vector>("gamma");
    auto L_Sigma = reader.get<Matrix>("L_Sigma");
    const S law = reader.get<S>("subordinator");
    std::vector<std::string> names;
    if (reader.has(kColumns)) names = reader.get<std::vector<std::string>>(kColumns);
    reader.finish();
    return field.guarded([&] {
      MeanVarianceMixture<S> model(std::move(mu), std::move(gamma), std::move(L_Sigma), law);
      return reader.has(kColumns) ? std::move(model).with_columns(ColumnNames(std::move(names))) : std::move(model);
    });
  }

 private:
  static constexpr const char* kColumns = "columns";
};

}  // namespace varimix
