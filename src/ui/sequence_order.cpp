// Which records the sequences table shows, in which order. Sorting 100,000 names takes a tenth of a second,
// so it happens only when something it depends on has changed; a fingerprint tells.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/hash.h"
#include "ui/format.h"
#include "ui/sequences_table.h"

namespace ribostep::ui {
namespace {

using session::Session;

template <class T>
void add(Hash& hash, const T& value) {
  hash.bytes(&value, sizeof value);
}

std::uint64_t fingerprint(const TableState& table, const Session& s) {
  Hash hash;
  add(hash, s.project().data.set.get());
  const session::Predictions& predictions = s.predictions();
  add(hash, predictions.available);
  add(hash, predictions.rows.data());
  add(hash, predictions.rows.size());
  add(hash, predictions.train.loss);
  add(hash, predictions.validation.loss);
  if (!predictions.rows.empty()) add(hash, predictions.rows.front().loss);
  const bio::Labels& labels = s.labels();
  add(hash, labels.of_record.data());
  add(hash, labels.rule);
  add(hash, labels.unlabelled);
  for (const std::string& name : labels.classes) hash.bytes(name.data(), name.size() + 1);
  add(hash, s.split().validation.size());
  if (!s.split().validation.empty()) add(hash, s.split().validation.front());
  hash.bytes(table.search.data(), table.search.size());
  add(hash, table.sort);
  add(hash, table.ascending);
  return hash.value() == 0 ? 1 : hash.value();
}

const session::PredictionRow* prediction(const Session& s, int record) {
  const auto& rows = s.predictions().rows;
  const auto i = static_cast<std::size_t>(record);
  return s.predictions().available && i < rows.size() ? &rows[i] : nullptr;
}

int class_of(const Session& s, int record) {
  const auto i = static_cast<std::size_t>(record);
  return i < s.labels().of_record.size() ? s.labels().of_record[i] : -1;
}

bool matches(const Session& s, int record, const std::string& search) {
  if (search.empty()) return true;
  const bio::Dataset& data = s.data();
  const int cls = class_of(s, record);
  return contains_ignoring_case(data.name(record), search) ||
         contains_ignoring_case(data.description(record), search) ||
         (cls >= 0 && contains_ignoring_case(s.labels().classes[static_cast<std::size_t>(cls)], search));
}

// What a numeric column sorts by. Unknown values are NaN and go last in both directions.
double key(const Session& s, const TableState& table, int record) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  const session::PredictionRow* row = prediction(s, record);
  switch (table.sort) {
    case Column::Index:
    case Column::Name:
      return record;
    case Column::Length:
      return s.data().length(record);
    case Column::Label:
      return class_of(s, record) >= 0 ? class_of(s, record) : kUnknown;
    case Column::Prediction:
      return row != nullptr && row->predicted >= 0 ? row->predicted : kUnknown;
    case Column::Probability:
      return row != nullptr ? static_cast<double>(row->probability) : kUnknown;
    case Column::Loss:
      return row != nullptr && row->loss >= 0 ? static_cast<double>(row->loss) : kUnknown;
    case Column::Set:
      return table.set_of[static_cast<std::size_t>(record)];
  }
  return kUnknown;
}

void sort_by_name(std::vector<int>& order, const bio::Dataset& data, bool ascending) {
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return ascending ? data.name(a) < data.name(b) : data.name(b) < data.name(a);
  });
}

void sort_by_key(std::vector<int>& order, const Session& s, const TableState& table) {
  std::vector<double> keys(static_cast<std::size_t>(s.data().size()));
  for (const int record : order) keys[static_cast<std::size_t>(record)] = key(s, table, record);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const double ka = keys[static_cast<std::size_t>(a)], kb = keys[static_cast<std::size_t>(b)];
    if (std::isnan(ka) || std::isnan(kb)) return !std::isnan(ka) && std::isnan(kb);
    return table.ascending ? ka < kb : kb < ka;
  });
}

void mark(std::vector<std::uint8_t>& set_of, const std::vector<int>& records, std::uint8_t set) {
  for (const int record : records) {
    if (static_cast<std::size_t>(record) < set_of.size()) set_of[static_cast<std::size_t>(record)] = set;
  }
}

}  // namespace

void refresh_order(TableState& table, const Session& s) {
  const std::uint64_t now = fingerprint(table, s);
  if (now == table.built_from) return;
  table.built_from = now;
  ++table.builds;
  const int records = s.data().size();
  table.set_of.assign(static_cast<std::size_t>(records), kNoSet);
  mark(table.set_of, s.split().train, kTrainSet);
  mark(table.set_of, s.split().validation, kValidationSet);
  table.order.clear();
  for (int i = 0; i < records; ++i) {
    if (matches(s, i, table.search)) table.order.push_back(i);
  }
  if (table.sort == Column::Name)
    sort_by_name(table.order, s.data(), table.ascending);
  else
    sort_by_key(table.order, s, table);
}

}  // namespace ribostep::ui
