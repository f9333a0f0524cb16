#include "ui/track_values.h"

#include <utility>

namespace ribostep::ui {

void tell_values(TrackValues& out, std::shared_ptr<const LodSource> source, std::vector<std::string> names) {
  out.names = std::move(names);
  out.read = [source = std::move(source), row = std::vector<float>()](int letter, double* to) mutable {
    row.resize(static_cast<std::size_t>(source->rows()));
    source->read(letter, row.data());
    for (std::size_t i = 0; i < row.size(); ++i) to[i] = static_cast<double>(row[i]);
  };
}

std::vector<std::string> unit_columns(const std::string& prefix, int units) {
  std::vector<std::string> names;
  for (int i = 0; i < units; ++i) names.push_back(prefix + "[" + std::to_string(i) + "]");
  return names;
}

}  // namespace ribostep::ui
