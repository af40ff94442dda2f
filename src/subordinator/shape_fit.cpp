#include "varimix/subordinator/shape_fit.hpp"

namespace varimix {

std::string_view name(ShapeLimit limit) noexcept {
  switch (limit) {
    case ShapeLimit::kNone:
      return "none";
    case ShapeLimit::kGaussian:
      return "gaussian";
    case ShapeLimit::kGammaFace:
      return "gamma_face";
    case ShapeLimit::kInverseGammaFace:
      return "inverse_gamma_face";
    case ShapeLimit::kOrderNotIdentified:
      return "order_not_identified";
    case ShapeLimit::kParameterBound:
      return "parameter_bound";
  }
  return "unknown";
}

}  // namespace varimix
